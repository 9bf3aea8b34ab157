"""The rest of the kinds in kinds.py: settings, fixed batches, and what a candidate wrote.

Those in REFUSED_KINDS need code that no file holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from kinds import KERAS_3, ROWS, VERSION, L, keras, kind, sequential, values  # type: ignore[import-not-found]

_HOMES: tuple[Any, ...] = (getattr(keras, "saving", None), keras.utils)
registered: Any = next(
    (home.register_keras_serializable for home in _HOMES if hasattr(home, "register_keras_serializable")),
    lambda package: lambda defined: defined,  # 2.0 has none
)


@kind
def half() -> tuple[Any, Any]:
    policy: Any = "mixed_float16"
    if VERSION < (2, 4) and not KERAS_3:
        policy = keras.mixed_precision.experimental.Policy(policy)
    hidden = L.Dense(6, "relu", dtype=policy)
    return sequential(keras.Input((4,)), hidden, L.Dense(2, "softmax", dtype="float32")), values(4)


@kind
def double() -> tuple[Any, Any]:
    layers = L.Dense(4, "tanh", dtype="float64"), L.Dense(2, dtype="float64")
    return sequential(keras.Input((4,), dtype="float64"), *layers), values(4)


@kind
def activation_functions() -> tuple[Any, Any]:
    layers = (
        *(L.Dense(4, tf.nn.relu), L.Dense(4, keras.activations.gelu), L.Dense(4), L.PReLU(), L.LeakyReLU(), L.ELU()),
        *(L.Dense(4, "swish"), L.Activation("hard_sigmoid"), L.Dense(3, tf.nn.softmax)),
    )
    return sequential(keras.Input((4,)), *layers), values(4)


@kind
def older_activation_functions() -> tuple[Any, Any]:
    layers = (
        *(L.Dense(4, tf.nn.tanh), L.Dense(4, keras.activations.selu), L.Dense(4), L.PReLU(), L.LeakyReLU(), L.ELU()),
        *(L.Activation("hard_sigmoid"), L.ReLU(6.0, threshold=0.1), L.Dense(3, "softmax")),
    )
    return sequential(keras.Input((4,)), *layers), values(4)


@kind
def regularised() -> tuple[Any, Any]:
    settings: dict[str, Any] = {
        "kernel_regularizer": keras.regularizers.L1L2(0.1, 0.2),
        "bias_regularizer": "l2",
        "kernel_constraint": keras.constraints.MaxNorm(2.0),
        "kernel_initializer": keras.initializers.RandomNormal(stddev=0.1),
    }
    noise = L.GaussianNoise(0.1), L.SpatialDropout1D(0.1), L.ActivityRegularization(0.1)
    return sequential(keras.Input((4, 2)), L.Dense(3, **settings), *noise, L.Flatten(), L.Dense(2)), values(4, 2)


@kind
def pictures() -> tuple[Any, Any]:
    layers = (
        *(L.ZeroPadding2D(1), L.SeparableConv2D(3, 3), L.UpSampling2D(2), L.Cropping2D(1), L.Conv2DTranspose(2, 3)),
        *(L.AveragePooling2D(2), L.Permute((2, 1, 3)), L.Reshape((36, 2))),
    )
    return sequential(keras.Input((6, 6, 2)), *layers, L.Flatten(), L.Dense(2)), values(6, 6, 2)


@kind
def newer_layers() -> tuple[Any, Any]:
    layers = L.Conv1DTranspose(2, 3), L.EinsumDense("abc,cd->abd", (None, 3)), L.Flatten()
    return sequential(keras.Input((6, 2)), *layers, L.Dense(2)), values(6, 2)


@kind
def volumes() -> tuple[Any, Any]:
    layers = L.Conv3D(2, 2), L.MaxPooling3D(2, padding="same"), L.Flatten(), L.Dense(2)
    return sequential(keras.Input((4, 4, 4, 1)), *layers), values(4, 4, 4, 1)


@kind
def fixed_batch() -> tuple[Any, Any]:
    return sequential(keras.Input((4,), batch_size=ROWS), L.Dense(3), L.RepeatVector(2), L.Flatten()), values(4)


@kind
def odd_names() -> tuple[Any, Any]:
    layers = L.Dense(4, name="dense.with-dots"), L.Dense(3, name="vars"), L.Dense(2, name="softmax_v2")
    return sequential(keras.Input((4,), name="the.input"), *layers), values(4)


@kind
def own_loss() -> tuple[Any, Any]:
    """Compiled with a loss, metric and schedule that only training needs."""

    def loss(truth: Any, guess: Any) -> Any:
        return tf.reduce_mean(tf.abs(truth - guess))

    model = sequential(keras.Input((4,)), L.Dense(3, "relu"), L.Dense(2))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=[loss])
    model.fit(values(4), values(2), epochs=1, verbose=0)
    return model, values(4)


def optimised(optimizer: Any) -> tuple[Any, Any]:
    model = sequential(keras.Input((4,)), L.Dense(3, "relu"), L.Dense(2))
    model.compile(optimizer, "mse")
    model.fit(values(4), values(2), epochs=1, verbose=0)
    return model, values(4)


@kind
def own_optimizer() -> tuple[Any, Any]:
    class Own(keras.optimizers.Adam):
        """As tensorflow_addons and students write them."""

    return optimised(Own(0.01))


@kind
def momentum() -> tuple[Any, Any]:
    return optimised(keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True))


@kind
def times400() -> tuple[Any, Any]:
    return sequential(keras.Input((4,)), L.Dense(1), L.Lambda(lambda x: x * 400.0, name="scale")), values(4)


@kind
def subclassed() -> tuple[Any, Any]:
    model = Subclassed()
    model(values(4))
    return model, values(4)


@kind
def unbuilt_sequential() -> tuple[Any, Any]:
    """Without a shape, and built by its first batch: files of 2.2 and later hold what that was."""
    model = sequential(L.Dense(3, "tanh"), L.Dense(2))
    model.compile("sgd", "mse")
    model.fit(values(4), values(2), epochs=1, verbose=0)
    return model, values(4)


@kind
def own_layer() -> tuple[Any, Any]:
    return sequential(keras.Input((4,)), Scaled(name="mine"), L.Dense(2)), values(4)


@kind
def own_function() -> tuple[Any, Any]:
    return sequential(keras.Input((4,)), L.Dense(3, tripled), L.Dense(2)), values(4)


@registered("students")
class Scaled(keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


@registered("students")
def tripled(inputs: Any) -> Any:
    return inputs * 3


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.first = L.Dense(6, activation="tanh")
        self.last = L.Dense(2)

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.last(self.first(inputs))


class Plain(tf.Module):
    """What somebody who doesn't know Keras writes: a signature with names of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = tf.Variable(np.linspace(-1, 1, 12).astype("float32").reshape(4, 3) ** 3, name="kernel")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="the_features")])
    def __call__(self, the_features: Any) -> dict[str, Any]:
        return {"the answers": tf.matmul(the_features, self.kernel)}
