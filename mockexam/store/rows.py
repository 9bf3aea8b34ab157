"""Between the ledger's rows and the records: instants as ISO texts, structs as JSON."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from graders.verdict import Verdict
from mockexam.exam.attempt import Move
from mockexam.exam.clock import Anchor
from mockexam.exam.rules import Rules
from mockexam.store.records import Attempt, Submission


def written(instant: datetime | None) -> str | None:
    """An instant as the ledger keeps it: UTC, to the microsecond."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds") if instant is not None else None


def read(text: str | None) -> datetime | None:
    """The instant that `written` wrote."""
    return certain(text) if text is not None else None


def certain(text: str) -> datetime:
    """The instant of a column that is never null. Raises ValueError for a text that `written` can't have written."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {text}")
    return instant


def encoded(struct: msgspec.Struct | tuple[msgspec.Struct, ...] | None) -> str | None:
    """A struct, or several, as JSON text."""
    return msgspec.json.encode(struct).decode() if struct is not None else None


def attempt_of(row: sqlite3.Row, problems: Iterable[sqlite3.Row]) -> Attempt:
    """An attempt from its row and the rows of its problems."""
    lines = list(problems)
    anchor = row["anchor_json"]
    return Attempt(
        id=row["id"],
        candidate=row["candidate"],
        project=Path(row["project"]),
        pack_id=row["pack_id"],
        pack_version=row["pack_version"],
        pack_digest=row["pack_digest"],
        seed=row["seed"],
        language=row["language"],
        state="moved" if row["away"] else row["state"],
        rules=msgspec.json.decode(row["rules_json"], type=Rules),
        created_at=certain(row["created_at"]),
        started_at=read(row["started_at"]),
        deadline=read(row["deadline"]),
        ended_at=read(row["ended_at"]),
        end_reason=row["end_reason"],
        problems={line["category"]: line["problem_id"] for line in lines},
        titles={line["category"]: line["title"] for line in lines},
        anchor=msgspec.json.decode(anchor, type=Anchor) if anchor else None,
        seen_at=read(row["seen_at"]),
        wall_shift=float(row["wall_shift"]),
        moves=msgspec.json.decode(row["moves_json"], type=tuple[Move, ...]),
    )


def submission_of(row: sqlite3.Row) -> Submission:
    """A submission from its row."""
    verdict = row["verdict_json"]
    return Submission(
        id=row["id"],
        attempt_id=row["attempt_id"],
        category=row["category"],
        number=row["number"],
        pressed_at=certain(row["pressed_at"]),
        source=Path(row["source"]),
        sha256=row["sha256"],
        bytes=row["bytes"],
        state=row["state"],
        verdict=msgspec.json.decode(verdict, type=Verdict) if verdict else None,
        graded_at=read(row["graded_at"]),
    )
