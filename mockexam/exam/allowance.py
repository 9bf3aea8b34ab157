"""How many submissions a category still takes, and from when on: a pack's limits applied to what was pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol

from graders.sentences import Sentence, Words, joined, sentence, sentences
from mockexam.exam.rules import Judged, Rules

LONGEST_WAIT = 24 * 3600
"""Seconds; the most that a pack may ask for."""


class Pressed(Judged, Protocol):
    """Anything submitted that knows when, in the exam's time (UTC)."""

    @property
    def pressed_at(self) -> datetime: ...


class Allowance(NamedTuple):
    """What a category still takes: `used` of `most` submissions count, `pending` may yet; None: any number.

    `next_at` is the instant (UTC, exam's time) before which nothing is taken, None without a wait.
    """

    most: int | None = None
    used: int = 0
    pending: int = 0
    next_at: datetime | None = None

    @property
    def left(self) -> int | None:
        """How many submissions may still be made, those that are being tested taken off; None: any number."""
        return None if self.most is None else max(0, self.most - self.used - self.pending)

    def wait(self, now: datetime) -> float:
        """Seconds from `now` until the next submission is taken, never negative."""
        return 0.0 if self.next_at is None else max(0.0, (self.next_at - now).total_seconds())


def allowance(rules: Rules, category: int, submissions: Sequence[Pressed]) -> Allowance:
    """What `rules` leave of a category, after these submissions of it.

    Refused ones and those that couldn't be tested use none up, but each starts the wait.
    """
    judged = [one.verdict for one in submissions if one.verdict is not None]
    seconds, last = rules.cooldown.get(category), max((one.pressed_at for one in submissions), default=None)
    return Allowance(
        most=rules.max_submissions.get(category),
        used=sum(verdict.counts for verdict in judged),
        pending=len(submissions) - len(judged),
        next_at=last + timedelta(seconds=min(seconds, LONGEST_WAIT)) if seconds and last is not None else None,
    )


def breaches(rules: Rules, category: int, submissions: Sequence[Pressed]) -> Iterator[Sentence]:
    """Where submissions of a category, as somebody states them, go beyond the rules; worded to follow "found"."""
    found = allowance(rules, category, submissions)
    if found.most is not None and found.used > found.most:
        yield sentence(
            "{used} tested submissions in category {category}, which takes {most}",
            used=found.used,
            category=category,
            most=found.most,
        )
    seconds, times = rules.cooldown.get(category, 0), sorted(one.pressed_at for one in submissions)
    for earlier, later in pairwise(times):
        if (later - earlier).total_seconds() < seconds:
            yield sentence(
                "a submission in category {category} {after} s after the one before, where {seconds} s have to pass",
                category=category,
                after=f"{(later - earlier).total_seconds():.0f}",
                seconds=seconds,
            )
            return


_COUNTS = {
    "best": sentence("the best graded submission counts"),
    "last": sentence("the last graded submission counts"),
}


def told(rules: Rules) -> Iterator[Sentence]:
    """The rules on submissions in words, for all categories."""
    categories = sorted(rules.weights)
    counts = _COUNTS[rules.counts]
    most = {category: rules.max_submissions.get(category) for category in categories}
    if not any(most.values()):
        yield sentence("Submit as often as you like: {counts}.", counts=counts)
    elif len(set(most.values())) == 1:
        yield sentences(
            "Each problem takes {count} tested submission: {counts}.",
            "Each problem takes {count} tested submissions: {counts}.",
            count=most[categories[0]] or 0,
            counts=counts,
        )
    else:
        limits = _by_category({category: _times(number) for category, number in most.items()})
        yield sentence("Tested submissions are limited ({limits}): {counts}.", limits=limits, counts=counts)
    if any(most.values()):
        yield sentence("A model that is refused, or that couldn't be tested, doesn't use one up.")
    yield from _waits(rules, categories)
    yield from _metrics(rules)


def told_of(rules: Rules, category: int) -> Iterator[Sentence]:
    """The limits of one category, in a few words; nothing without any."""
    if most := rules.max_submissions.get(category):
        yield sentences("{count} tested submission", "{count} tested submissions", count=most)
    if seconds := rules.cooldown.get(category):
        yield sentence("{span} apart", span=_span(seconds))


def _waits(rules: Rules, categories: Sequence[int]) -> Iterator[Sentence]:
    waits = {category: rules.cooldown.get(category, 0) for category in categories}
    if not any(waits.values()):
        return
    if len(set(waits.values())) == 1:
        yield sentence(
            "Between two presses on a problem lie at least {span}, whatever came of the first.",
            span=_span(waits[categories[0]]),
        )
    else:
        spans = {category: _span(seconds) if seconds else sentence("no wait") for category, seconds in waits.items()}
        yield sentence(
            "Between two presses on a problem lies a wait ({waits}), whatever came of the first.",
            waits=_by_category(spans),
        )


def _metrics(rules: Rules) -> Iterator[Sentence]:
    if rules.precision is not None:
        yield sentences(
            "Metrics are rounded to {count} digit before a test asks for them.",
            "Metrics are rounded to {count} digits before a test asks for them.",
            count=rules.precision,
        )
    if rules.metric_shown == "improvement":
        yield sentence(
            "A metric is told only when it beats the best one told so far; how many tests the last model passed is "
            "told always."
        )


def _times(number: int | None) -> Words:
    return sentence("any number") if number is None else str(number)


def _by_category(values: Mapping[int, Words]) -> Words:
    """As in "category 1: 10, category 5: 3"."""
    listed = [sentence("category {category}: {value}", category=key, value=value) for key, value in values.items()]
    return joined(listed, ", ")


def _span(seconds: int) -> Sentence:
    if seconds % 60 == 0:
        return sentences("{count} minute", "{count} minutes", count=seconds // 60)
    return sentences("{count} second", "{count} seconds", count=seconds)
