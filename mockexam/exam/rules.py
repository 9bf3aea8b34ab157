"""The rules of a form as they stood when an attempt was created: weights, pass mark, what counts, when to retake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

import msgspec

from graders.verdict import Verdict
from mockexam.exam.form import MINUTES, PASS_MARK, RETAKE_DAYS, WEIGHTS
from mockexam.exam.program_rules import ProgramRules

MetricShown = Literal["value", "improvement"]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt is judged by; points and the pass mark are of 100, weights are by category.

    So are `max_submissions`, how many submissions may count in a category, and `cooldown`, the seconds from one press
    to the next; categories that aren't in them have no such limit. `precision` is how many digits of a metric are told,
    None: all. `metric_shown` says of which submissions: each, or only of those that improve on the best told.
    """

    minutes: int = MINUTES
    pass_mark: float = float(PASS_MARK)
    weights: dict[int, float] = msgspec.field(default_factory=lambda: {key: float(one) for key, one in WEIGHTS.items()})
    counts: Literal["last", "best"] = "last"
    retake_days: tuple[int, ...] = RETAKE_DAYS
    retake: Literal["shown", "enforced"] = "shown"
    programs: ProgramRules = ProgramRules()
    max_submissions: dict[int, int] = {}
    cooldown: dict[int, int] = {}
    precision: int | None = None
    metric_shown: MetricShown = "value"


class Judged(Protocol):
    """Anything with a number (1.. in its category) and perhaps a verdict."""

    @property
    def number(self) -> int: ...

    @property
    def verdict(self) -> Verdict | None: ...


AnyJudged = TypeVar("AnyJudged", bound=Judged)


def counted(submissions: Sequence[AnyJudged], counts: Literal["last", "best"] = "last") -> AnyJudged | None:
    """The submission of one category that counts, or None.

    A refused model or a fault of ours never replaces an earlier verdict; of equally good ones the later counts.
    """
    judged = [one for one in submissions if one.verdict is not None and one.verdict.counts]
    if not judged:
        return None
    if counts == "best":
        return max(judged, key=lambda one: (one.verdict.passed if one.verdict else 0, one.number))
    return max(judged, key=lambda one: one.number)


def retake_from(results: Sequence[tuple[datetime, bool]], days: Sequence[int] = RETAKE_DAYS) -> datetime | None:
    """The day from which the original would have let one sit again, or None without a wait.

    `results` are (ended, passed), oldest first. The wait grows with each failure in a row.
    """
    failures = 0
    for _, passed in results:
        failures = 0 if passed else failures + 1
    if failures == 0 or not days:
        return None
    return results[-1][0] + timedelta(days=days[min(failures, len(days)) - 1])
