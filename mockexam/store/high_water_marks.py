"""How far things had come, noted apart from the ledger, so that a restored older copy of the ledger is recognised."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from mockexam.exam.attempt import EndReason, Move, State
from mockexam.files.writing import WHOLE, write
from mockexam.store.records import Attempt
from mockexam.store.rows import certain, read

MOST = 40
"""How many attempts are noted: the latest ones."""


MOST_CHANGES = 1 << 53
"""No ledger has changed so often; more would not fit into it either."""


class HighWaterMark(msgspec.Struct, frozen=True, kw_only=True):
    """The furthest that a started attempt is known to have come."""

    state: State
    started_at: datetime
    deadline: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    moves: tuple[Move, ...] = ()

    def applied(self, attempt: Attempt) -> Attempt:
        """The attempt, brought at least as far as this mark, with the earlier deadline."""
        if attempt.deadline is not None:
            attempt = replace(attempt, deadline=min(attempt.deadline, self.deadline))
        if attempt.seen_at is not None:
            attempt = replace(attempt, seen_at=max(attempt.seen_at, self.seen_at))
        if progress(self) <= progress(attempt) or attempt.anchor is None:
            return attempt
        return replace(attempt, state=self.state, ended_at=self.ended_at, end_reason=self.end_reason, moves=self.moves)


class Noted(msgspec.Struct, frozen=True):
    """The ledger's version and its started attempts when it was last written."""

    version: Annotated[int, msgspec.Meta(ge=0, le=MOST_CHANGES)] = 0
    attempts: dict[str, HighWaterMark] = {}


_ORDER: dict[State, int] = {"provisioning": 0, "ready": 1, "running": 2, "moved": 3, "ended": 4}


def progress(of: HighWaterMark | Attempt) -> tuple[int, int]:
    """What only ever grows in the life of an attempt: how often it was moved away or back, then its state."""
    return len(of.moves) + sum(move.imported_at is not None for move in of.moves), _ORDER[of.state]


class HighWaterMarks:
    """The same note in several files; the one furthest ahead counts.

    Written after every transaction and not synced: a power cut may leave an older note, never one ahead of the ledger.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def read(self) -> Noted:
        """The furthest note in any file; a file that can't be read has none."""
        noted = Noted()
        for file in self._files:
            with suppress(OSError, msgspec.MsgspecError, RecursionError):
                noted = _furthest(noted, msgspec.json.decode(file.read_bytes(), type=Noted))
        return noted

    def follow(self, connection: sqlite3.Connection) -> None:
        """Note the ledger's present state."""
        known = self.read()
        now = _furthest(known, _noted(connection))
        if now == known:
            return
        content = msgspec.json.encode(now)
        for file in self._files:
            with suppress(OSError):  # a note that can't be written must not keep anybody from the exam
                _write(file, content)


def _noted(connection: sqlite3.Connection) -> Noted:
    version = int(connection.execute("SELECT version FROM counter").fetchone()[0])
    rows = connection.execute(
        "SELECT id, state, away, started_at, deadline, seen_at, ended_at, end_reason, moves_json FROM attempt"
        " WHERE started_at IS NOT NULL ORDER BY started_at DESC LIMIT ?",
        (MOST,),
    )
    return Noted(version, {row["id"]: _mark(row) for row in rows})


def _mark(row: sqlite3.Row) -> HighWaterMark:
    started = certain(row["started_at"])
    return HighWaterMark(
        state="moved" if row["away"] else row["state"],
        started_at=started,
        deadline=certain(row["deadline"]),
        seen_at=read(row["seen_at"]) or started,
        ended_at=read(row["ended_at"]),
        end_reason=row["end_reason"],
        moves=msgspec.json.decode(row["moves_json"], type=tuple[Move, ...]),
    )


def _furthest(one: Noted, two: Noted) -> Noted:
    attempts = dict(one.attempts)
    for name, mark in two.attempts.items():
        attempts[name] = _further(attempts[name], mark) if name in attempts else mark
    latest = sorted(attempts, key=lambda name: attempts[name].started_at, reverse=True)[:MOST]
    return Noted(max(one.version, two.version), {name: attempts[name] for name in latest})


def _further(one: HighWaterMark, two: HighWaterMark) -> HighWaterMark:
    ahead = two if progress(two) >= progress(one) else one
    return msgspec.structs.replace(
        ahead, deadline=min(one.deadline, two.deadline), seen_at=max(one.seen_at, two.seen_at)
    )


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write(file, content, WHOLE)
