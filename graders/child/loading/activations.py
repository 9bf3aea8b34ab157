"""TensorFlow's own activation functions in files of Keras 3: `Dense(10, activation=tf.nn.softmax)`.

Keras 3 writes nothing of such a function but its `__name__`, and can't read it back. The list is closed: a name that
a file holds is compared with these and never looked up anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "softmax_v2": tf.nn.softmax,
    "log_softmax_v2": tf.nn.log_softmax,
    "crelu_v2": tf.nn.crelu,
    "swish": tf.nn.swish,  # tf.nn.silu has this name too
}
"""By the name that Keras 3 writes. All others of tf.nn and tf.math that Keras writes it reads back by itself."""
