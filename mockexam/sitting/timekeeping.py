"""What time it is in a running attempt, and what must happen because of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from graders.sentences import sentence, sentences
from mockexam.errors import AttemptError, RefusalError, SubmissionError
from mockexam.exam.allowance import Allowance, allowance
from mockexam.exam.attempt import FOUND
from mockexam.exam.clock import (
    TOLERANCE,
    Anchor,
    Clock,
    Reading,
    anchored,
    effective_now,
    is_another_boot,
    remaining,
    shift_sentence,
    sleep_sentence,
    wall_shift,
    zone_sentence,
)
from mockexam.store.attempts import Attempts
from mockexam.store.records import Attempt, Event, Submission

SEEN_EVERY = 15.0
"""Seconds between records of the time seen: the most that a reboot with a clock set back could gain."""
TIME_IS_UP = sentence("time is up")


class Timekeeper:
    """Ends attempts at their deadline, whoever looks first, and records what was done to the clock."""

    def __init__(self, clock: Clock, attempts: Attempts, keep: Callable[[str], None] = lambda attempt_id: None) -> None:
        """`keep` is called with the id of an attempt that was ended or has a new line in its journal."""
        self._clock = clock
        self._attempts = attempts
        self._keep = keep

    def now(self, attempt: Attempt) -> datetime:
        """The time that counts for this attempt (UTC)."""
        reading = self._clock.reading()
        if attempt.anchor is None or attempt.seen_at is None:
            return reading.utc
        return effective_now(attempt.anchor, attempt.seen_at, reading, attempt.wall_shift)

    def remaining(self, attempt: Attempt) -> float:
        """Seconds left: all of them before the start, none after the end."""
        if attempt.state in ("running", "moved") and attempt.deadline is not None:
            return remaining(attempt.deadline, self.now(attempt))
        return 0.0 if attempt.state == "ended" else attempt.minutes * 60.0

    def refuse_if_late(self, attempt: Attempt, pressed: datetime) -> None:
        """Raise SubmissionError unless the exam was running at the instant `pressed`."""
        if attempt.state == "moved":
            raise moved_away(attempt)
        over = attempt.ended_at or attempt.deadline
        if over is None:
            raise SubmissionError(
                sentence("an exam that is running"), FOUND[attempt.state], sentence("Start it first."), kind="nothing"
            )
        if pressed >= over:
            raise too_late(over)

    def admit(
        self, attempt: Attempt, category: int, submissions: Sequence[Submission], pressed: datetime | None = None
    ) -> None:
        """Raise SubmissionError if the rules take no submission at `pressed` (now unless given) after these."""
        found, at = allowance(attempt.rules, category, submissions), pressed or self.now(attempt)
        if found.left == 0:
            raise _spent(found, category)
        if found.wait(at):
            raise _too_early(found, category, at, attempt.deadline)

    def look(self) -> Attempt | None:
        """The running attempt, if it still runs: one whose time is up is ended as of its deadline."""
        for attempt in self._attempts.all("running"):
            now = self.now(attempt)
            self._observe(attempt, now)
            assert attempt.deadline is not None
            if now < attempt.deadline:
                return attempt
            if self._attempts.ended(attempt.id, attempt.deadline, "time", TIME_IS_UP.english):
                with suppress(RefusalError):
                    self._keep(attempt.id)
        return None

    def _observe(self, attempt: Attempt, now: datetime) -> None:
        """Record a reboot, a wall clock that was set, and now and then the time itself."""
        assert attempt.anchor is not None
        assert attempt.seen_at is not None
        reading = self._clock.reading()
        anchor, events = _followed(attempt.anchor, now, reading)
        moved = wall_shift(attempt.wall_shift, now, reading)
        if anchor is None and moved is None and (now - attempt.seen_at).total_seconds() < SEEN_EVERY:
            return
        shift = attempt.wall_shift if moved is None else attempt.wall_shift + moved
        if moved is not None:
            events.append(Event(at=now, kind="clock", detail=shift_sentence(moved).english))
        # A full disk must not keep anyone from looking; the next look tries again.
        with suppress(RefusalError):
            self._attempts.seen(attempt, now, anchor=anchor, wall_shift=shift, events=events)
            if events:
                self._keep(attempt.id)


def _followed(anchor: Anchor, now: datetime, reading: Reading) -> tuple[Anchor | None, list[Event]]:
    """A new anchor and what to record, if the machine was restarted, slept, or is now in another time zone."""
    events = []
    if is_another_boot(anchor, reading):
        restarted = sentence("the machine was restarted; deadline kept")
        events.append(Event(at=now, kind="restart", detail=restarted.english))
    elif (slept := reading.asleep - anchor.asleep) >= TOLERANCE:
        events.append(Event(at=now, kind="sleep", detail=sleep_sentence(slept).english))
    if anchor.offsets and reading.offset not in anchor.offsets:
        changed = zone_sentence(anchor.offsets[-1], reading.offset)
        events.append(Event(at=now, kind="zone", detail=changed.english))
    return (anchored(now, reading, anchor.offsets), events) if events else (None, events)


def moved_away(attempt: Attempt) -> AttemptError:
    """The refusal of anything about an attempt that was exported to continue elsewhere."""
    return AttemptError(
        sentence("an exam that runs on this machine"),
        sentence(
            "one that was exported at {time} to go on elsewhere",
            time=f"{attempt.moves[-1].exported_at.astimezone():%H:%M}",
        ),
        sentence("Go on there, or import the exported file here: mockexam import-attempt FILE."),
        kind="nothing",
    )


def too_late(over: datetime) -> SubmissionError:
    """The refusal of a submission after the end."""
    return SubmissionError(
        sentence("a submission before {time}", time=f"{over.astimezone():%H:%M:%S}"),
        sentence("that the exam is over"),
        sentence("What was submitted before then counts; see `mockexam results`."),
    )


def _spent(found: Allowance, category: int) -> SubmissionError:
    """The refusal of one submission more than the pack allows, or than it may turn out to allow."""
    expected = sentences(
        "at most {count} tested submission in category {category}",
        "at most {count} tested submissions in category {category}",
        count=found.most or 0,
        category=category,
    )
    if found.pending:
        return SubmissionError(
            expected,
            sentence("{used} tested and {pending} being tested", used=found.used, pending=found.pending),
            sentence("Wait for the verdict: a model that is refused doesn't use one up."),
            kind="early",
        )
    return SubmissionError(
        expected,
        sentence("{used} tested, so that none is left", used=found.used),
        sentence("What was submitted stands; go on with another category."),
        kind="spent",
    )


def _too_early(found: Allowance, category: int, pressed: datetime, deadline: datetime | None) -> SubmissionError:
    """The refusal of a submission before the wait after the last one is over."""
    assert found.next_at is not None
    seconds = math.ceil(found.wait(pressed))
    if deadline is not None and found.next_at >= deadline:
        advice = sentence("The exam ends before that; what was submitted stands.")
    else:
        advice = sentences("Press again in {count} second.", "Press again in {count} seconds.", count=seconds)
    return SubmissionError(
        sentence(
            "the next submission in category {category} from {time} on",
            category=category,
            time=f"{found.next_at.astimezone():%H:%M:%S}",
        ),
        sentence("one at {time}", time=f"{pressed.astimezone():%H:%M:%S}"),
        advice,
        kind="early",
    )
