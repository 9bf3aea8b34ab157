"""Write small models as the Keras 3 of this interpreter saves them, with its own predictions beside them.

Usage: PYTHONPATH=FOLDER_OF_A_KERAS python make_keras_3.py FOLDER

Writes FOLDER/keras-<major.minor>.zip with NAME.h5, NAME.keras, for a few models NAME/ (export), and reference.npz, that
holds `NAME.inputs` and `NAME.outputs` of each model and `unreadable`: files that this Keras doesn't load back as it
saved them. Sizes are tiny: the formats matter here, not the accuracy.
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

VERSION = tuple(int(part) for part in keras.__version__.split(".")[:2])
ROWS = 5
TEXTS = ["the cat sat", "a dog ran", "the dog sat on the mat", "nothing known here", ""]
L = keras.layers
MODELS: dict[str, Callable[[], tuple[Any, Any]]] = {}


def kind(function: Callable[[], tuple[Any, Any]]) -> Callable[[], tuple[Any, Any]]:
    """Register what makes a model and the inputs that it is asked with."""
    MODELS[function.__name__] = function
    return function


def values(*shape: int) -> Any:
    count = ROWS * int(np.prod(shape))
    return np.sin(np.arange(count, dtype="float64") * 0.37).astype("float32").reshape((ROWS, *shape))


def sequential(*layers: Any) -> Any:
    return keras.Sequential(list(layers))


def functional(shape: tuple[int | None, ...], call: Callable[[Any], Any], **more: Any) -> Any:
    inputs = keras.Input(shape, **more)
    return keras.Model(inputs, call(inputs))


def base(name: str = "base") -> Any:
    """A picture model without its head, as keras.applications has them."""
    inputs = keras.Input((8, 8, 3))
    hidden = L.Conv2D(4, 3, use_bias=False, name=f"{name}_conv")(inputs)
    hidden = L.BatchNormalization(name=f"{name}_norm")(hidden)
    hidden = L.ReLU(6.0, name=f"{name}_relu")(hidden)
    hidden = L.DepthwiseConv2D(3, padding="same", name=f"{name}_depth")(hidden)
    return keras.Model(inputs, L.Add(name=f"{name}_add")([hidden, hidden]), name=name)


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
    model = sequential(
        keras.Input((8, 8, 3)), augmentation, L.Rescaling(0.5, 0.1), base(), L.GlobalMaxPooling2D(), L.Dense(2)
    )
    return model, values(8, 8, 3)


@kind
def application() -> tuple[Any, Any]:
    inner = keras.applications.MobileNet((32, 32, 3), alpha=0.25, include_top=False, weights=None, pooling="avg")
    # Of the published one only the beginning, which has every kind of layer that the rest has.
    cut = keras.Model(inner.inputs, inner.get_layer("conv_pw_2_relu").output, name="cut")
    return sequential(cut, L.GlobalAveragePooling2D(), L.Dense(2)), values(32, 32, 3)


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
    members = [sequential(keras.Input((4,)), L.Dense(3, "tanh"), L.Dense(2)) for _ in range(2)]
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
    layers = L.Conv1D(3, 3, padding="causal", activation="relu"), L.Conv1DTranspose(2, 3), L.GlobalMaxPooling1D()
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
    layers = L.BatchNormalization(axis=1), L.GroupNormalization(3), L.Flatten()
    return sequential(keras.Input((6, 3)), *layers, L.Dense(2)), values(6, 3)


@kind
def reduced() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        parts = [keras.ops.mean(x, axis=[1, 2]), keras.ops.max(x, axis=(1, 2)), keras.ops.sum(x, axis=[1, 2])]
        return L.Dense(2)(L.Concatenate()(parts))

    return functional((3, 3, 2), call), values(3, 3, 2)


# ── operations, branches, heads ──


@kind
def operations() -> tuple[Any, Any]:
    def call(x: Any) -> Any:
        steps = keras.ops.expand_dims(x, -1) * 2.0
        merged = keras.ops.concatenate([steps, steps[:, :, :1]], axis=-1)
        return L.Dense(1)(L.Flatten()(L.Conv1D(3, 3)(merged)))

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
    layer.adapt(TEXTS)
    layers = layer, L.Embedding(20, 3), L.GlobalAveragePooling1D(), L.Dense(1, "sigmoid")
    return sequential(keras.Input((1,), dtype="string"), *layers), np.array(TEXTS).reshape(-1, 1)


@kind
def looked_up() -> tuple[Any, Any]:
    words = np.array([text.split(" ")[0] for text in TEXTS]).reshape(-1, 1)
    layer = L.StringLookup(vocabulary=["the", "a", "nothing"], output_mode="multi_hot")
    return sequential(keras.Input((1,), dtype="string"), layer, L.Dense(2)), words


@kind
def encoded() -> tuple[Any, Any]:
    layers = L.Discretization([-0.5, 0.0, 0.5]), L.CategoryEncoding(4, output_mode="count")
    return sequential(keras.Input((4,)), *layers, L.Dense(2)), values(4)


@kind
def augmented() -> tuple[Any, Any]:
    layers = (
        *(L.RandomFlip("vertical"), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomTranslation(0.1, 0.1)),
        *(L.RandomContrast(0.1), L.RandomBrightness(0.1), L.CenterCrop(8, 8), L.Resizing(6, 6), L.Rescaling(0.01)),
    )
    return sequential(keras.Input((10, 10, 3)), *layers, L.Flatten(), L.Dense(2)), values(10, 10, 3)


@kind
def randomly_cropped() -> tuple[Any, Any]:
    return sequential(keras.Input((10, 10, 3)), L.RandomCrop(8, 8), L.GlobalAveragePooling2D(), L.Dense(2)), values(
        10, 10, 3
    )


# ── other layers and settings ──


@kind
def dense() -> tuple[Any, Any]:
    model = sequential(keras.Input((4,)), L.Dense(6, "relu"), L.BatchNormalization(), L.Dropout(0.2), L.Dense(3))
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(values(4), values(3), epochs=1, verbose=0)
    return model, values(4)


@kind
def half() -> tuple[Any, Any]:
    hidden = L.Dense(6, "relu", dtype="mixed_float16")
    return sequential(keras.Input((4,)), hidden, L.Dense(2, "softmax", dtype="float32")), values(4)


@kind
def activations() -> tuple[Any, Any]:
    layers = (
        *(L.Dense(4, tf.nn.relu), L.Dense(4, keras.activations.gelu), L.PReLU(), L.LeakyReLU(), L.ELU()),
        *(L.Dense(4, "swish"), L.Activation("hard_sigmoid"), L.Dense(3, tf.nn.softmax)),
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
        *(L.AveragePooling2D(2), L.Permute((2, 1, 3)), L.Reshape((-1, 2)), L.EinsumDense("abc,cd->abd", (None, 3))),
    )
    return sequential(keras.Input((6, 6, 2)), *layers, L.GlobalAveragePooling1D(), L.Dense(2)), values(6, 6, 2)


@kind
def fixed_batch() -> tuple[Any, Any]:
    return sequential(keras.Input((4,), batch_size=ROWS), L.Dense(3), L.RepeatVector(2), L.Flatten()), values(4)


@kind
def odd_names() -> tuple[Any, Any]:
    layers = L.Dense(4, name="dense.with-dots"), L.Dense(3, name="vars"), L.Dense(2, name="softmax_v2")
    return sequential(keras.Input((4,), name="the.input"), *layers), values(4)


EXPORTED = ("base_in_sequential", "attention", "vectorised", "dense", "operations", "masked", "half")


def vary_weights(model: Any) -> None:
    """Give every weight, biases and statistics too, values that differ from row to row."""
    state = np.random.RandomState(7)
    for weight in model.weights:
        # What Normalization learnt is in use already; other values would only be read back.
        if "float" in str(weight.dtype) and weight.name not in ("mean", "variance"):
            fresh = state.uniform(0.1, 0.9, tuple(weight.shape)) - 0.4 * (len(weight.shape) > 1)
            weight.assign(fresh.astype("float32"))


def answers(model: Any, inputs: Any) -> Any:
    given = tf.constant(inputs) if inputs.dtype.kind == "U" else inputs
    outputs = model.predict(given, batch_size=ROWS, verbose=0)
    return np.asarray(outputs[0] if isinstance(outputs, list | tuple) else outputs)


def agrees(path: Path, inputs: Any, outputs: Any) -> bool:
    """Whether this Keras loads the file back as what it saved."""
    try:
        keras.backend.clear_session()
        found = answers(keras.models.load_model(path, compile=False), inputs)
    except Exception:
        return False
    return found.shape == outputs.shape and bool(np.allclose(found, outputs, atol=1e-4))


def write_all(root: Path) -> None:
    reference: dict[str, Any] = {}
    unreadable = []
    for name, make in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        try:
            model, inputs = make()
            vary_weights(model)
            outputs = answers(model, inputs)
        except Exception as error:  # this Keras has no such layer, or can't run it
            print(f"{keras.__version__} {name}: not made: {type(error).__name__} {str(error)[:100]!r}")
            continue
        assert np.ptp(outputs) > 1e-3, name  # equal predictions must mean something
        reference[f"{name}.inputs"], reference[f"{name}.outputs"] = inputs, outputs
        for form in ("h5", "keras"):
            path = root / f"{name}.{form}"
            try:
                model.save(path)
            except Exception as error:  # what it left of the file is a case too
                print(f"{keras.__version__} {path.name}: not saved: {type(error).__name__} {str(error)[:100]!r}")
            if not agrees(path, inputs, outputs):
                unreadable.append(path.name)
        if name in EXPORTED:
            try:
                quiet = {"verbose": False} if "verbose" in inspect.signature(model.export).parameters else {}
                model.export(str(root / name), **quiet)
            except Exception as error:
                print(f"{keras.__version__} {name}/: not exported: {type(error).__name__} {str(error)[:100]!r}")
    print(keras.__version__, len(reference) // 2, "models; not read back:", *unreadable)
    np.savez_compressed(root / "reference.npz", unreadable=np.array(unreadable, dtype="U"), **reference)


def write_zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        write_all(Path(scratch))
        write_zip(Path(scratch), Path(sys.argv[1]) / "keras-{}.{}.zip".format(*VERSION))
