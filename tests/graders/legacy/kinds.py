"""Small models of every kind that people hand in, as any Keras of TensorFlow 2.0 and later makes them.

Runs on Python 3.7 and everything later. A kind that a release has no layers for raises there, and isn't made.
Sizes are tiny: the formats matter here, not the accuracy.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

TF_VERSION = tuple(int(part) for part in tf.__version__.split(".")[:2])
# The Keras in TensorFlow has TensorFlow's number.
keras: Any = tf.keras if TF_VERSION < (2, 16) else importlib.import_module("keras")
VERSION = tuple(int(part) for part in keras.__version__.split(".")[:2]) if TF_VERSION >= (2, 16) else TF_VERSION
KERAS_3 = VERSION >= (3, 0)
ROWS = 5
TEXTS = ["the cat sat", "a dog ran", "the dog sat on the mat", "nothing known here", ""]
KINDS: dict[str, Callable[[], tuple[Any, Any]]] = {}


class Layers:
    """The layers of this release, wherever it keeps them."""

    def __getattr__(self, name: str) -> Any:
        experimental = getattr(keras.layers, "experimental", None)
        for home in (keras.layers, getattr(experimental, "preprocessing", None), experimental):
            if hasattr(home, name):
                return getattr(home, name)
        raise AttributeError("no layer " + name)


L = Layers()


def kind(function: Callable[[], tuple[Any, Any]]) -> Callable[[], tuple[Any, Any]]:
    """Register what makes a model and the inputs that it is asked with."""
    KINDS[function.__name__] = function
    return function


def values(*shape: int) -> Any:
    return np.random.RandomState(5).uniform(-1, 1, (ROWS, *shape)).astype("float32")


def sequential(*layers: Any) -> Any:
    return keras.Sequential(list(layers))


def functional(shape: tuple[int | None, ...], call: Callable[[Any], Any], **more: Any) -> Any:
    inputs = keras.Input(shape, **more)
    return keras.Model(inputs, call(inputs))


def base(name: str = "base") -> Any:
    """A picture model without its head, as keras.applications has them."""
    inputs = keras.Input((8, 8, 3))
    hidden = L.Conv2D(4, 3, use_bias=False, name=name + "_conv")(inputs)
    hidden = L.BatchNormalization(name=name + "_norm")(hidden)
    hidden = L.ReLU(6.0, name=name + "_relu")(hidden)
    hidden = L.DepthwiseConv2D(3, padding="same", name=name + "_depth")(hidden)
    return keras.Model(inputs, L.Add(name=name + "_add")([hidden, hidden]), name=name)


# ── transfer learning ──


@kind
def base_in_sequential() -> tuple[Any, Any]:
    return sequential(keras.Input((8, 8, 3)), base(), L.Flatten(), L.Dense(3, "softmax")), values(8, 8, 3)


@kind
def base_in_functional() -> tuple[Any, Any]:
    inner = base()
    inner.trainable = False
    head = lambda x: L.Dense(2, "softmax")(L.GlobalAveragePooling2D()(inner(x, training=False)))  # noqa: E731
    return functional((8, 8, 3), head), values(8, 8, 3)


@kind
def augmented_base() -> tuple[Any, Any]:
    augmentation = sequential(L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomZoom(0.1))
    layers = augmentation, L.Rescaling(0.5, 0.1), base(), L.GlobalMaxPooling2D(), L.Dense(2)
    return sequential(keras.Input((8, 8, 3)), *layers), values(8, 8, 3)


@kind
def application() -> tuple[Any, Any]:
    settings: dict[str, Any] = {"alpha": 0.25, "include_top": False, "weights": None, "pooling": "avg"}
    inner = keras.applications.MobileNet((32, 32, 3), **settings)
    # Of the published one only the beginning, which has every kind of layer that the rest has.
    cut = keras.Model(inner.inputs, inner.get_layer("conv_pw_2_relu").output, name="cut")
    return sequential(cut, L.GlobalMaxPooling2D(), L.Dense(2)), values(32, 32, 3)


@kind
def functional_then_dense() -> tuple[Any, Any]:
    inner = functional((4,), lambda x: L.Dense(5, "relu")(x))
    return sequential(inner, L.Dense(2)), values(4)


@kind
def sequential_in_functional() -> tuple[Any, Any]:
    inner = sequential(keras.Input((4,)), L.Dense(5, "relu"), L.Dense(3))
    return functional((4,), lambda x: L.Dense(2)(inner(x))), values(4)


@kind
def ensemble() -> tuple[Any, Any]:
    members = [sequential(keras.Input((4,)), L.Dense(3, "tanh"), L.Dense(2, last)) for last in ("tanh", "linear")]
    return functional((4,), lambda x: L.Average()([member(x) for member in members])), values(4)


# ── sequences ──


@kind
def bidirectional() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 2)), L.Bidirectional(L.LSTM(3)), L.Dense(2)), values(6, 2)


@kind
def gru_stack() -> tuple[Any, Any]:
    first, second = L.GRU(3, return_sequences=True), L.Bidirectional(L.GRU(2, reset_after=False), merge_mode="sum")
    return sequential(keras.Input((None, 2)), first, second, L.Dense(1)), values(6, 2)


@kind
def recurrent_state() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        first, state = L.GRU(3, return_sequences=True, return_state=True)(x)
        return L.Dense(2)(L.Concatenate()([L.SimpleRNN(2)(first), state]))

    return functional((6, 2), call), values(6, 2)


@kind
def convolved_lstm() -> tuple[Any, Any]:
    return functional((3, 6, 6, 1), lambda x: L.Dense(2)(L.Flatten()(L.ConvLSTM2D(2, 3)(x)))), values(3, 6, 6, 1)


@kind
def masked() -> tuple[Any, Any]:
    inputs = values(6, 2)
    inputs[:, 4:] = 0
    return sequential(keras.Input((6, 2)), L.Masking(), L.LSTM(3), L.Dense(1)), inputs


@kind
def masked_embedding() -> tuple[Any, Any]:
    inputs = np.random.RandomState(3).randint(1, 9, (ROWS, 6)).astype("int32")
    inputs[:, 4:] = 0
    return sequential(keras.Input((6,)), L.Embedding(9, 3, mask_zero=True), L.GRU(3), L.Dense(1)), inputs


@kind
def cells() -> tuple[Any, Any]:
    stacked = L.RNN([L.LSTMCell(3), L.SimpleRNNCell(2)], return_sequences=True)
    return sequential(keras.Input((6, 2)), stacked, L.TimeDistributed(L.Dense(2, "tanh")), L.Flatten()), values(6, 2)


@kind
def stateful() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 1), batch_size=ROWS), L.LSTM(3, stateful=True), L.Dense(1)), values(6, 1)


@kind
def causal() -> tuple[Any, Any]:
    layers = L.Conv1D(3, 3, padding="causal", activation="relu"), L.Conv1D(2, 2), L.GlobalMaxPooling1D()
    return sequential(keras.Input((None, 1)), *layers, L.Dense(1)), values(8, 1)


# ── attention ──


@kind
def attention() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        x = L.Add()([L.MultiHeadAttention(2, 3)(x, x), x])
        x = L.LayerNormalization()(x)
        parts = [L.Attention()([x, x]), L.AdditiveAttention()([x, x]), L.Attention(score_mode="concat")([x, x])]
        return L.Dense(2)(L.Flatten()(L.Concatenate()(parts)))

    return functional((4, 4), call), values(4, 4)


@kind
def simple_attention() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        parts = [L.Attention()([x, x]), L.AdditiveAttention()([x, x]), L.Attention(use_scale=True)([x, x])]
        return L.Dense(2)(L.Flatten()(L.Concatenate()(parts)))

    return functional((4, 4), call), values(4, 4)


@kind
def dotted() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        left, right = L.Dense(3)(x), L.Dense(3)(x)
        return L.Concatenate()([L.Dot(axes=1)([left, right]), L.Multiply()([left, right]), L.Subtract()([left, right])])

    return functional((4,), call), values(4)


# ── axes ──


@kind
def softmax_axes() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 3)), L.Softmax(axis=[1, 2]), L.Flatten(), L.Dense(2)), values(6, 3)


@kind
def unit_axes() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 3)), L.UnitNormalization(axis=[1, 2]), L.Flatten(), L.Dense(2)), values(6, 3)


@kind
def layer_axes() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 3)), L.LayerNormalization(axis=[1, 2]), L.Flatten(), L.Dense(2)), values(6, 3)


def normalisation(axis: Any, *shape: int) -> tuple[Any, Any]:
    layer = L.Normalization(axis=axis)
    layer.adapt(values(*shape) * 3 + 1)
    return sequential(keras.Input(shape), layer, L.Flatten(), L.Dense(2)), values(*shape)


@kind
def normalised_all() -> tuple[Any, Any]:
    return normalisation(None, 4)


@kind
def normalised_last() -> tuple[Any, Any]:
    return normalisation(-1, 6, 3)


@kind
def normalised_axes() -> tuple[Any, Any]:
    return normalisation((1, 2), 6, 3)


@kind
def normalised_given() -> tuple[Any, Any]:
    return sequential(keras.Input((4,)), L.Normalization(axis=None, mean=0.5, variance=2.0), L.Dense(2)), values(4)


@kind
def batch_axis() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 3)), L.BatchNormalization(axis=1), L.Flatten(), L.Dense(2)), values(6, 3)


@kind
def grouped() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 3)), L.GroupNormalization(3), L.Flatten(), L.Dense(2)), values(6, 3)


@kind
def reduced() -> tuple[Any, Any]:
    mean, largest, total = (
        (keras.ops.mean, keras.ops.max, keras.ops.sum) if KERAS_3 else (tf.reduce_mean, tf.reduce_max, tf.reduce_sum)
    )

    def call(x: Any) -> Any:
        parts = [mean(x, axis=[1, 2]), largest(x, axis=(1, 2)), total(x, axis=[1, 2])]
        return L.Dense(2)(L.Concatenate()(parts))

    return functional((3, 3, 2), call), values(3, 3, 2)


# ── operations, branches, heads ──


@kind
def operations() -> tuple[Any, Any]:
    """Functions on tensors, which Keras 2 turned into layers called TensorFlowOpLayer and later TFOpLambda."""
    expand, join = (keras.ops.expand_dims, keras.ops.concatenate) if KERAS_3 else (tf.expand_dims, tf.concat)

    def call(x: Any) -> Any:
        steps = expand(x, -1) * 2.0
        return L.Dense(1)(L.Flatten()(L.Conv1D(3, 3)(join([steps, steps[:, :, :1]], axis=-1))))

    return functional((10,), call), values(10)


@kind
def shared_layer() -> tuple[Any, Any]:
    shared = L.Dense(3, "tanh")
    return functional((4,), lambda x: L.Dense(2)(L.Add()([shared(x), shared(L.Dense(4)(x))]))), values(4)


@kind
def branches() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        pooled = L.MaxPooling2D(1, padding="same")(x)
        ways = [L.Conv2D(2, size, padding="same")(pooled) for size in (1, 3, 5)]
        return L.Dense(2)(L.GlobalAveragePooling2D()(L.Concatenate()(ways)))

    return functional((6, 6, 2), call), values(6, 6, 2)


@kind
def two_heads() -> tuple[Any, Any]:
    inputs = keras.Input((4,))
    hidden = L.Dense(5, "relu")(inputs)
    return keras.Model(inputs, [L.Dense(3, name="kept")(hidden), L.Dense(1, name="other")(hidden)]), values(4)


@kind
def one_output_in_a_list() -> tuple[Any, Any]:
    inputs = keras.Input((4,))
    return keras.Model([inputs], [L.Dense(3)(L.Dense(5, "relu")(inputs))]), values(4)


# ── text and preprocessing ──


@kind
def vectorised() -> tuple[Any, Any]:
    layer = L.TextVectorization(20, output_sequence_length=6)
    layer.adapt(np.array(TEXTS))
    layers = layer, L.Embedding(20, 3), L.GlobalAveragePooling1D(), L.Dense(1, "sigmoid")
    return sequential(keras.Input((1,), dtype="string"), *layers), np.array(TEXTS).reshape(-1, 1)


def first_words() -> Any:
    return np.array([text.split(" ")[0] for text in TEXTS]).reshape(-1, 1)


@kind
def looked_up() -> tuple[Any, Any]:
    layer = L.StringLookup(vocabulary=["the", "a", "nothing"], output_mode="multi_hot")
    return sequential(keras.Input((1,), dtype="string"), layer, L.Dense(2)), first_words()


@kind
def looked_up_words() -> tuple[Any, Any]:
    layer = L.StringLookup(vocabulary=["the", "a", "nothing"])
    return sequential(
        keras.Input((1,), dtype="string"), layer, L.Embedding(8, 3), L.Flatten(), L.Dense(2)
    ), first_words()


@kind
def encoded() -> tuple[Any, Any]:
    layers = L.Discretization([-0.5, 0.0, 0.5]), L.CategoryEncoding(4, output_mode="count")
    return sequential(keras.Input((4,)), *layers, L.Dense(2)), values(4)


@kind
def augmented() -> tuple[Any, Any]:
    layers = (
        *(L.RandomFlip("vertical"), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomTranslation(0.1, 0.1)),
        *(L.RandomContrast(0.1), L.CenterCrop(8, 8), L.Resizing(6, 6), L.Rescaling(0.01)),
    )
    return sequential(keras.Input((10, 10, 3)), *layers, L.Flatten(), L.Dense(2)), values(10, 10, 3)


@kind
def brightened() -> tuple[Any, Any]:
    return sequential(keras.Input((6, 6, 3)), L.RandomBrightness(0.1), L.Flatten(), L.Dense(2)), values(6, 6, 3)


@kind
def randomly_cropped() -> tuple[Any, Any]:
    layers = L.RandomCrop(8, 8), L.GlobalAveragePooling2D(), L.Dense(2)
    return sequential(keras.Input((10, 10, 3)), *layers), values(10, 10, 3)


# ── other layers and settings ──


@kind
def dense() -> tuple[Any, Any]:
    model = sequential(keras.Input((4,)), L.Dense(6, "relu"), L.BatchNormalization(), L.Dropout(0.2), L.Dense(3))
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(values(4), values(3), epochs=1, verbose=0)
    return model, values(4)
