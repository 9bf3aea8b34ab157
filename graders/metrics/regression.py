"""Metrics of regressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graders.metrics.deferred import Deferred
from graders.metrics.record import UNBOUNDED, Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graders.metrics import arrays
    from graders.metrics.arrays import Floats
else:
    np, arrays = Deferred("numpy"), Deferred("graders.metrics.arrays")


def _squared_error(predictions: Floats, labels: NDArray[Any], _: bool) -> Floats:
    return arrays.row_means(np.square(predictions - arrays.aligned(predictions, labels)))


def _absolute_error(predictions: Floats, labels: NDArray[Any], _: bool) -> Floats:
    return arrays.row_means(np.abs(predictions - arrays.aligned(predictions, labels)))


def _root(means: Floats) -> Floats:
    return np.sqrt(means[:, 0])


def _r_squared(predictions: Floats, labels: NDArray[Any]) -> float:
    targets = arrays.aligned(predictions, labels).reshape(len(predictions), -1)
    missed = np.square(targets - predictions.reshape(targets.shape)).sum(axis=0)
    spread = np.square(targets - targets.mean(axis=0)).sum(axis=0)
    unexplained = (missed > 0).astype(np.float64)  # where the targets are all alike, as scikit-learn has it
    np.divide(missed, spread, out=unexplained, where=(targets != targets[0]).any(axis=0))
    return float(1 - unexplained.mean())


# untranslated: definitions and sources stand in the documentation only
METRICS = (
    Metric(
        name="mse",
        label="mse",
        better="lower",
        range=(0, UNBOUNDED),
        kind="regression",
        keras=("mse", "mean_squared_error"),
        definition="mean of (p − y)²",
        source="Keras `losses`, scikit-learn `mean_squared_error`",
        columns=_squared_error,
    ),
    Metric(
        name="mae",
        label="mae",
        better="lower",
        range=(0, UNBOUNDED),
        kind="regression",
        keras=("mae", "mean_absolute_error"),
        definition="mean of abs(p − y)",
        source="Keras `losses`, scikit-learn `mean_absolute_error`",
        columns=_absolute_error,
    ),
    Metric(
        name="rmse",
        label="rmse",
        better="lower",
        range=(0, UNBOUNDED),
        kind="regression",
        keras=("rmse", "root_mean_squared_error"),
        definition="√mse over all values of the test",
        source="Keras `RootMeanSquaredError`",
        columns=_squared_error,
        finish=_root,
    ),
    Metric(
        name="r2",
        label="R²",
        better="higher",
        range=(-UNBOUNDED, 1),
        kind="regression",
        keras=("r2_score", "r2", "R2Score"),
        definition="1 − Σ(y − p)² / Σ(y − ȳ)² of each output over the test, ȳ: mean of y; mean over the outputs",
        source="scikit-learn `r2_score`, Keras `R2Score`",
        of_rows=_r_squared,
        labels_vary=True,
    ),
)
