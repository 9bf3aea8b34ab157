"""Metrics of predictions, by their standard names and definitions, in float64; docs/grading.md has their sources."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.metrics.record import Metric
from graders.metrics.table import METRICS, MetricName

Floats = NDArray[np.float64]

# How far a rounded probability may be from 0, 1 or a sum of 1: float16 and bfloat16 models are that coarse.
PROBABILITY_TOLERANCE = 1e-2


def measure(name: MetricName, predictions: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return one metric of one set of predictions; logits are recognised by `are_logits`.

    `predictions` is (n, ...) as the contract's output; `labels` as in `graders.contract.Task`. NaN where the metric is
    undefined for these labels. Raises ValueError when the two don't fit each other, which is a fault of the problem
    and not of the model.
    """
    metric = METRICS[name]
    if metric.of_rows is not None:
        return metric.of_rows(*_fitting(predictions, labels))
    means = columns(metric, predictions, labels, logits=are_logits(metric, predictions)).mean(axis=0)
    return float(metric.finish(means[None])[0])


def columns(metric: Metric, predictions: NDArray[Any], labels: NDArray[Any], *, logits: bool) -> Floats:
    """Return what the metric, a mean over examples, averages: (n, k) in float64.

    With `logits` classification metrics are those of Keras' `from_logits=True`. Raises ValueError as `measure` does.
    """
    assert metric.columns is not None  # `Metric` has either columns or of_rows
    rows = metric.columns(*_fitting(predictions, labels), logits)
    return rows if rows.ndim == 2 else rows[:, None]


def are_logits(metric: Metric, predictions: NDArray[Any]) -> bool:
    """Whether a classification metric was given logits: values further outside 0..1 than rounding explains."""
    if metric.kind != "classification" or not predictions.size:
        return False
    return bool(predictions.min() < -PROBABILITY_TOLERANCE or predictions.max() > 1 + PROBABILITY_TOLERANCE)


def _fitting(predictions: NDArray[Any], labels: NDArray[Any]) -> tuple[Floats, NDArray[Any]]:
    if len(predictions) != len(labels) or not len(labels):
        raise ValueError(f"{len(predictions)} predictions for {len(labels)} labels")
    return np.asarray(predictions, dtype=np.float64), np.asarray(labels)
