"""Turn one pass of predictions into the scores of the tests, and the probability that other draws would pass."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graders.contract import Scoring, Threshold
from graders.scoring import draws, pass_probability
from graders.scoring.sheet import Sheet, Values, meets, meets_all
from graders.sentences import Words
from graders.verdict import TestScore

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Scores(NamedTuple):
    """The tests' scores, the probabilities of passing 0..tests of a fresh set, and notes for the candidate.

    `sets` is how many fresh sets the probabilities were counted in, where those are fewer than usual.
    """

    tests: tuple[TestScore, ...]
    pass_probabilities: tuple[float, ...]
    notes: tuple[Words, ...]
    sets: int | None


def score(predictions: NDArray[Any], labels: NDArray[Any], scoring: Scoring, key: str, press: int = 0) -> Scores:
    """Score the tests.

    `predictions` (n, ...) are finite and shaped as the contract says; `labels` as in `graders.contract.Task`.
    Raises ValueError when the hidden set and the scoring don't fit each other: the problem's fault, not the model's.
    """
    if undefined := draws.undefined_metrics(labels, scoring):
        raise ValueError(f"a test may draw labels that are all alike, for which {', '.join(undefined)} is undefined")
    sheet = Sheet(predictions, labels, scoring)
    if scoring.mode == "ladder":
        tests, shares = _graded(sheet, scoring, key)
    else:
        tests, shares = _draws(sheet, draws.strata(labels, scoring), scoring, key, press)
    sets = pass_probability.affordable_sets(sheet, scoring) if sheet.needs_rows else None
    return Scores(tests, tuple(float(share) for share in shares), sheet.notes, sets)


def _draws(
    sheet: Sheet, classes: draws.Classes | None, scoring: Scoring, key: str, press: int
) -> tuple[tuple[TestScore, ...], Floats]:
    def judge(values: Values) -> Flags:
        return meets_all(scoring.thresholds, values)

    values = sheet.of_draws(draws.draw(classes, sheet.rows, scoring, key, press))
    tests = tuple(
        TestScore(passed=bool(passed), values={name: float(each[number]) for name, each in values.items()})
        for number, passed in enumerate(judge(values))
    )
    return tests, pass_probability.of_draws(sheet, classes, scoring, judge, key)


def _graded(sheet: Sheet, scoring: Scoring, key: str) -> tuple[tuple[TestScore, ...], Floats]:
    threshold = _single(scoring)

    def judge(values: Values) -> Flags:
        """Return for each draw and each graded threshold whether it is met, (draws, tests)."""
        return meets(threshold, values[threshold.metric][:, None], np.asarray(scoring.graded_thresholds)[None])

    values = sheet.of_draws([np.arange(sheet.rows)])
    value = float(values[threshold.metric][0])
    tests = tuple(TestScore(passed=bool(met), values={threshold.metric: value}) for met in judge(values)[0])
    return tests, pass_probability.of_graded_thresholds(sheet, scoring, judge, key)


def _single(scoring: Scoring) -> Threshold:
    bars, limits = len(scoring.thresholds), len(scoring.graded_thresholds)
    if bars != 1 or limits != scoring.tests:
        raise ValueError(f"a ladder needs one bar and {scoring.tests} limits, not {bars} and {limits}")
    return scoring.thresholds[0]
