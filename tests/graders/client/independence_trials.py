"""Honest models tried with one key after another, in this process; prints for each how often it was found out.

python -m tests.graders.client.independence_trials KEYS
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
from keras import layers as L  # noqa: N812 - as models are written

from graders.child.loading.keras_models import describe
from graders.child.prediction import Predictor
from graders.contract import Contract, Scoring, Threshold
from graders.frames import Question
from graders.trusted.hidden_set import HiddenSet
from graders.trusted.independence.comparison import Comparison
from graders.trusted.independence.sample import draw
from tests.graders.trusted.independence.series import windows

CLASSES = 4
SERIES = windows(400)
PICTURES = np.random.default_rng(1).random((400, 12, 12, 3)).astype(np.float32)
LABELS = np.random.default_rng(2).integers(0, CLASSES, 400)


def _forecast(*layers: Any) -> Any:
    return keras.Sequential([keras.Input((30, 1)), *layers, L.Dense(1, dtype="float32")])


def _pictures(*layers: Any, dtype: str = "float32") -> Any:
    return keras.Sequential([keras.Input((12, 12, 3)), *layers, L.Dense(CLASSES, "softmax", dtype=dtype)])


def _attention() -> Any:
    inputs = keras.Input((30, 1))
    wide = L.Dense(16)(inputs)
    attended = L.LayerNormalization()(L.MultiHeadAttention(2, 8)(wide, wide) + wide)
    return keras.Model(inputs, L.Dense(1)(L.GlobalAveragePooling1D()(attended)))


def _convolutions() -> list[Any]:
    return [L.Conv2D(16, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(), L.Flatten()]


MODELS: dict[str, Callable[[], Any]] = {
    "dense": lambda: _forecast(L.Flatten(), L.Dense(64, "relu"), L.Dense(64, "relu")),
    "unscaled": lambda: _forecast(L.Rescaling(1e6), L.Flatten(), L.Dense(64, "relu")),
    "lstm": lambda: _forecast(L.LSTM(32, return_sequences=True), L.LSTM(32)),
    "gru": lambda: _forecast(L.Bidirectional(L.GRU(16)), L.Dropout(0.5)),
    "conv1d": lambda: _forecast(L.Conv1D(32, 5, padding="causal"), L.BatchNormalization(), L.Flatten()),
    "attention": _attention,
    "constant": lambda: _forecast(L.Flatten(), L.Dense(4, "relu", bias_initializer=keras.initializers.Constant(-1e9))),
    "pictures": lambda: _pictures(*_convolutions()),
    "separable": lambda: _pictures(L.SeparableConv2D(16, 3), L.DepthwiseConv2D(3), L.GlobalMaxPooling2D()),
    "saturated": lambda: _pictures(L.Rescaling(1e4), *_convolutions()),
}
for policy in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16"):
    MODELS |= {
        f"pictures {policy}": lambda: _pictures(*_convolutions(), dtype=None),  # type: ignore[arg-type]
        f"lstm {policy}": lambda: _forecast(L.LSTM(32, recurrent_initializer="glorot_uniform"), L.Dense(32, "relu")),
    }


def _predictor(name: str, make: Callable[[], Any]) -> tuple[Predictor, Any, HiddenSet, Scoring]:
    keras.config.set_dtype_policy(name.partition(" ")[2] or "float32")
    loaded = describe(make(), 3)
    keras.config.set_dtype_policy("float32")
    series = len(loaded.inputs[0].shape or ()) == 3
    inputs, labels = (SERIES.inputs, SERIES.labels) if series else (PICTURES, LABELS)
    contract = Contract(input_shape=inputs.shape[1:], output_shape=(1,) if series else (CLASSES,))
    threshold = Threshold(metric="mae", at_most=1.0) if series else Threshold(metric="accuracy", at_least=0.5)
    return (
        Predictor(loaded, loaded.inputs[0], contract),
        inputs,
        HiddenSet(inputs, labels),
        Scoring(thresholds=(threshold,)),
    )


def trials(keys: int) -> Iterator[tuple[str, int, float]]:
    """Each model, how many of the keys found it out, and the largest difference, of the largest answer."""
    for name, make in MODELS.items():
        predictor, inputs, hidden, scoring = _predictor(name, make)
        shuffled = inputs[hidden.shuffled(name)]
        company = hidden.in_order(predictor.predict(shuffled, Question(shape=inputs.shape)), name)
        found, worst = 0, 0.0
        for key in range(keys):
            sample = draw(hidden.rows, hidden.order, random.Random(key))
            rows = list(sample.rows)
            alone = predictor.predict(inputs[rows], Question(shape=(len(rows),), together=sample.together))
            found += Comparison(hidden.labels, sample.rows, scoring).differing(alone, company[rows]) > 0
            worst = max(worst, float(np.abs(alone - company[rows]).max() / max(np.abs(company).max(), 1e-30)))
        yield name, found, worst


if __name__ == "__main__":
    keras.utils.set_random_seed(1)
    for each in trials(int(sys.argv[1])):
        print(json.dumps(each), flush=True)
