"""What a candidate is told of verdicts: everything, or of each metric only the best so far (the Ladder)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from graders.contract import Scoring, Threshold
from graders.metrics.table import METRICS, label
from graders.sentences import Sentence, sentence
from graders.verdict import TestScore, Verdict
from mockexam.exam.oracle import ladder_places, ladder_start
from mockexam.exam.rules import MetricShown, Rules

ODDS_PLACES = 2
"""Decimals of a pass probability where a pack has its metrics rounded: whole percent."""


class Telling:
    """Tells the verdicts of one category, one after the other, in the order in which they were judged.

    `best` is the best value told so far of each metric.
    """

    def __init__(self, scoring: Scoring | None, metric_shown: MetricShown) -> None:
        self._scoring = scoring
        self._metric_shown = metric_shown
        self.best: dict[str, float] = {}

    def tell(self, verdict: Verdict) -> Verdict:
        """The verdict as it is told.

        On improvement each metric is one number, its mean over the tests, by the Ladder of Blum and Hardt (2015, see
        `mockexam.exam.oracle`): told, rounded to a step, when it is better than the best so far by more than a step.
        """
        if self._metric_shown == "improvement":
            return self._on_improvement(verdict)
        if self._scoring is None or precision_of(self._scoring) is None or not verdict.pass_probabilities:
            return verdict
        shares = tuple(round(share, ODDS_PLACES) for share in verdict.pass_probabilities)
        return msgspec.structs.replace(verdict, pass_probabilities=shares)

    def _on_improvement(self, verdict: Verdict) -> Verdict:
        notes = [self._note(threshold, verdict) for threshold in self._thresholds(verdict)]
        bare = msgspec.structs.replace(
            verdict,
            # Which of the tests were passed would tell more than how many.
            tests=tuple(TestScore(passed=n < verdict.passed, values={}) for n in range(len(verdict.tests))),
            pass_probabilities=(),
            pass_probability_sets=msgspec.UNSET,
        )
        return bare.with_notes(notes) if notes else bare

    def _thresholds(self, verdict: Verdict) -> list[Threshold]:
        if self._scoring is None or verdict.outcome != "scored":
            return []
        measured = verdict.tests[0].values if verdict.tests else {}
        once = {threshold.metric: threshold for threshold in self._scoring.thresholds}
        return [threshold for name, threshold in once.items() if name in measured]

    def _note(self, threshold: Threshold, verdict: Verdict) -> Sentence:
        """Take a value into account, and say what is told of it."""
        assert self._scoring is not None
        name, places = threshold.metric, ladder_places(threshold, precision_of(self._scoring))
        value = sum(test.values[name] for test in verdict.tests) / len(verdict.tests)
        before, step = self.best.get(name), float(f"1e{-places}")
        start = ladder_start(threshold) if before is None else before
        better = value > start + step if METRICS[name].better == "higher" else value < start - step
        if better:
            self.best[name] = round(value, places)
        told = {
            "metric": label(name),
            "best": _decimal(self.best.get(name, start), places),
            "step": _decimal(step, places),
        }
        if better:
            return sentence("{metric} {best}: the best so far.", **told)
        if before is None:
            return sentence("{metric}: nothing is told before one beats {best} by more than {step}.", **told)
        return sentence(
            "{metric}: the best told is still {best}; one is told that beats it by more than {step}.", **told
        )


class Judged(Protocol):
    """A submission, as far as it matters here."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...

    @property
    def category(self) -> int: ...

    @property
    def number(self) -> int: ...

    @property
    def verdict(self) -> Verdict | None: ...

    @property
    def graded_at(self) -> datetime | None: ...


AnyJudged = TypeVar("AnyJudged", bound=Judged)


def told(
    rules: Rules, scorings: Mapping[int, Scoring | None], submissions: Iterable[AnyJudged]
) -> tuple[AnyJudged, ...]:
    """Submissions of an attempt with their verdicts as they are told; `scorings` by category.

    All submissions judged before have to be among them. They stay in order; what is told of one depends only on those
    judged before it, so that it never changes.
    """
    listed = tuple(submissions)
    if rules.metric_shown == "value" and rules.precision is None:
        return listed
    tellings = {category: Telling(scoring, rules.metric_shown) for category, scoring in scorings.items()}
    verdicts: dict[str, Verdict] = {}
    for one in sorted(listed, key=lambda one: (one.graded_at is None, one.graded_at or 0, one.number)):
        if one.verdict is not None:
            telling = tellings.setdefault(one.category, Telling(None, rules.metric_shown))
            verdicts[one.id] = telling.tell(one.verdict)
    return tuple(replace(one, verdict=verdicts.get(one.id)) for one in listed)


def precision_of(scoring: Scoring) -> int | None:
    """To how many significant digits metrics are rounded; None: not at all."""
    return None if scoring.precision is msgspec.UNSET else scoring.precision


def number(value: float, precision: int | None) -> str:
    """A metric's value as it is shown: rounded to significant digits, or else to four decimals."""
    if precision is None:
        return f"{value:.4f}"
    if not value or not math.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.{precision - 1}e}")
    return _decimal(rounded, precision - 1 - math.floor(math.log10(abs(rounded))))


def _decimal(value: float, places: int) -> str:
    return f"{value:.{max(0, places)}f}"
