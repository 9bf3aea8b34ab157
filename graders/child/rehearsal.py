"""What a waiting child does until its submission comes: run two tiny models, so that the real one finds it warm.

The first model of a process pays for more than itself: TensorFlow's context and threads, memory that a forked process
copies when it is first touched, code that Python has not run yet. It is the same work for every model.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras.src.legacy.saving import legacy_h5_format

from graders.child.loading import keras_models
from graders.child.prediction import Predictor
from graders.contract import Contract
from graders.frames import Question

ROWS = 3


def start_threads() -> None:
    """Start the threads of TensorFlow, which ends the process where the system has none left.

    Not a model's fault, so it must happen before the model is opened.
    """
    tf.linalg.matmul(tf.ones((1, 1)), tf.ones((1, 1)))


def rehearse(over: Callable[[], bool]) -> None:
    """Rehearse until `over()`, which is asked before each step, or to the end. Leaves nothing behind but warmth."""
    rehearsed = False
    for model, shape in ((_picture, (8, 8, 1)), (_text, (5,))):
        if over():
            break
        _run(_through_a_file(model(shape)), shape)
        rehearsed = True
    if rehearsed:
        keras.backend.clear_session()  # a model that names its layers must find every name free


def _picture(shape: tuple[int, ...]) -> Any:
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(2, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(4, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )


def _text(shape: tuple[int, ...]) -> Any:
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Embedding(4, 2),
            layers.Bidirectional(layers.LSTM(2)),
            layers.Dense(2, activation="softmax"),
        ]
    )


def _through_a_file(model: Any) -> Any:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        legacy_h5_format.save_model_to_hdf5(model, file, include_optimizer=False)
    with h5py.File(content, "r") as file:
        return legacy_h5_format.load_model_from_hdf5(file, compile=False)


def _run(model: Any, shape: tuple[int, ...]) -> None:
    loaded = keras_models.describe(model, 3)
    contract = Contract(input_shape=shape, output_shape=(2,))
    rows = np.zeros((ROWS, *shape), np.float32)
    predictor = Predictor(loaded, loaded.inputs[0], contract)
    predictor.try_out(rows.shape, rows.dtype)
    predictor.predict(rows, Question(shape=rows.shape))
