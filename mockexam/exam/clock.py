"""The exam's clock: what time it effectively is, how much is left, and which warning is due.

The wall clock is trusted once, when the exam starts; from then on time is counted by the machine's uptime, which
nobody can set. Only after a reboot is the wall clock read again, and it can't go back behind what was seen before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from graders.sentences import Sentence, sentence, sentences

WARNINGS = (60, 30, 15, 5, 1)
"""Minutes left at which the candidate is warned."""

TOLERANCE = 60.0
"""Seconds by which the wall clock may drift or be corrected before the journal mentions it."""


class Reading(msgspec.Struct, frozen=True):
    """The machine's clocks at one moment: wall clock (UTC), which boot it is, seconds since boot (sleep included).

    `asleep` are the seconds of `uptime` that the machine slept, `offset` the local time zone's minutes east of UTC.
    """

    utc: datetime
    boot: str
    uptime: float
    asleep: float = 0.0
    offset: int = 0


class Clock(Protocol):
    """Where readings come from: the system, or a test."""

    def reading(self) -> Reading: ...


class Anchor(msgspec.Struct, frozen=True):
    """A moment whose effective time is known: the time (UTC) when this boot had this uptime.

    `asleep` (seconds) and `offsets` (minutes) are the sleep and the time zones that the journal already has.
    """

    utc: datetime
    boot: str
    uptime: float
    asleep: float = 0.0
    offsets: tuple[int, ...] = ()


def anchored(now: datetime, reading: Reading, offsets: tuple[int, ...] = ()) -> Anchor:
    """An anchor by which the effective time is `now` (UTC) at this reading."""
    known = offsets if reading.offset in offsets else (*offsets, reading.offset)
    return Anchor(now, reading.boot, reading.uptime, reading.asleep, known)


def is_another_boot(anchor: Anchor, reading: Reading) -> bool:
    """Whether the machine was restarted after the anchor, so that its uptime can't be compared with the anchor's."""
    return reading.boot != anchor.boot or reading.uptime < anchor.uptime


def effective_now(anchor: Anchor, seen: datetime, reading: Reading, wall_shift: float = 0.0) -> datetime:
    """The time that counts for the exam; never before `seen`, the latest effective time recorded.

    Same boot: the anchor plus the uptime since, whatever the wall clock says. Another boot: the wall clock, or `seen`
    if that is later. `wall_shift` is how far (seconds) the wall clock was known to differ before the reboot:
    one that was set back is corrected by it, one that was set forward is not, so that neither gains time.
    """
    if not is_another_boot(anchor, reading):
        return max(seen, anchor.utc + timedelta(seconds=reading.uptime - anchor.uptime))
    return max(seen, reading.utc - timedelta(seconds=min(0.0, wall_shift)))


def remaining(deadline: datetime, now: datetime) -> float:
    """Seconds until the deadline, never negative."""
    return max(0.0, (deadline - now).total_seconds())


def warning_due(previous: float, left: float) -> int | None:
    """The warning (minutes) that came due between two looks at the seconds left; the last one if there were several."""
    if left <= 0:
        return None
    passed = [minutes for minutes in WARNINGS if left <= minutes * 60 < previous]
    return min(passed) if passed else None


def wall_shift(noted: float, now: datetime, reading: Reading) -> float | None:
    """How far (seconds) the wall clock has moved against the exam's since the last noted shift; None if it hasn't.

    Negative: set back.
    """
    moved = (reading.utc - now).total_seconds() - noted
    return moved if abs(moved) >= TOLERANCE else None


def shift_sentence(moved: float) -> Sentence:
    """What the journal says when the wall clock has moved by `moved` seconds."""
    span = _span(abs(moved))
    if moved < 0:
        return sentence("clock moved back {span}; deadline kept", span=span)
    return sentence("clock moved forward {span}; deadline kept", span=span)


def sleep_sentence(seconds: float) -> Sentence:
    """What the journal says when the machine was suspended."""
    return sentence("the machine slept {span}; deadline kept", span=_span(seconds))


def zone_sentence(before: int, after: int) -> Sentence:
    """What the journal says when the local time zone, in minutes east of UTC, has changed."""
    return sentence(
        "time zone changed from {before} to {after}; deadline kept", before=_zone(before), after=_zone(after)
    )


def _zone(minutes: int) -> str:
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _span(seconds: float) -> Sentence:
    minutes = round(seconds / 60)
    if minutes < 180:
        return sentence("{minutes} min", minutes=minutes)
    hours = round(minutes / 60)
    if hours < 72:
        return sentence("{hours} h", hours=hours)
    return sentences("{count} day", "{count} days", count=round(hours / 24))
