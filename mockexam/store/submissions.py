"""Submissions in the ledger: recorded once, graded by one process at a time, judged once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from graders.verdict import Verdict
from mockexam.store.journal import journalise
from mockexam.store.ledger import Ledger
from mockexam.store.records import Event, Submission
from mockexam.store.rows import encoded, submission_of, written

if TYPE_CHECKING:
    from mockexam.store.snapshots import Snapshot

JUDGED_KEPT = 2000


class Submissions:
    """Reads and writes submissions, and presses: submissions whose file is still being copied.

    `is_live` tells whether a claim's process is still at work.
    """

    def __init__(self, ledger: Ledger, is_live: Callable[[str], bool]) -> None:
        self._ledger = ledger
        self._is_live = is_live
        # By id, and by what differs when a verdict was taken back and replaced: its time and length.
        self._judged: dict[tuple[str, str, int], Submission] = {}

    def of(self, attempt_id: str, category: int | None = None) -> tuple[Submission, ...]:
        """The submissions of an attempt, or of one of its categories, in the order they were made.

        One that was judged is read only once: an exam screen asks for all of them after each submission.
        """
        reading = self._ledger.reading()
        listed = reading.execute(
            "SELECT id, graded_at, length(verdict_json) FROM submission"
            " WHERE attempt_id = ? AND category = coalesce(?, category) ORDER BY pressed_at, category, number",
            (attempt_id, category),
        ).fetchall()
        found = {row["id"]: known for row in listed if (known := self._judged.get(tuple(row)))}
        missing = json.dumps([row["id"] for row in listed if row["id"] not in found])
        for row in reading.execute("SELECT * FROM submission WHERE id IN (SELECT value FROM json_each(?))", (missing,)):
            found[row["id"]] = self._noted(row)
        return tuple(found[row["id"]] for row in listed if row["id"] in found)

    def _noted(self, row: sqlite3.Row) -> Submission:
        submission = submission_of(row)
        if submission.verdict is not None:
            if len(self._judged) >= JUDGED_KEPT:
                self._judged.clear()
            self._judged[row["id"], row["graded_at"], len(row["verdict_json"])] = submission
        return submission

    def get(self, submission_id: str) -> Submission | None:
        """One submission."""
        row = self._ledger.reading().execute("SELECT * FROM submission WHERE id = ?", (submission_id,)).fetchone()
        return submission_of(row) if row else None

    def press(self, attempt_id: str, claim: str) -> int | None:
        """Announce that a file is about to be copied, so that the result waits for it; None once there is a result."""
        with self._ledger.writing(visible=False) as writing:
            done = writing.execute(
                "INSERT INTO press (attempt_id, claim) SELECT id, ? FROM attempt"
                " WHERE id = ? AND result_json IS NULL AND away = 0",
                (claim, attempt_id),
            )
            return done.lastrowid if done.rowcount == 1 else None

    def withdraw(self, press: int) -> None:
        """Take an announcement back: the copy failed."""
        with self._ledger.writing(visible=False) as writing:
            writing.execute("DELETE FROM press WHERE id = ?", (press,))

    def forget_dead_presses(self) -> bool:
        """Forget presses whose process is gone; returns whether none is left."""
        with self._ledger.writing(visible=False) as writing:
            presses = writing.execute("SELECT id, claim FROM press").fetchall()
            dead = [(row["id"],) for row in presses if not self._is_live(row["claim"])]
            writing.executemany("DELETE FROM press WHERE id = ?", dead)
            return len(dead) == len(presses)

    def is_copying(self, attempt_id: str) -> bool:
        """Whether a live process is copying a file for this attempt."""
        rows = self._ledger.reading().execute("SELECT claim FROM press WHERE attempt_id = ?", (attempt_id,)).fetchall()
        return any(self._is_live(row["claim"]) for row in rows)

    def record(
        self,
        press: int,
        attempt_id: str,
        category: int,
        pressed_at: datetime,
        source: Path,
        snapshot: Snapshot,
        claim: str,
        beside: Callable[[Submission], None],
        admit: Callable[[tuple[Submission, ...]], None],
    ) -> Submission:
        """Turn a press into a submission, claimed by the caller; `beside` runs before it is committed.

        `admit` is called with the category's submissions while nobody else writes; it raises to refuse another one.
        """
        with self._ledger.writing() as writing:
            admit(self.of(attempt_id, category))
            number = _next_number(writing, attempt_id, category)
            submission = Submission(
                id=f"{attempt_id}-{category}-{number}",
                attempt_id=attempt_id,
                category=category,
                number=number,
                pressed_at=pressed_at,
                source=source,
                sha256=snapshot.sha256,
                bytes=snapshot.bytes,
                state="recorded",
            )
            beside(submission)
            insert(writing, submission, claim)
            journalise(writing, attempt_id, happened(submission)[0])
            writing.execute("DELETE FROM press WHERE id = ?", (press,))
        return submission

    def take(self, submission_id: str, claim: str) -> bool:
        """Claim a submission for grading; False when it is judged or a live process has it."""
        with self._ledger.writing() as writing:
            row = writing.execute("SELECT state, claim FROM submission WHERE id = ?", (submission_id,)).fetchone()
            if row is None or row["state"] == "done":
                return False
            if row["claim"] not in (None, claim) and self._is_live(row["claim"]):
                return False
            writing.execute("UPDATE submission SET state = 'grading', claim = ? WHERE id = ?", (claim, submission_id))
            return True

    def give_back(self, submission_id: str, claim: str) -> None:
        """Let someone else grade it."""
        with self._ledger.writing() as writing:
            writing.execute(
                "UPDATE submission SET state = 'recorded', claim = NULL WHERE id = ? AND claim = ? AND state != 'done'",
                (submission_id, claim),
            )

    def judge(self, submission: Submission, claim: str, verdict: Verdict, at: datetime) -> bool:
        """Record the verdict; False when the claim was lost, so that a submission is judged exactly once."""
        with self._ledger.writing() as writing:
            done = writing.execute(
                "UPDATE submission SET state = 'done', claim = NULL, verdict_json = ?, graded_at = ?"
                " WHERE id = ? AND claim = ? AND state = 'grading'",
                (encoded(verdict), written(at), submission.id, claim),
            )
            if done.rowcount == 1:
                judged = replace(submission, verdict=verdict, graded_at=at)
                journalise(writing, submission.attempt_id, happened(judged)[1])
            return done.rowcount == 1

    def waiting(self, attempt_id: str | None = None) -> tuple[Submission, ...]:
        """Submissions without a verdict, oldest first."""
        return tuple(submission_of(row) for row in self._waiting_rows(attempt_id))

    def abandoned(self) -> tuple[Submission, ...]:
        """Submissions without a verdict that no live process is grading, oldest first."""
        return tuple(
            submission_of(row)
            for row in self._waiting_rows(None)
            if row["claim"] is None or not self._is_live(row["claim"])
        )

    def _waiting_rows(self, attempt_id: str | None) -> list[sqlite3.Row]:
        return (
            self._ledger.reading()
            .execute(
                "SELECT * FROM submission WHERE state != 'done' AND attempt_id = coalesce(?, attempt_id)"
                " ORDER BY pressed_at, category, number",
                (attempt_id,),
            )
            .fetchall()
        )


def insert(writing: sqlite3.Connection, submission: Submission, claim: str | None) -> None:
    """Insert a submission's row in the current transaction."""
    writing.execute(
        "INSERT INTO submission (id, attempt_id, category, number, pressed_at, source, sha256, bytes, state, claim,"
        " verdict_json, graded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            submission.id,
            submission.attempt_id,
            submission.category,
            submission.number,
            written(submission.pressed_at),
            str(submission.source),
            submission.sha256,
            submission.bytes,
            submission.state,
            claim,
            encoded(submission.verdict),
            written(submission.graded_at),
        ),
    )


