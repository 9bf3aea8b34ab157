"""Metrics of classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graders.metrics.deferred import Deferred
from graders.metrics.record import UNBOUNDED, Metric
from graders.sentences import sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graders.metrics import arrays
    from graders.metrics.arrays import Floats
else:
    np, arrays = Deferred("numpy"), Deferred("graders.metrics.arrays")

# Keras' backend epsilon: probabilities are kept this far from 0 and 1 before a logarithm is taken.
EPSILON = 1e-7


def _accuracy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    guess, truth = arrays.decided(predictions, labels, logits)
    return arrays.row_means(guess == truth)


def _binary_accuracy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    return arrays.row_means((predictions > (0.0 if logits else 0.5)) == (arrays.aligned(predictions, labels) > 0.5))


def _clipped(values: Floats) -> Floats:
    return np.clip(values, EPSILON, 1 - EPSILON)


def _log_softmax(values: Floats) -> Floats:
    shifted = values - values.max(axis=-1, keepdims=True)
    return cast("Floats", shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _sparse_categorical_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    classes = arrays.class_indices(labels, predictions.shape[-1]).reshape(predictions.shape[:-1])
    # Keras takes the logarithms of probabilities for logits, which scales them to a sum of 1.
    scores = _log_softmax(predictions if logits else np.log(_clipped(predictions)))
    return arrays.row_means(-np.take_along_axis(scores, classes[..., None], axis=-1)[..., 0])


def _categorical_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    if labels.shape == predictions.shape:
        targets = labels.astype(np.float64)
    else:
        classes = arrays.class_indices(labels, predictions.shape[-1]).reshape(predictions.shape[:-1])
        targets = np.eye(predictions.shape[-1])[classes]
    if logits:
        return arrays.row_means(-(targets * _log_softmax(predictions)).sum(axis=-1))
    totals = predictions.sum(axis=-1, keepdims=True)
    scaled = _clipped(predictions / np.where(totals == 0, 1.0, totals))
    return arrays.row_means(-(targets * np.log(scaled)).sum(axis=-1))


def _binary_crossentropy(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    targets = arrays.aligned(predictions, labels)
    if logits:
        softplus = np.maximum(predictions, 0) + np.log1p(np.exp(-np.abs(predictions)))
        return arrays.row_means(softplus - targets * predictions)
    kept = _clipped(predictions)
    return arrays.row_means(-(targets * np.log(kept) + (1 - targets) * np.log(1 - kept)))


def _confusion(predictions: Floats, labels: NDArray[Any], logits: bool) -> Floats:
    """Return (n, 3c): for each class whether it was hit, guessed and true, averaged over an example's positions."""
    guess, truth = arrays.decided(predictions, labels, logits)
    width = max(2, predictions.shape[-1] if predictions.ndim > 1 else 1)
    guessed, true = np.eye(width)[guess], np.eye(width)[truth]
    marks = np.concatenate([guessed * true, guessed, true], axis=-1)
    return cast("Floats", marks.reshape(len(marks), -1, 3 * width).mean(axis=1))


