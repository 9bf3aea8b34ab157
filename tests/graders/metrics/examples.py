"""Raw outputs and labels that fit any metric's record, so that every metric added is tested from the start."""

from __future__ import annotations

from typing import Any

import numpy as np

from graders.metrics.record import Metric

Array = np.ndarray[Any, Any]


def width(metric: Metric) -> int:
    """How many outputs a metric's example has."""
    fewest, most = metric.outputs
    return fewest if most == fewest else fewest + 2


def activation(metric: Metric) -> str:
    """What turns raw outputs into predictions."""
    if metric.kind == "regression":
        return "linear"
    return "softmax" if width(metric) > 1 else "sigmoid"


def labels(metric: Metric, rows: int, seed: int = 0) -> Array:
    """Targets (rows, width) that vary, or classes (rows,) with every class among them where there are rows enough."""
    random = np.random.default_rng(seed)
    if metric.kind == "regression":
        return random.normal(size=(rows, width(metric)))
    return random.permutation(np.arange(rows) % max(2, width(metric)))


def perfect(metric: Metric, truth: Array) -> Array:
    """Raw outputs (rows, width) of a model that is always right, and certain."""
    if metric.kind == "regression":
        return truth
    if width(metric) == 1:
        return np.where(truth[:, None] == 1, 40.0, -40.0)
    return 80.0 * np.eye(width(metric))[truth]


def noisy(metric: Metric, truth: Array, noise: float, seed: int = 1) -> Array:
    """Raw outputs that are further from the truth the more noise there is."""
    unit = 1.0 if metric.kind == "regression" else 0.05
    random = np.random.default_rng(seed)
    return perfect(metric, truth) * unit + noise * random.normal(size=(len(truth), width(metric)))


def activated(metric: Metric, raw: Array) -> Array:
    """Predictions from raw outputs."""
    if activation(metric) == "softmax":
        powers: Array = np.exp(raw - raw.max(axis=-1, keepdims=True))
        shares: Array = powers / powers.sum(axis=-1, keepdims=True)
        return shares
    return 1 / (1 + np.exp(-raw)) if activation(metric) == "sigmoid" else raw
