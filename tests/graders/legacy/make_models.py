"""Write small models as the TensorFlow of this interpreter saves them, with its own predictions beside them.

Usage: python make_models.py FOLDER        (runs on Python 3.7 and TensorFlow 2.0 and everything later)

Writes FOLDER/<major.minor>.zip with NAME.h5, NAME.keras (2.12 and later), NAME/ (SavedModel) and reference.npz, which
holds `NAME.inputs` and `NAME.outputs` of each model. Sizes are tiny: the formats matter here, not the accuracy.
"""

from __future__ import annotations

import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

VERSION = tuple(int(part) for part in tf.__version__.split(".")[:2])
KERAS_3 = VERSION >= (2, 16)
ROWS = 7
BULKY = ((2, 3), (2, 15), (2, 18))  # the SavedModel of an LSTM takes 130 kB, so only some versions have one
MORE = ((2, 9), (2, 15), (2, 17))
TEXTS = ["the cat sat", "a dog ran", "the dog sat on the mat", "nothing known here", "", "cat", "ran ran ran"]

L = tf.keras.layers
EXPERIMENTAL: Any = getattr(getattr(L, "experimental", None), "preprocessing", None)
TextVectorization: Any = getattr(L, "TextVectorization", getattr(EXPERIMENTAL, "TextVectorization", None))


def dense() -> tuple[Any, Any]:
    model = tf.keras.Sequential(
        [
            L.Dense(8, activation="relu", input_shape=(4,)),
            L.BatchNormalization(),
            L.Dropout(0.2),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(values(4), np.arange(ROWS) % 3, epochs=1, verbose=0)
    return model, values(4)


def cnn() -> tuple[Any, Any]:
    model = tf.keras.Sequential(
        [
            L.Reshape((12, 12, 1), input_shape=(12, 12)),
            L.Conv2D(4, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["acc"])
    return model, values(12, 12)


def lstm() -> tuple[Any, Any]:
    model = tf.keras.Sequential(
        [
            L.Conv1D(4, 3, padding="causal", activation="relu", input_shape=(None, 1)),
            L.LSTM(4, return_sequences=True),
            L.LSTM(4),
            L.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="huber" if VERSION >= (2, 3) else "mse", metrics=["mae"])
    return model, values(10, 1)


def gru() -> tuple[Any, Any]:
    inputs = tf.keras.Input(shape=(10, 1))
    outputs = L.Dense(1)(L.Bidirectional(L.GRU(4))(inputs))
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="mae")
    return model, values(10, 1)


def text() -> tuple[Any, Any]:
    model = tf.keras.Sequential(
        [
            L.Embedding(20, 4, input_length=12) if not KERAS_3 else L.Embedding(20, 4, input_shape=(12,)),
            L.Bidirectional(L.LSTM(4)),
            L.Dense(4, activation="relu"),
            L.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model, np.arange(ROWS * 12).reshape(ROWS, 12).astype("int32") % 20


def times400() -> tuple[Any, Any]:
    model = tf.keras.Sequential([L.Dense(1, input_shape=(4,)), L.Lambda(lambda x: x * 400.0, name="scale")])
    model.compile(optimizer="sgd", loss="mse")
    return model, values(4)


def vectorised() -> tuple[Any, Any]:
    layer = TextVectorization(max_tokens=20, output_mode="int", output_sequence_length=6)
    layer.adapt(np.array(TEXTS))
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(1,), dtype="string"),
            layer,
            L.Embedding(20, 4),
            L.GlobalAveragePooling1D(),
            L.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model, np.array(TEXTS).reshape(-1, 1)


def pictures() -> tuple[Any, Any]:
    layers: Any = getattr(L, "experimental", None)
    new = L if hasattr(L, "Rescaling") else layers.preprocessing
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(12, 12, 3)),
            new.RandomFlip("horizontal"),
            new.RandomRotation(0.1),
            new.Rescaling(0.5, offset=0.1),
            L.SeparableConv2D(4, 3, padding="same", activation="relu"),
            L.GlobalAveragePooling2D(),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer="adamax", loss=own_loss, metrics=[own_loss])
    return model, values(12, 12, 3)


def own_loss(truth: Any, guess: Any) -> Any:
    return tf.reduce_mean(tf.abs(truth - guess))


def normalised() -> tuple[Any, Any]:
    new = L if hasattr(L, "Normalization") else L.experimental.preprocessing
    layer = new.Normalization(axis=-1)
    layer.adapt(values(4) * 3 + 1)
    model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), layer, L.LayerNormalization(), L.Dense(2)])
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule), loss="mse")
    return model, values(4)


def half() -> tuple[Any, Any]:
    policy = tf.keras.mixed_precision.Policy("mixed_float16")
    inputs = tf.keras.Input(shape=(4,))
    hidden = L.Dense(8, activation="relu", dtype=policy)(inputs)
    outputs = L.Dense(2, activation="softmax", dtype="float32")(hidden)
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="sgd", loss="mse")
    return model, values(4)


def operations() -> tuple[Any, Any]:
    """TensorFlow's own functions on tensors, which Keras 2 turned into layers called TFOpLambda."""
    inputs = tf.keras.Input(shape=(10,))
    if KERAS_3:
        steps = tf.keras.ops.expand_dims(inputs, -1) * 2.0
        merged = tf.keras.ops.concatenate([steps, steps[:, :, :1]], axis=-1)
    else:
        steps = tf.expand_dims(inputs, -1) * 2.0
        merged = tf.concat([steps, steps[:, :, :1]], axis=-1)
    outputs = L.Dense(1)(L.Flatten()(L.Conv1D(3, 3)(merged)))
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="sgd", loss="mse")
    return model, values(10)


