"""Keras' own values of metrics, in a process of its own: an .npz of cases in, an .npz of values out."""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")

import keras
import numpy as np

losses = keras.losses
FUNCTIONS = {
    "sparse_categorical_crossentropy": losses.sparse_categorical_crossentropy,
    "categorical_crossentropy": losses.categorical_crossentropy,
    "binary_crossentropy": losses.binary_crossentropy,
    "mse": losses.mean_squared_error,
    "mae": losses.mean_absolute_error,
}
METRICS = {"rmse": keras.metrics.RootMeanSquaredError, "binary_accuracy": keras.metrics.BinaryAccuracy}
ACCURACIES = {True: keras.metrics.SparseCategoricalAccuracy, False: keras.metrics.CategoricalAccuracy}


def value(metric: str, labels: np.ndarray, predictions: np.ndarray, logits: bool) -> float:
    if metric in FUNCTIONS:
        more = {"from_logits": True} if logits else {}
        return float(np.mean(FUNCTIONS[metric](labels, predictions, **more)))
    made = METRICS[metric]() if metric in METRICS else ACCURACIES[labels.ndim < predictions.ndim]()
    made.update_state(labels, predictions)
    return float(made.result())


cases = np.load(sys.argv[1])
names = sorted({name.rsplit(":", 1)[0] for name in cases.files})
values: dict[str, Any] = {
    name: value(name.split(":")[1], cases[name + ":labels"], cases[name + ":predictions"], "logits" in name)
    for name in names
}
np.savez(sys.argv[2], **values)