def reopen_unable(writing: sqlite3.Connection, attempt_id: str) -> None:
    """Make the last submission of each category pending again if its verdict was our own fault.

    Refused ones are passed over, since they replace nothing.
    """
    writing.execute(
        "UPDATE submission SET state = 'recorded', claim = NULL, verdict_json = NULL, graded_at = NULL"
        " WHERE attempt_id = ? AND json_extract(verdict_json, '$.outcome') = 'unable' AND number ="
        " (SELECT max(other.number) FROM submission AS other"
        "  WHERE other.attempt_id = submission.attempt_id AND other.category = submission.category"
        "  AND coalesce(json_extract(other.verdict_json, '$.outcome'), '') != 'refused')",
        (attempt_id,),
    )


def happened(submission: Submission) -> tuple[Event, ...]:
    """The lines of the journal about a submission: that it was made and, once it is, that it was graded."""
    # untranslated: a journal is a record, kept in one language
    what = f"category {submission.category}, number {submission.number}, {submission.source.name}"
    pressed = Event(at=submission.pressed_at, kind="submitted", detail=what)
    verdict = submission.verdict
    if verdict is None or submission.graded_at is None:
        return (pressed,)
    came = f"{verdict.passed}/{len(verdict.tests)}" if verdict.outcome == "scored" else verdict.outcome
    return pressed, Event(at=submission.graded_at, kind="graded", detail=f"{what}: {came}")


def _next_number(writing: sqlite3.Connection, attempt_id: str, category: int) -> int:
    row = writing.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM submission WHERE attempt_id = ? AND category = ?",
        (attempt_id, category),
    ).fetchone()
    return int(row[0])
