"""Attempts in the ledger: their rows, problems, time spent, journal and result."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from graders.contract import Task
from mockexam.exam.attempt import EndReason, Move, Result, State
from mockexam.exam.clock import Anchor
from mockexam.store.journal import journalise
from mockexam.store.ledger import Ledger
from mockexam.store.records import Attempt, Event
from mockexam.store.rows import attempt_of, certain, encoded, written
from mockexam.store.submissions import reopen_unable

_STATE = "CASE WHEN away THEN 'moved' ELSE state END"


@dataclass(frozen=True, kw_only=True)
class ProblemRow:
    """A problem as an attempt holds it: fixed when the attempt was created, its task when it was provisioned."""

    category: int
    problem_id: str
    title: str
    grading_key: str
    seconds: float = 0.0
    task: Task | None = None


class Attempts:
    """Reads and writes attempts; every write is one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def all(self, state: State | None = None) -> tuple[Attempt, ...]:
        """Every attempt, newest first."""
        reading = self._ledger.reading()
        where, values = (f"WHERE {_STATE} = ?", (state,)) if state else ("", ())
        rows = reading.execute(f"SELECT * FROM attempt {where} ORDER BY created_at DESC, id", values).fetchall()  # noqa: S608
        return tuple(attempt_of(row, _problem_rows(reading, row["id"])) for row in rows)

    def get(self, attempt_id: str) -> Attempt | None:
        """One attempt."""
        reading = self._ledger.reading()
        row = reading.execute("SELECT * FROM attempt WHERE id = ?", (attempt_id,)).fetchone()
        return attempt_of(row, _problem_rows(reading, attempt_id)) if row else None

    def add(self, attempt: Attempt, problems: Sequence[ProblemRow], detail: str) -> None:
        """Record a new attempt with its problems."""
        self.restore(attempt, problems, (Event(at=attempt.created_at, kind="created", detail=detail),), None)

    def restore(
        self, attempt: Attempt, problems: Sequence[ProblemRow], journal: Sequence[Event], result: Result | None
    ) -> None:
        """Put an attempt back as it was, with its problems, journal and result."""
        with self._ledger.writing() as writing:
            insert_attempt(writing, attempt, problems, journal, result)

    def remove(self, attempt_id: str) -> None:
        """Forget an attempt and all that belongs to it."""
        with self._ledger.writing() as writing:
            delete_attempt(writing, attempt_id)

    def problems(self, attempt_id: str) -> tuple[ProblemRow, ...]:
        """The problems of an attempt, by category."""
        return tuple(
            ProblemRow(
                category=row["category"],
                problem_id=row["problem_id"],
                title=row["title"],
                grading_key=row["grading_key"],
                seconds=row["seconds"],
                task=msgspec.json.decode(row["task_json"], type=Task) if row["task_json"] else None,
            )
            for row in _problem_rows(self._ledger.reading(), attempt_id)
        )

    def provisioned(self, attempt_id: str, tasks: Mapping[int, Task], event: Event) -> bool:
        """Record the tasks and make the attempt ready; False when it was not being provisioned."""
        with self._ledger.writing() as writing:
            for category, task in tasks.items():
                writing.execute(
                    "UPDATE problem SET task_json = ? WHERE attempt_id = ? AND category = ?",
                    (encoded(task), attempt_id, category),
                )
            return _step(writing, attempt_id, "provisioning", "state = 'ready'", (), event)

    def started(self, attempt_id: str, anchor: Anchor, deadline: datetime, event: Event) -> bool:
        """Make a ready attempt run from the anchor's instant; False when it was not ready.

        Raises sqlite3.IntegrityError when another one is running.
        """
        now = written(anchor.utc)
        change = "state = 'running', started_at = ?, deadline = ?, anchor_json = ?, seen_at = ?"
        with self._ledger.writing() as writing:
            return _step(writing, attempt_id, "ready", change, (now, written(deadline), encoded(anchor), now), event)

    def ended(self, attempt_id: str, at: datetime, reason: EndReason, detail: str) -> bool:
        """End a running attempt; False when it was not running, so that only one of several callers ends it.

        The candidate can't submit again now, so the last one of each category is pending again if we couldn't test it.
        """
        with self._ledger.writing() as writing:
            change = "state = 'ended', ended_at = ?, end_reason = ?"
            event = Event(at=at, kind="ended", detail=detail)
            done = _step(writing, attempt_id, "running", change, (written(at), reason), event)
            if done:
                reopen_unable(writing, attempt_id)
            return done

    def depart(self, attempt: Attempt, move: Move, event: Event, is_ready: Callable[[], bool]) -> bool:
        """Move a running attempt away; False when it doesn't run, or `is_ready`, asked while nobody writes, says no."""
        change, moves = "away = 1, moves_json = ?", (*attempt.moves, move)
        with self._ledger.writing() as writing:
            return is_ready() and _step(writing, attempt.id, "running", change, (encoded(moves),), event)

    def seen(
        self, attempt: Attempt, at: datetime, *, anchor: Anchor | None, wall_shift: float, events: Sequence[Event]
    ) -> None:
        """Record the latest effective time, which never goes back, and a new anchor after a reboot.

        Does nothing when another process has written the same `events` since `attempt` was read.
        """
        change = "seen_at = max(coalesce(seen_at, ''), ?), anchor_json = coalesce(?, anchor_json), wall_shift = ?"
        change += " WHERE id = ? AND state = 'running' AND away = 0 AND wall_shift = ? AND anchor_json = ?"
        values = (written(at), encoded(anchor), wall_shift, attempt.id, attempt.wall_shift, encoded(attempt.anchor))
        with self._ledger.writing(visible=bool(events)) as writing:
            if writing.execute(f"UPDATE attempt SET {change}", values).rowcount == 1:  # noqa: S608
                for event in events:
                    journalise(writing, attempt.id, event)

    def add_seconds(self, attempt_id: str, category: int, seconds: float, most: float) -> None:
        """Add to the time spent on a problem, as long as the time on all of them stays within `most` seconds."""
        with self._ledger.writing(visible=False) as writing:
            query = "SELECT sum(seconds) FROM problem WHERE attempt_id = ?"
            (spent,) = writing.execute(query, (attempt_id,)).fetchone()
            writing.execute(
                "UPDATE problem SET seconds = seconds + ? WHERE attempt_id = ? AND category = ?",
                (max(0.0, min(seconds, most - spent)), attempt_id, category),
            )

    def journal(self, attempt_id: str) -> tuple[Event, ...]:
        """The journal, oldest first."""
        rows = self._ledger.reading().execute(
            "SELECT at, kind, detail FROM event WHERE attempt_id = ? ORDER BY id", (attempt_id,)
        )
        return tuple(Event(at=certain(row["at"]), kind=row["kind"], detail=row["detail"]) for row in rows)

    def note_change(self, attempt_id: str, event: Event) -> bool:
        """Add a line to a running attempt's journal unless the last of its kind says the same; whether it was added."""
        if self._is_noted(attempt_id, event):
            return False
        with self._ledger.writing() as writing:
            running = writing.execute(f"SELECT 1 FROM attempt WHERE id = ? AND {_STATE} = 'running'", (attempt_id,))  # noqa: S608
            new = running.fetchone() is not None and not self._is_noted(attempt_id, event)
            if new:
                journalise(writing, attempt_id, event)
        return new

    def _is_noted(self, attempt_id: str, event: Event) -> bool:
        query = "SELECT detail FROM event WHERE attempt_id = ? AND kind = ? ORDER BY id DESC LIMIT 1"
        last = self._ledger.reading().execute(query, (attempt_id, event.kind)).fetchone()
        return last is not None and last[0] == event.detail

    def result(self, attempt_id: str) -> Result | None:
        """The result, once settled."""
        row = self._ledger.reading().execute("SELECT result_json FROM attempt WHERE id = ?", (attempt_id,)).fetchone()
        return msgspec.json.decode(row[0], type=Result) if row and row[0] else None

    def settle(self, attempt_id: str, compute: Callable[[], Result | None]) -> Result | None:
        """The recorded result, or the one computed and recorded now; nobody writes while `compute` reads."""
        with self._ledger.writing() as writing:
            result = self.result(attempt_id)
            if result is None and (result := compute()) is not None:
                writing.execute("UPDATE attempt SET result_json = ? WHERE id = ?", (encoded(result), attempt_id))
        return result


