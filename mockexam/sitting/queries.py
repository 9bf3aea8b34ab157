"""What is known about attempts, and the clock that ends them: all that looking at an exam needs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from graders.sentences import Words, sentence
from mockexam.errors import AttemptError
from mockexam.exam.allowance import Allowance, allowance
from mockexam.exam.attempt import Result, Standing
from mockexam.exam.clock import Clock
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.scoring import standing
from mockexam.exam.telling import told
from mockexam.sitting.timekeeping import Timekeeper
from mockexam.store import leases
from mockexam.store.attempts import Attempts
from mockexam.store.high_water_marks import HighWaterMark, HighWaterMarks
from mockexam.store.home import Home
from mockexam.store.journal import interpreters_of
from mockexam.store.ledger import Ledger
from mockexam.store.records import Attempt, Event, Submission
from mockexam.store.sidecar import AttemptRecord, SidecarRecords
from mockexam.store.submissions import Submissions

LOOK_EVERY = 2.0
"""Seconds between looks at the clock on behalf of callers that only ask for the version."""


class ExamQueries:
    """Reads the ledger. Every look ends an attempt whose time is up, as of its deadline.

    It imports little, so that a command that only looks starts fast; ExamService does the rest.
    """

    def __init__(self, home: Home, clock: Clock) -> None:
        self.home = home
        self.clock = clock
        self._boot = clock.reading().boot
        self._ledger = Ledger(home.ledger)
        self._sidecar = SidecarRecords(home.attempts)
        self._marks = HighWaterMarks(home.marks)
        self._notices: list[Words] = []
        self._reconcile()
        self._ledger.after_commit = self._marks.follow
        self._attempts = Attempts(self._ledger)
        self._submissions = Submissions(self._ledger, lambda claim: leases.is_live(claim, self._boot))
        self._time = Timekeeper(clock, self._attempts, self._keep)
        self._looked = float("-inf")
        self._seen: object = None

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.close()

    @property
    def notices(self) -> tuple[Words, ...]:
        """What had to be repaired when the ledger was opened, as sentences to show."""
        return tuple(self._notices)

    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, newest first."""
        self._time.look()
        return self._attempts.all()

    def running(self) -> Attempt | None:
        """The attempt that is running now."""
        return self._time.look()

    def attempt(self, attempt_id: str) -> Attempt:
        """One attempt; raises AttemptError when there is none of that id."""
        self._time.look()
        return self._get(attempt_id)

    def remaining(self, attempt: Attempt) -> float:
        """Seconds left, never negative. Reads no file: call it as often as you like."""
        return self._time.remaining(attempt)

    def version(self) -> int:
        """A number that grows whenever any process changed something worth showing; cheap enough to poll."""
        if self._look_is_due():
            self._looked = time.monotonic()
            if self._ledger.reopen_if_replaced():
                self._reconcile()
            self._time.look()
        self._seen = self._ledger.written()
        return self._ledger.version()

    def may_have_changed(self) -> bool:
        """Whether `version` may have changed, or is due to be asked anyway. Neither reads nor waits."""
        return self._look_is_due() or self._seen != self._ledger.written()

    def _look_is_due(self) -> bool:
        return time.monotonic() - self._looked > LOOK_EVERY

    def journal(self, attempt_id: str) -> tuple[Event, ...]:
        """What happened in an attempt, oldest first."""
        return self._attempts.journal(attempt_id)

    def interpreters(self, attempt_id: str) -> tuple[InterpreterRecord, ...]:
        """With which Pythons the candidate's programs were run in an attempt, in the order of their first use."""
        return interpreters_of(self.journal(attempt_id))

    def submissions(self, attempt_id: str, category: int | None = None) -> tuple[Submission, ...]:
        """The submissions of an attempt, or of one category, in the order they were made."""
        return self._submissions.of(attempt_id, category)

    def told(self, attempt_id: str, category: int | None = None) -> tuple[Submission, ...]:
        """The submissions, with what a candidate may be told of their verdicts; the others are for the ledger's use."""
        rules, everything = self._get(attempt_id).rules, self._submissions.of(attempt_id)
        if rules.metric_shown != "value" or rules.precision is not None:
            tasks = {row.category: row.task for row in self._attempts.problems(attempt_id)}
            everything = told(rules, {key: task.scoring if task else None for key, task in tasks.items()}, everything)
        return tuple(one for one in everything if category in (None, one.category))

    def allowance(self, attempt_id: str, category: int) -> Allowance:
        """What a category still takes."""
        return allowance(self._get(attempt_id).rules, category, self._submissions.of(attempt_id, category))

    def times(self, attempt_id: str) -> dict[int, float]:
        """Seconds spent on each category."""
        return {row.category: row.seconds for row in self._attempts.problems(attempt_id)}

    def standing(self, attempt_id: str) -> Standing:
        """Where the attempt stands: n of five, points, submissions and seconds by category, and the running total."""
        attempt = self._get(attempt_id)
        submissions = self._submissions.of(attempt_id)
        by_category = {
            category: [one for one in submissions if one.category == category] for category in attempt.problems
        }
        return standing(attempt.titles, by_category, attempt.rules, seconds=self.times(attempt_id))

    def result(self, attempt_id: str) -> Result | None:
        """The recorded result, or None while it isn't settled."""
        return self._attempts.result(attempt_id)

    def now(self, attempt: Attempt) -> datetime:
        """The time that counts for an attempt (UTC)."""
        return self._time.now(attempt)

    def mark(self, attempt_id: str) -> HighWaterMark | None:
        """The furthest that a started attempt is known to have come, even if the ledger doesn't know about it."""
        return self._marks.read().attempts.get(attempt_id)

    def kept(self, attempt_id: str) -> AttemptRecord:
        """An attempt with its problems, journal and result, as it is kept beside the ledger."""
        return AttemptRecord(
            attempt=self._get(attempt_id),
            problems=self._attempts.problems(attempt_id),
            journal=self._attempts.journal(attempt_id),
            result=self._attempts.result(attempt_id),
        )

    def sat(self, attempt: Attempt) -> list[tuple[datetime, bool]]:
        """When this person's exams of the same pack ended, up to this one, and whether they were passed; oldest first.

        One that has no result yet counts as it stands.
        """
        until = attempt.ended_at or datetime.max.replace(tzinfo=UTC)
        mine = [one for one in self._attempts.all() if _same_seat(one, attempt)]
        ended = [(over, one.id) for one in mine if (over := self._over(one)) is not None and over <= until]
        return [(at, (self.result(one) or self.standing(one)).passed) for at, one in sorted(ended)]

    def _over(self, attempt: Attempt) -> datetime | None:
        """When an attempt was over; one that was moved away counts as over at its deadline."""
        if attempt.state != "moved" or attempt.deadline is None:
            return attempt.ended_at
        return attempt.deadline if self.now(attempt) >= attempt.deadline else None

    def _get(self, attempt_id: str) -> Attempt:
        attempt = self._attempts.get(attempt_id)
        if attempt is None:
            raise AttemptError(
                sentence("an attempt"),
                sentence("none called {attempt}", attempt=attempt_id),
                sentence("See `mockexam results`."),
                kind="nothing",
            )
        return attempt

    def _keep(self, attempt_id: str) -> None:
        self._sidecar.keep(self.kept(attempt_id))

    def _reconcile(self) -> None:
        from mockexam.sitting.recovery import reconcile

        if done := reconcile(self._ledger, self._sidecar, self._marks):
            self._notices.append(done)


def _same_seat(one: Attempt, other: Attempt) -> bool:
    return one.pack_id == other.pack_id and one.candidate.casefold() == other.candidate.casefold()