def _macro_f1(means: Floats) -> Floats:
    hit, guessed, true = np.split(means, 3, axis=1)
    total = guessed + true
    seen = total > 0  # a class neither true nor guessed says nothing; scikit-learn leaves it out too
    scores = np.divide(2 * hit, total, out=np.zeros_like(total), where=seen)
    return cast("Floats", scores.sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _hits_among_five(predictions: Floats, labels: NDArray[Any], _: bool) -> Floats:
    classes = arrays.class_indices(labels, predictions.shape[-1]).reshape(predictions.shape[:-1])
    # Of equal scores the higher class ranks first, as in scikit-learn; counting all would make a constant model right.
    chosen = np.argsort(predictions, axis=-1, kind="stable")[..., -5:]
    return arrays.row_means((chosen == classes[..., None]).any(axis=-1))


def _area_under_roc(predictions: Floats, labels: NDArray[Any]) -> float:
    truth = arrays.class_indices(arrays.aligned(predictions, labels), 1).reshape(-1) == 1
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _, places, counts = np.unique(predictions.reshape(-1), return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # equal scores share the mean of their ranks
    above = ranks[places.reshape(-1)][truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


# untranslated: definitions and sources stand in the documentation only
METRICS = (
    Metric(
        name="accuracy",
        label=sentence("accuracy"),
        better="higher",
        range=(0, 1),
        kind="classification",
        keras=("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy"),
        definition="share of argmax p = y; with one output, of (p > ½) = y",
        source="Keras `Accuracy` by shape",
        columns=_accuracy,
    ),
    Metric(
        name="binary_accuracy",
        label=sentence("binary accuracy"),
        better="higher",
        range=(0, 1),
        kind="classification",
        outputs=(1, 1),
        keras=("accuracy", "acc", "binary_accuracy"),
        definition="mean of (p > ½) = y over all outputs",
        source="Keras `BinaryAccuracy`",
        columns=_binary_accuracy,
    ),
    Metric(
        name="sparse_categorical_crossentropy",
        label=sentence("sparse categorical crossentropy"),
        better="lower",
        range=(0, UNBOUNDED),
        kind="classification",
        outputs=(2, None),
        keras=("loss", "sparse_categorical_crossentropy"),
        definition="−Σ y·ln q, q = p clipped, then divided by its row's sum",
        source="Keras `losses`",
        columns=_sparse_categorical_crossentropy,
    ),
    Metric(
        name="categorical_crossentropy",
        label=sentence("categorical crossentropy"),
        better="lower",
        range=(0, UNBOUNDED),
        kind="classification",
        outputs=(2, None),
        keras=("loss", "categorical_crossentropy"),
        definition="−Σ y·ln q, q = p divided by its row's sum, then clipped",
        source="Keras `losses`",
        columns=_categorical_crossentropy,
    ),
    Metric(
        name="binary_crossentropy",
        label=sentence("binary crossentropy"),
        better="lower",
        range=(0, UNBOUNDED),
        kind="classification",
        outputs=(1, 1),
        keras=("loss", "binary_crossentropy"),
        definition="−(y·ln q + (1 − y)·ln(1 − q)), q = p clipped",
        source="Keras `losses`",
        columns=_binary_crossentropy,
    ),
    Metric(
        name="macro_f1",
        label=sentence("macro F1"),
        better="higher",
        range=(0, 1),
        kind="classification",
        keras=("f1_score", "macro_f1"),
        definition="mean of 2·hits / (guessed + true) over the classes that are guessed or true in the test",
        source='scikit-learn `f1_score(average="macro")`; Keras\' `F1Score` counts the other classes as 0',
        columns=_confusion,
        finish=_macro_f1,
    ),
    Metric(
        name="top_5_accuracy",
        label=sentence("top-5 accuracy"),
        better="higher",
        range=(0, 1),
        kind="classification",
        outputs=(6, None),
        keras=("sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy"),
        definition="share of examples whose class has one of the five largest p; of equal ones the higher class wins",
        source="scikit-learn `top_k_accuracy_score(k=5)`, Keras `TopKCategoricalAccuracy`, which counts ties as hits",
        columns=_hits_among_five,
    ),
    Metric(
        name="auc",
        label=sentence("ROC AUC"),
        better="higher",
        range=(0, 1),
        kind="classification",
        outputs=(1, 1),
        constant=0.5,
        keras=("auc", "AUC"),
        definition="share of the pairs of a 1 and a 0 in which the 1 has the larger p; pairs of equal p count half",
        source="Hanley and McNeil (1982), scikit-learn `roc_auc_score`; Keras' `AUC` approximates it by 200 thresholds",
        of_rows=_area_under_roc,
        labels_vary=True,
    ),
)
