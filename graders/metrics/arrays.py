"""Predictions and labels brought into shapes that fit each other, and averaged by example."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def _are_indices_beyond_one_hot(labels: NDArray[Any]) -> bool:
    """Whether (n, t) labels are t class indices an example, where t happens to equal the number of classes."""
    return bool((labels < 0).any() or (labels > 1).any() or not np.allclose(labels.sum(axis=-1), 1))


def aligned(predictions: Floats, labels: NDArray[Any]) -> Floats:
    """Return the labels in the predictions' shape; (n,) and (n, 1) mean the same, anything else would broadcast."""
    if labels.size != predictions.size:
        raise ValueError(f"labels of shape {labels.shape} don't fit predictions of shape {predictions.shape}")
    return labels.astype(np.float64).reshape(predictions.shape)


def row_means(values: NDArray[Any]) -> Floats:
    """Return the mean over the positions of each example, (n,)."""
    return cast(Floats, values.reshape(len(values), -1).mean(axis=1, dtype=np.float64))


def decided(predictions: Floats, labels: NDArray[Any], logits: bool) -> tuple[Ints, Ints]:
    """Return predicted and true classes: the largest of several outputs, or one output against the middle."""
    if predictions.ndim > 1 and predictions.shape[-1] > 1:
        truth = class_indices(labels, predictions.shape[-1])
        guess = cast(Ints, predictions.argmax(axis=-1))
        if truth.size != guess.size:
            raise ValueError(f"labels of shape {labels.shape} don't fit predictions of shape {predictions.shape}")
        return guess, truth.reshape(guess.shape)
    middle = 0.0 if logits else 0.5
    return (predictions > middle).astype(np.int64), np.rint(aligned(predictions, labels)).astype(np.int64)
