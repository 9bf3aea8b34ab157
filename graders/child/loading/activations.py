"""TensorFlow's own activation functions in files of Keras 3: `Dense(10, activation=tf.nn.softmax)`.

Keras 3 writes nothing of such a function but its `__name__`, and can't read it back. The list is closed: a name that
a file holds is compared with these and never looked up anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import keras
import tensorflow as tf
import tf_keras

FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "softmax_v2": tf.nn.softmax,
    "log_softmax_v2": tf.nn.log_softmax,
    "crelu_v2": tf.nn.crelu,
    "swish": tf.nn.swish,  # tf.nn.silu has this name too
}
"""By the name that Keras 3 writes. All others of tf.nn and tf.math that Keras writes it reads back by itself."""


def is_known(name: str) -> bool:
    """Whether a bare name stands for a function that a layer may be given as its activation."""
    return name in _builtin() or name in FUNCTIONS


@cache
def _builtin() -> frozenset[str]:
    """The names that Keras looks up among its own activations; those of either generation."""
    public = {name for name, one in vars(tf_keras.activations).items() if callable(one)} - _NO_ACTIVATIONS
    layers = {"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"}
    return frozenset(public | set(keras.src.activations.ALL_OBJECTS_DICT) | layers)


_NO_ACTIVATIONS = {"deserialize", "get", "serialize"}
