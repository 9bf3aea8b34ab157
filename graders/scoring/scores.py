"""Turn one pass of predictions into the scores of the tests, and the odds of other draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders import metrics
from graders.contract import Bar, MetricName, Scoring
from graders.scoring import draws, pass_probability
from graders.verdict import TestScore

Floats = NDArray[np.float64]

LOGITS = "The outputs are logits (values outside 0..1): they were scored as Keras does with from_logits=True."


def score(
    predictions: NDArray[Any], labels: NDArray[Any], scoring: Scoring, key: str, press: int = 0
) -> tuple[tuple[TestScore, ...], tuple[float, ...], tuple[str, ...]]:
    """Return the tests' scores, the odds of passing 0..tests of a fresh set, and notes for the candidate.

    `predictions` (n, ...) are finite and shaped as the contract says; `labels` as in `graders.contract.Task`.
    Raises ValueError when hidden set and scoring don't fit each other: a fault of the problem, not of the model.
    """
    sheet = _Sheet(predictions, labels, scoring)
    if scoring.mode == "ladder":
        tests = _climb(sheet, scoring)
        chances = pass_probability.odds_of_ladder(
            sheet.columns, scoring, lambda means: _rungs(sheet, scoring, means), key
        )
    else:
        classes = draws.strata(labels, scoring)
        rows = draws.draw(classes, len(labels), scoring, key, press)
        tests = tuple(_test(sheet, scoring.bars, sheet.columns[chosen].mean(axis=0)) for chosen in rows)
        chances = pass_probability.odds_of_draws(
            sheet.columns, classes, scoring, lambda means: sheet.meets_all(scoring.bars, means), key
        )
    return tests, tuple(float(chance) for chance in chances), sheet.notes


class _Sheet:
    """The columns of all the metrics of a problem side by side, (n, k)."""

    def __init__(self, predictions: NDArray[Any], labels: NDArray[Any], scoring: Scoring) -> None:
        parts: list[Floats] = []
        notes: dict[str, None] = {}
        self._places: dict[MetricName, slice] = {}
        for metric in dict.fromkeys(bar.metric for bar in scoring.bars):
            logits = metrics.are_logits(metric, predictions)
            columns = metrics.columns(metric, predictions, labels, logits=logits)
            start = sum(part.shape[1] for part in parts)
            self._places[metric] = slice(start, start + columns.shape[1])
            parts.append(columns)
            if logits:
                notes[LOGITS] = None
        self.columns = np.ascontiguousarray(np.concatenate(parts, axis=1))
        self.notes = tuple(notes)

    def values(self, metric: MetricName, means: Floats) -> Floats:
        """Return the metric of each draw, (draws,), from column means (draws, k)."""
        return metrics.finish(metric, means[:, self._places[metric]])

    def meets_all(self, bars: Sequence[Bar], means: Floats) -> NDArray[np.bool_]:
        """Return whether each draw meets every bar."""
        met = np.ones(len(means), dtype=np.bool_)
        for bar in bars:
            met &= _meets(bar, self.values(bar.metric, means))
        return met


def _meets(bar: Bar, values: Floats) -> NDArray[np.bool_]:
    if bar.at_most is not None:
        return values <= bar.at_most
    assert bar.at_least is not None  # `Bar` has exactly one of the two
    return values >= bar.at_least


def _test(sheet: _Sheet, bars: Sequence[Bar], mean: Floats) -> TestScore:
    values: dict[str, float] = {bar.metric: float(sheet.values(bar.metric, mean[None])[0]) for bar in bars}
    return TestScore(passed=bool(sheet.meets_all(bars, mean[None])[0]), values=values)


def _climb(sheet: _Sheet, scoring: Scoring) -> tuple[TestScore, ...]:
    mean = sheet.columns.mean(axis=0)[None]
    metric = _ladder_bar(scoring).metric
    value = float(sheet.values(metric, mean)[0])
    return tuple(TestScore(passed=bool(rung), values={metric: value}) for rung in _rungs(sheet, scoring, mean)[0])


def _rungs(sheet: _Sheet, scoring: Scoring, means: Floats) -> NDArray[np.bool_]:
    """Return for each draw and each rung whether it is reached, (draws, tests)."""
    bar = _ladder_bar(scoring)
    values = sheet.values(bar.metric, means)[:, None]
    limits = np.asarray(scoring.ladder)[None]
    return values <= limits if bar.at_most is not None else values >= limits


def _ladder_bar(scoring: Scoring) -> Bar:
    if len(scoring.bars) != 1 or len(scoring.ladder) != scoring.tests:
        raise ValueError(
            f"a ladder needs one bar and {scoring.tests} rungs, not {len(scoring.bars)} and {len(scoring.ladder)}"
        )
    return scoring.bars[0]
