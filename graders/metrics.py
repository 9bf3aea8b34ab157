"""The metrics a problem may ask for, by their standard names and definitions, in float64.

Every metric is a function of *columns*: per-example sums that are averaged over the examples of a test. That lets one
pass over the predictions serve any number of draws. docs/grading.md gives each formula and its source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from graders.contract import MetricName

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Keras' backend epsilon: probabilities are kept this far from 0 and 1 before a logarithm is taken.
EPSILON = 1e-7

# What a rounded probability may miss 0, 1 or a sum of 1 by: float16 and bfloat16 models are that coarse.
PROBABILITY_TOLERANCE = 1e-2

CLASSIFICATION: frozenset[MetricName] = frozenset(
    (
        "accuracy",
        "binary_accuracy",
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
        "macro_f1",
    )
)


def measure(metric: MetricName, predictions: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return one metric of one set of predictions; logits are recognised by `are_logits`.

    `predictions` is (n, ...) as the contract's output; `labels` as in `graders.contract.Task`. Raises ValueError when
    the two don't fit each other, which is a fault of the problem and not of the model.
    """
    per_row = columns(metric, predictions, labels, logits=are_logits(metric, predictions))
    return float(finish(metric, per_row.mean(axis=0)[None])[0])


def columns(metric: MetricName, predictions: NDArray[Any], labels: NDArray[Any], *, logits: bool = False) -> Floats:
    """Return what the metric averages: (n, k) with k = 1, or 3 for each class for macro F1.

    With `logits` classification metrics are those of Keras' `from_logits=True`.
    """
    predictions = np.asarray(predictions, dtype=np.float64)
    if len(predictions) != len(labels) or not len(labels):
        raise ValueError(f"{len(predictions)} predictions for {len(labels)} labels")
    rows = _COLUMNS[metric](predictions, np.asarray(labels), logits)
    return rows if rows.ndim == 2 else rows[:, None]


def finish(metric: MetricName, means: Floats) -> Floats:
    """Turn column means (draws, k) into metric values (draws,)."""
    if metric == "rmse":
        return np.sqrt(means[:, 0])
    if metric == "macro_f1":
        return _macro_f1(means)
    return means[:, 0]


def class_indices(labels: NDArray[Any], width: int) -> Ints:
    """Return labels as class indices, whether they came as indices or one-hot over `width` classes.

    Raises ValueError for an index outside 0..width-1.
    """
    if width > 1 and labels.ndim > 1 and labels.shape[-1] == width and not _are_indices_beyond_one_hot(labels):
        return cast(Ints, labels.argmax(axis=-1))
    indices = labels[..., 0] if labels.ndim > 1 and labels.shape[-1] == 1 else labels
    indices = np.rint(np.asarray(indices, dtype=np.float64)).astype(np.int64)
    if indices.size and (indices.min() < 0 or indices.max() >= max(width, 2)):
        raise ValueError(f"class labels run from {indices.min()} to {indices.max()}, outside 0..{max(width, 2) - 1}")
    return indices


def are_logits(metric: MetricName, predictions: NDArray[Any]) -> bool:
    """Whether a classification metric was given logits: values outside 0..1 by more than rounding explains."""
    if metric not in CLASSIFICATION or not predictions.size:
        return False
    return bool(predictions.min() < -PROBABILITY_TOLERANCE or predictions.max() > 1 + PROBABILITY_TOLERANCE)


def _are_indices_beyond_one_hot(labels: NDArray[Any]) -> bool:
    """Whether (n, t) labels are t class indices for each example and only by chance as wide as the classes."""
    return bool((labels < 0).any() or (labels > 1).any() or not np.allclose(labels.sum(axis=-1), 1))


def _aligned(predictions: Floats, labels: NDArray[Any]) -> Floats:
    """Return the labels in the predictions' shape; (n,) and (n, 1) mean the same, anything else would broadcast."""
    if labels.size != predictions.size:
        raise ValueError(f"labels of shape {labels.shape} don't fit predictions of shape {predictions.shape}")
    return labels.astype(np.float64).reshape(predictions.shape)


def _row_means(values: NDArray[Any]) -> Floats:
    return cast(Floats, values.reshape(len(values), -1).mean(axis=1, dtype=np.float64))