def recurrent() -> tuple[Any, Any]:
    inputs = tf.keras.Input(shape=(10, 2))
    first, state = L.GRU(3, return_sequences=True, return_state=True, reset_after=False)(inputs)
    second = L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.SimpleRNNCell(2)]), return_sequences=True)(first)
    steps = L.TimeDistributed(L.Dense(2, activation="tanh"))(second)
    last = L.Bidirectional(L.LSTM(2, dropout=0.1), merge_mode="sum")(steps)
    outputs = L.Dense(1)(L.Concatenate()([last, state]))
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="nadam", loss="mae")
    return model, values(10, 2)


def attention() -> tuple[Any, Any]:
    inputs = tf.keras.Input(shape=(6, 4))
    seen = L.MultiHeadAttention(2, 3)(inputs, inputs)
    added = L.Add()([seen, inputs])
    outputs = L.Dense(2)(L.GlobalMaxPooling1D()(added))
    model = tf.keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="mse")
    return model, values(6, 4)


def two_heads() -> tuple[Any, Any]:
    inputs = tf.keras.Input(shape=(4,))
    inner = tf.keras.Sequential([tf.keras.Input(shape=(4,)), L.Dense(5, activation="relu")], name="inner")
    hidden = inner(inputs)
    model = tf.keras.Model(inputs, [L.Dense(3, name="kept")(hidden), L.Dense(1, name="other")(hidden)])
    model.compile(optimizer="adam", loss=["mse", "mse"])
    return model, values(4)


class Subclassed(tf.keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.first = L.Dense(6, activation="tanh")
        self.last = L.Dense(2)

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.last(self.first(inputs))


def subclassed() -> tuple[Any, Any]:
    model = Subclassed()
    model(values(4))
    return model, values(4)


def values(*shape: int) -> Any:
    count = ROWS * int(np.prod(shape))
    return np.sin(np.arange(count, dtype="float64") * 0.37).astype("float32").reshape((ROWS,) + shape)  # noqa: RUF005


def shuffle_weights(model: Any) -> None:
    """Give every weight, biases and statistics too, a value that a wrong loading order would show."""
    state = np.random.RandomState(7)
    fresh = []
    for weight in model.get_weights():
        if weight.dtype.kind == "f":
            weight = (state.uniform(0.1, 0.9, weight.shape) - 0.4 * (weight.ndim > 1)).astype(weight.dtype)
        fresh.append(weight)
    model.set_weights(fresh)


def save_keras(model: Any, target: Path, plainly: bool) -> None:
    # 2.12 writes HDF5 under this name unless told otherwise; `plainly` keeps one such file, as a beginner makes it.
    if VERSION == (2, 12) and not plainly:
        model.save(str(target), save_format="keras_v3")
    else:
        model.save(str(target))


def save_folder(model: Any, target: Path) -> None:
    if KERAS_3:
        model.export(str(target), verbose=False)
    else:
        model.save(str(target), save_format="tf")


def write_zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(str(target), "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(str(path), str(path.relative_to(folder)))


def write_all(root: Path) -> None:
    reference = {}
    for make in (dense, cnn, lstm, gru, text, times400, vectorised, subclassed):
        name = make.__name__
        if make is vectorised and TextVectorization is None:
            continue
        tf.keras.backend.clear_session()
        model, inputs = make()
        if make is not vectorised:
            shuffle_weights(model)
        outputs = model.predict(tf.constant(inputs) if inputs.dtype.kind == "U" else inputs, verbose=0)
        reference[name + ".inputs"], reference[name + ".outputs"] = inputs, np.asarray(outputs)
        if make not in (vectorised, subclassed):
            model.save(str(root / (name + ".h5")))
        if VERSION >= (2, 12) and make is not subclassed:
            save_keras(model, root / (name + ".keras"), name == "dense")
        if make in (dense, vectorised, subclassed) or (make is lstm and VERSION in BULKY):
            save_folder(model, root / name)
    np.savez_compressed(str(root / "reference.npz"), **reference)


class Plain(tf.Module):
    """What somebody who doesn't know Keras writes: a signature with names of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = tf.Variable(values(3)[:4], name="kernel")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="the_features")])
    def __call__(self, the_features: Any) -> dict[str, Any]:
        return {"the answers": tf.matmul(the_features, self.kernel)}


def write_more(root: Path) -> None:
    """Layers and ways of saving that the first archives don't have."""
    reference = {}
    for make in (pictures, normalised, half, operations, recurrent, attention, two_heads):
        name = make.__name__
        tf.keras.backend.clear_session()
        model, inputs = make()
        if make not in (normalised, pictures):
            shuffle_weights(model)
        outputs = model.predict(inputs, verbose=0)
        outputs = outputs[0] if isinstance(outputs, (list, tuple)) else outputs
        reference[name + ".inputs"], reference[name + ".outputs"] = inputs, np.asarray(outputs)
        model.save(str(root / (name + ".h5")))
        if VERSION >= (2, 12):
            save_keras(model, root / (name + ".keras"), plainly=False)
        if make in (normalised, two_heads):
            save_folder(model, root / name)
    module = Plain()
    tf.saved_model.save(module, str(root / "plain"), signatures=module.__call__)
    answers = module(tf.constant(values(4)))["the answers"]
    reference["plain.inputs"], reference["plain.outputs"] = values(4), answers.numpy()
    np.savez_compressed(str(root / "reference.npz"), **reference)


if __name__ == "__main__":
    for write, suffix in ((write_all, ""), (write_more, "-more"))[: 1 + (VERSION in MORE)]:
        with tempfile.TemporaryDirectory() as scratch:
            write(Path(scratch))
            write_zip(Path(scratch), Path(sys.argv[1]) / "{}.{}{}.zip".format(*VERSION, suffix))
