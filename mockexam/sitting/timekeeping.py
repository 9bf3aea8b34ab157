"""What time it is in a running attempt, and what must happen because of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from mockexam.exam.clock import Anchor, Clock, effective_now, remaining, shift_sentence, wall_shift
from mockexam.exam.refusal import RefusalError, SubmissionError
from mockexam.store.attempts import Attempts
from mockexam.store.records import Attempt, Event

SEEN_EVERY = 15.0
"""Seconds between records of the time seen: what a reboot with a clock set back could gain at most."""


class Timekeeper:
    """Ends attempts at their deadline, whoever looks first, and writes down what was done to the clock."""

    def __init__(self, clock: Clock, attempts: Attempts) -> None:
        self._clock = clock
        self._attempts = attempts

    def now(self, attempt: Attempt) -> datetime:
        """The time that counts for this attempt (UTC)."""
        reading = self._clock.reading()
        if attempt.anchor is None or attempt.seen_at is None:
            return reading.utc
        return effective_now(attempt.anchor, attempt.seen_at, reading, attempt.wall_shift)

    def remaining(self, attempt: Attempt) -> float:
        """Seconds left: all of them before the start, none after the end."""
        if attempt.state == "running" and attempt.deadline is not None:
            return remaining(attempt.deadline, self.now(attempt))
        return 0.0 if attempt.state == "ended" else attempt.minutes * 60.0

    def refuse_if_late(self, attempt: Attempt, pressed: datetime) -> None:
        """Raise SubmissionError unless the exam was running at the instant of the press."""
        over = attempt.ended_at or attempt.deadline
        if over is None:
            raise SubmissionError(
                "an exam that is running", f"one that is {attempt.state}", "Start it first.", kind="nothing"
            )
        if pressed >= over:
            raise too_late(over)

    def look(self) -> Attempt | None:
        """The running attempt, if it still runs: one whose time is up is ended, at its deadline's time."""
        for attempt in self._attempts.all("running"):
            now = self.now(attempt)
            self._observe(attempt, now)
            assert attempt.deadline is not None
            if now < attempt.deadline:
                return attempt
            self._attempts.ended(attempt.id, attempt.deadline, "time", "time is up")
        return None

    def _observe(self, attempt: Attempt, now: datetime) -> None:
        """Write down a reboot, a wall clock that was set, and now and then the time itself."""
        assert attempt.anchor is not None
        assert attempt.seen_at is not None
        reading = self._clock.reading()
        rebooted = reading.boot != attempt.anchor.boot or reading.uptime < attempt.anchor.uptime
        moved = wall_shift(attempt.wall_shift, now, reading)
        if not rebooted and moved is None and (now - attempt.seen_at).total_seconds() < SEEN_EVERY:
            return
        anchor = Anchor(now, reading.boot, reading.uptime) if rebooted else None
        shift = attempt.wall_shift if moved is None else attempt.wall_shift + moved
        events = [Event(at=now, kind="restart", detail="the machine was restarted; deadline kept")] if rebooted else []
        if moved is not None:
            events.append(Event(at=now, kind="clock", detail=shift_sentence(moved)))
        # A full disk must not keep anyone from looking; the next look tries again.
        with suppress(RefusalError):
            self._attempts.seen(attempt, now, anchor=anchor, wall_shift=shift, events=events)


def too_late(over: datetime) -> SubmissionError:
    """The refusal of a press after the end."""
    return SubmissionError(
        f"a submission before {over.astimezone():%H:%M:%S}",
        "that the exam is over",
        "What was submitted before then counts; see `mockexam results`.",
    )