def _decided(predictions: Floats, labels: NDArray[Any], logits: bool) -> tuple[Ints, Ints]:
    """Return predicted and true classes: the largest of several outputs, or one output against the middle."""
    if predictions.ndim > 1 and predictions.shape[-1] > 1:
        truth = class_indices(labels, predictions.shape[-1])
        guess = cast(Ints, predictions.argmax(axis=-1))
        if truth.size != guess.size:
            raise ValueError(f"labels of shape {labels.shape} don't fit predictions of shape {predictions.shape}")
        return guess, truth.reshape(guess.shape)
    middle = 0.0 if logits else 0.5
    return (predictions > middle).astype(np.int64), np.rint(_aligned(predictions, labels)).astype(np.int64)


def _accuracy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    guess, truth = _decided(predictions, labels, logits)
    return _row_means(guess == truth)


def _binary_accuracy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    return _row_means((predictions > (0.0 if logits else 0.5)) == (_aligned(predictions, labels) > 0.5))


def _clipped(values: Floats) -> Floats:
    return np.clip(values, EPSILON, 1 - EPSILON)


def _log_softmax(values: Floats) -> Floats:
    shifted = values - values.max(axis=-1, keepdims=True)
    return cast(Floats, shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _sparse_categorical_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    classes = class_indices(labels, predictions.shape[-1]).reshape(predictions.shape[:-1])
    # Keras takes the logarithms of probabilities for logits, which scales them to a sum of 1.
    scores = _log_softmax(predictions if logits else np.log(_clipped(predictions)))
    return _row_means(-np.take_along_axis(scores, classes[..., None], axis=-1)[..., 0])


def _categorical_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    if labels.shape == predictions.shape:
        targets = labels.astype(np.float64)
    else:
        classes = class_indices(labels, predictions.shape[-1]).reshape(predictions.shape[:-1])
        targets = np.eye(predictions.shape[-1])[classes]
    if logits:
        return _row_means(-(targets * _log_softmax(predictions)).sum(axis=-1))
    totals = predictions.sum(axis=-1, keepdims=True)
    scaled = _clipped(predictions / np.where(totals == 0, 1.0, totals))
    return _row_means(-(targets * np.log(scaled)).sum(axis=-1))


def _binary_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    targets = _aligned(predictions, labels)
    if logits:
        softplus = np.maximum(predictions, 0) + np.log1p(np.exp(-np.abs(predictions)))
        return _row_means(softplus - targets * predictions)
    kept = _clipped(predictions)
    return _row_means(-(targets * np.log(kept) + (1 - targets) * np.log(1 - kept)))


def _squared_error(predictions: Floats, labels: NDArray[Any], _: bool) -> Floats:
    return _row_means(np.square(predictions - _aligned(predictions, labels)))


def _absolute_error(predictions: Floats, labels: NDArray[Any], _: bool) -> Floats:
    return _row_means(np.abs(predictions - _aligned(predictions, labels)))


def _confusion(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    """Return (n, 3c): for each class whether it was hit, guessed and true, averaged over an example's positions."""
    guess, truth = _decided(predictions, labels, logits)
    width = max(2, predictions.shape[-1] if predictions.ndim > 1 else 1)
    guessed, true = np.eye(width)[guess], np.eye(width)[truth]
    marks = np.concatenate([guessed * true, guessed, true], axis=-1)
    return cast(Floats, marks.reshape(len(marks), -1, 3 * width).mean(axis=1))


def _macro_f1(means: Floats) -> Floats:
    hit, guessed, true = np.split(means, 3, axis=1)
    total = guessed + true
    seen = total > 0  # a class neither true nor guessed says nothing; scikit-learn leaves it out too
    scores = np.divide(2 * hit, total, out=np.zeros_like(total), where=seen)
    return cast(Floats, scores.sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


_COLUMNS: dict[MetricName, Callable[[Floats, NDArray[Any], bool], Floats]] = {
    "accuracy": _accuracy,
    "binary_accuracy": _binary_accuracy,
    "sparse_categorical_crossentropy": _sparse_categorical_crossentropy,
    "categorical_crossentropy": _categorical_crossentropy,
    "binary_crossentropy": _binary_crossentropy,
    "mse": _squared_error,
    "rmse": _squared_error,
    "mae": _absolute_error,
    "macro_f1": _confusion,
}
