"""Turn one pass of predictions into the scores of the tests, and the odds of other draws."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graders.contract import Bar, Scoring
from graders.scoring import draws, pass_probability
from graders.scoring.sheet import Sheet, Values, meets, meets_all
from graders.verdict import TestScore

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Scores(NamedTuple):
    """The tests' scores, the odds of passing 0..tests of a fresh set, and notes for the candidate.

    `odds_sets` says how many fresh sets the odds were counted in where those are fewer than usual.
    """

    tests: tuple[TestScore, ...]
    odds: tuple[float, ...]
    notes: tuple[str, ...]
    odds_sets: int | None


def score(predictions: NDArray[Any], labels: NDArray[Any], scoring: Scoring, key: str, press: int = 0) -> Scores:
    """Score the tests.

    `predictions` (n, ...) are finite and shaped as the contract says; `labels` as in `graders.contract.Task`.
    Raises ValueError when hidden set and scoring don't fit each other: a fault of the problem, not of the model.
    """
    if undefined := draws.undefined_metrics(labels, scoring):
        raise ValueError(f"a test may draw labels that are all alike, for which {', '.join(undefined)} is undefined")
    sheet = Sheet(predictions, labels, scoring)
    if scoring.mode == "ladder":
        tests, odds = _ladder(sheet, scoring, key)
    else:
        tests, odds = _draws(sheet, draws.strata(labels, scoring), scoring, key, press)
    sets = pass_probability.affordable_sets(sheet, scoring) if sheet.needs_rows else None
    return Scores(tests, tuple(float(chance) for chance in odds), sheet.notes, sets)


def _draws(
    sheet: Sheet, classes: draws.Classes | None, scoring: Scoring, key: str, press: int
) -> tuple[tuple[TestScore, ...], Floats]:
    def judge(values: Values) -> Flags:
        return meets_all(scoring.bars, values)

    values = sheet.of_draws(draws.draw(classes, sheet.rows, scoring, key, press))
    tests = tuple(
        TestScore(passed=bool(passed), values={name: float(each[number]) for name, each in values.items()})
        for number, passed in enumerate(judge(values))
    )
    return tests, pass_probability.odds_of_draws(sheet, classes, scoring, judge, key)


def _ladder(sheet: Sheet, scoring: Scoring, key: str) -> tuple[tuple[TestScore, ...], Floats]:
    bar = _ladder_bar(scoring)

    def judge(values: Values) -> Flags:
        """Return for each draw and each rung whether it is reached, (draws, tests)."""
        return meets(bar, values[bar.metric][:, None], np.asarray(scoring.ladder)[None])

    values = sheet.of_draws([np.arange(sheet.rows)])
    value = float(values[bar.metric][0])
    tests = tuple(TestScore(passed=bool(rung), values={bar.metric: value}) for rung in judge(values)[0])
    return tests, pass_probability.odds_of_ladder(sheet, scoring, judge, key)


def _ladder_bar(scoring: Scoring) -> Bar:
    if len(scoring.bars) != 1 or len(scoring.ladder) != scoring.tests:
        raise ValueError(
            f"a ladder needs one bar and {scoring.tests} rungs, not {len(scoring.bars)} and {len(scoring.ladder)}"
        )
    return scoring.bars[0]