def insert_attempt(
    writing: sqlite3.Connection,
    attempt: Attempt,
    problems: Sequence[ProblemRow],
    journal: Sequence[Event],
    result: Result | None,
) -> None:
    """Insert an attempt with all its rows but submissions in the current transaction."""
    columns = _columns(attempt) | {"result_json": encoded(result)}
    names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
    writing.execute(f"INSERT INTO attempt ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608
    writing.executemany(
        "INSERT INTO problem (attempt_id, category, problem_id, title, grading_key, seconds, task_json)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (attempt.id, row.category, row.problem_id, row.title, row.grading_key, row.seconds, encoded(row.task))
            for row in problems
        ],
    )
    for event in journal:
        journalise(writing, attempt.id, event)


def delete_attempt(writing: sqlite3.Connection, attempt_id: str) -> None:
    """Delete an attempt and all that belongs to it in the current transaction."""
    writing.execute("DELETE FROM submission WHERE attempt_id = ?", (attempt_id,))
    writing.execute("DELETE FROM attempt WHERE id = ?", (attempt_id,))


def _problem_rows(reading: sqlite3.Connection, attempt_id: str) -> list[sqlite3.Row]:
    return reading.execute("SELECT * FROM problem WHERE attempt_id = ? ORDER BY category", (attempt_id,)).fetchall()


def _step(
    writing: sqlite3.Connection,
    attempt_id: str,
    state: State,
    change: str,
    values: tuple[object, ...],
    event: Event,
) -> bool:
    statement = f"UPDATE attempt SET {change} WHERE id = ? AND {_STATE} = ?"  # noqa: S608
    done = writing.execute(statement, (*values, attempt_id, state)).rowcount == 1
    if done:
        journalise(writing, attempt_id, event)
    return done


def _columns(attempt: Attempt) -> dict[str, object]:
    return {
        "id": attempt.id,
        "candidate": attempt.candidate,
        "project": str(attempt.project),
        "pack_id": attempt.pack_id,
        "pack_version": attempt.pack_version,
        "pack_digest": attempt.pack_digest,
        "seed": attempt.seed,
        "language": attempt.language,
        "state": "running" if attempt.state == "moved" else attempt.state,
        "away": attempt.state == "moved",
        "rules_json": encoded(attempt.rules),
        "created_at": written(attempt.created_at),
        "started_at": written(attempt.started_at),
        "deadline": written(attempt.deadline),
        "ended_at": written(attempt.ended_at),
        "end_reason": attempt.end_reason,
        "anchor_json": encoded(attempt.anchor),
        "seen_at": written(attempt.seen_at),
        "wall_shift": attempt.wall_shift,
        "moves_json": encoded(attempt.moves),
    }
