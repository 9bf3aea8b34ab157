"""The predictions for a hidden set, prepared so that all metrics of a problem are measured quickly for any draw."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from graders.contract import MetricName, Scoring, Threshold
from graders.metrics import measurement
from graders.metrics.table import METRICS
from graders.scoring.draws import Indices
from graders.sentences import Words, sentence

Floats = NDArray[np.float64]
# Each metric by its name, (draws,).
Values = Mapping[MetricName, Floats]

LARGEST_POWER = 308  # of ten, that a float has
LOGITS = sentence("The outputs are logits (values outside 0..1): they were scored as Keras does with from_logits=True.")


class Sheet:
    """Predictions and labels, and side by side the columns of the metrics that are means over examples, (n, k).

    Raises ValueError when predictions and labels don't fit each other.
    """

    def __init__(self, predictions: NDArray[Any], labels: NDArray[Any], scoring: Scoring) -> None:
        self._predictions = predictions
        self._labels = labels
        self._precision = scoring.precision
        self._names = tuple(dict.fromkeys(threshold.metric for threshold in scoring.thresholds))
        self._of_rows = tuple(name for name in self._names if METRICS[name].of_rows is not None)
        parts: list[Floats] = [np.empty((len(labels), 0))]
        notes: dict[Words, None] = {}
        self._places: dict[MetricName, slice] = {}
        for name in self._names:
            logits = measurement.are_logits(METRICS[name], predictions)
            if logits:
                notes[LOGITS] = None
            if METRICS[name].columns is not None:
                columns = measurement.columns(METRICS[name], predictions, labels, logits=logits)
                start = sum(part.shape[1] for part in parts)
                self._places[name] = slice(start, start + columns.shape[1])
                parts.append(columns)
        self.columns = np.ascontiguousarray(np.concatenate(parts, axis=1))
        self.notes = tuple(notes)

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(self._labels)

    @property
    def width(self) -> int:
        """How many numbers one example contributes to a metric: its columns, or what the model predicts for it."""
        predicted = math.prod(self._predictions.shape[1:]) if self._of_rows else 0
        return int(self.columns.shape[1]) + predicted

    @property
    def needs_rows(self) -> bool:
        """Whether some metric has to be computed from the examples of each draw, not from means of columns."""
        return bool(self._of_rows)

    def of_means(self, means: Floats) -> Values:
        """Return the metrics that are means over examples from column means (draws, k)."""
        return self._told({name: METRICS[name].finish(means[:, place]) for name, place in self._places.items()})

    def of_draws(self, drawn: Iterable[Indices]) -> Values:
        """Return all the metrics of draws, each given by its rows, in the order of the thresholds."""
        means: list[Floats] = []
        measured: dict[MetricName, list[float]] = {name: [] for name in self._of_rows}
        for rows in drawn:
            means.append(self.columns[rows].mean(axis=0))
            for name, values in measured.items():
                values.append(measurement.measure(name, self._predictions[rows], self._labels[rows]))
        of_rows = self._told({name: np.array(values) for name, values in measured.items()})
        found = {**self.of_means(np.stack(means)), **of_rows}
        return {name: found[name] for name in self._names}

    def _told(self, values: Values) -> Values:
        """The values as thresholds are asked of them."""
        if self._precision is msgspec.UNSET:
            return values
        return {name: rounded(each, self._precision) for name, each in values.items()}


def rounded(values: Floats, digits: int) -> Floats:
    """Return the values with so many significant digits, each the float nearest to that decimal.

    x is rounded to the nearest multiple of a unit in the last digit, 10^(⌊log₁₀ abs(x)⌋ − digits + 1); half of one
    goes to the even multiple. 0, NaN and infinities stay as they are.
    """
    usual = np.isfinite(values) & (values != 0)
    whole = np.where(usual, values, 1.0)
    places = digits - 1 - np.floor(np.log10(np.abs(whole)))
    # Powers of ten up to 10^22 are exact: dividing by one gives the float nearest to the decimal, multiplying by its
    # inverse doesn't.
    up, down = (np.power(10.0, np.clip(side, 0, LARGEST_POWER)) for side in (places, -places))
    found: Floats = np.where(usual, np.rint(whole * up / down) / up * down, values)
    return found


def meets_all(thresholds: Sequence[Threshold], values: Values) -> NDArray[np.bool_]:
    """Return whether each draw meets every threshold, (draws,)."""
    met: NDArray[np.bool_] = np.all(
        [meets(threshold, values[threshold.metric], limit_of(threshold)) for threshold in thresholds], axis=0
    )
    return met


def meets(threshold: Threshold, values: Floats, limits: float | Floats) -> NDArray[np.bool_]:
    """Return where the values are at most (or at least, as the threshold says) the limits; the two broadcast."""
    return values <= limits if threshold.at_most is not None else values >= limits


def limit_of(threshold: Threshold) -> float:
    """Return the number that the threshold asks for."""
    limit = threshold.at_most if threshold.at_most is not None else threshold.at_least
    assert limit is not None  # `Threshold` has exactly one of the two
    return limit
