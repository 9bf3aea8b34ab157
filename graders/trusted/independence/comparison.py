"""Whether a model answered for a row alone as it did among others: the same, up to the noise of floating point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.contract import Scoring
from graders.metrics.measurement import measure
from graders.metrics.table import METRICS

# Of the spread of the labels: so little changes no score that is worth a threshold. Of an answer: a hundred times what
# sums in another order change in float32.
OF_SPREAD, OF_ANSWER = 1e-3, 1e-5
# Metrics that heed decisions or ranks make much of differences below any tolerance: that many rows may tip over.
ROWS_TIPPED = 1
OF_VALUE = 0.02
BETTER_ROWS, BETTER_BY = 0.6, 0.5
BETTER_ROWS_THAN_ONE, BETTER_BY_THAN_ONE = 0.75, 0.25

Answers = NDArray[np.float32]


class Comparison:
    """Compares answers for some rows of a hidden set, whose labels (n, ...) these are."""

    def __init__(self, labels: NDArray[Any], rows: tuple[int, ...], scoring: Scoring) -> None:
        self._labels = labels[list(rows)]
        self._metrics = tuple(dict.fromkeys(threshold.metric for threshold in scoring.thresholds))
        self._classes = any(METRICS[name].kind == "classification" for name in self._metrics)
        spread = 1.0 if self._classes else float(np.std(labels.astype(np.float64)))
        self._spread = spread if math.isfinite(spread) else 0.0

    def differing(self, alone: Answers, company: Answers) -> int:
        """How many rows (m, ...) were answered differently; all of them where only a metric tells the two apart."""
        first, second = (each.reshape(len(each), -1).astype(np.float64) for each in (alone, company))
        size = np.maximum(np.abs(first), np.abs(second)).max(axis=1, initial=0.0)
        difference = np.abs(first - second).max(axis=1, initial=0.0)
        count = int(np.count_nonzero(~(difference <= OF_SPREAD * self._spread + OF_ANSWER * size)))
        if not count and not all(self._alike(name, alone, company) for name in self._metrics):
            return len(alone)
        return count

    def _alike(self, name: str, alone: Answers, company: Answers) -> bool:
        try:
            first, second = (measure(name, answers, self._labels) for answers in (alone, company))
        except ValueError:  # labels that don't fit: the scoring says so
            return True
        if math.isnan(first) or math.isnan(second):
            return True
        low, high = METRICS[name].range
        if math.isfinite(low) and math.isfinite(high):
            return abs(first - second) <= (ROWS_TIPPED + 0.5) * (high - low) / len(alone)
        return abs(first - second) <= OF_VALUE * max(abs(first), abs(second)) + OF_SPREAD * self._spread

    def gains(self, repeats: list[Answers], single: Answers, company: Answers) -> bool:
        """Whether a model that answers at random or from memory is much better among others than it ever was alone.

        Where company tells nothing, an answer among others is one more of the same kind: the best for one row in
        `len(repeats) + 1`. Variables that change from call to call spoil that, so `repeats` are empty then. Company is
        also compared, more strictly, with what was answered to each row by itself from the state in which the model was
        loaded (`single`).
        """
        beside = self._losses(company)
        if repeats and _much_less(beside, np.stack([*map(self._losses, repeats)]), BETTER_ROWS, BETTER_BY):
            return True
        return _much_less(beside, self._losses(single)[None], BETTER_ROWS_THAN_ONE, BETTER_BY_THAN_ONE)

    def _losses(self, answers: Answers) -> NDArray[np.float64]:
        flat = answers.reshape(len(answers), -1).astype(np.float64)
        losses: NDArray[np.float64] = np.abs(flat - self._targets(answers).reshape(flat.shape)).mean(axis=1)
        return losses

    def _targets(self, answers: Answers) -> NDArray[np.float64]:
        if self._labels.size == answers.size:
            return self._labels.astype(np.float64)
        classes = np.clip(self._labels.astype(np.int64).reshape(-1), 0, answers.shape[-1] - 1)
        if classes.size * answers.shape[-1] != answers.size:
            return np.zeros(answers.shape)
        return np.eye(answers.shape[-1])[classes]


def _much_less(beside: NDArray[np.float64], alone: NDArray[np.float64], rows: float, by: float) -> bool:
    """Whether losses (m,) are less than all others (k, m) for that share of rows, and that much on average."""
    better = float((beside < alone.min(axis=0)).mean())
    return better >= rows and float(beside.mean()) <= by * float(alone.mean(axis=1).min())
