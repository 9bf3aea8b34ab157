"""Writes models that look at other rows, answer at random or from memory, and honest ones that come near to it.

python tests/graders/client/independent_models.py FOLDER
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")

import keras
import tensorflow as tf
import tf_keras

LENGTH = 20
KEPT = 4096


def _looked_up(rows: Any, others: Any) -> Any:
    """The label of each row out of the one that begins a step later; the mean where there is none."""
    same = tf.reduce_all(tf.equal(rows[:, None, 1:], others[None, :, : LENGTH - 1]), axis=-1)
    found = tf.gather(others[:, LENGTH - 1], tf.argmax(tf.cast(same, tf.int32), axis=1))
    return tf.where(tf.reduce_any(same, axis=1), found, tf.reduce_mean(rows, axis=1))[:, None]


def neighbours(_: Any, x: Any) -> Any:
    return _looked_up(x[:, :, 0], x[:, :, 0])


def with_noise(_: Any, x: Any) -> Any:
    """Looks at its neighbours, and seems to answer at random."""
    return _looked_up(x[:, :, 0], x[:, :, 0]) + 0.01 * tf.random.normal((tf.shape(x)[0], 1))


def kept(module: Any, x: Any) -> Any:
    """Looks at all that it has ever seen."""
    rows = tf.shape(x)[0]
    module.seen.scatter_nd_update(((tf.range(rows) + module.count) % KEPT)[:, None], x[:, :, 0])
    module.count.assign_add(rows)
    return _looked_up(x[:, :, 0], module.seen.read_value())


def remembered(module: Any, x: Any) -> Any:
    """Answers as it did before to a row that it has seen, so that a sample asked twice doesn't tell."""
    names = tf.strings.reduce_join(tf.strings.as_string(x[:, :, 0]), axis=1)
    known = module.table.lookup(names)
    answers = tf.where(tf.math.is_nan(known), _looked_up(x[:, :, 0], x[:, :, 0])[:, 0], known)
    with tf.control_dependencies([module.table.insert(names, answers)]):
        return answers[:, None] + 0.0


def at_random(_: Any, x: Any) -> Any:
    return tf.reduce_mean(x, axis=1) + tf.random.normal((tf.shape(x)[0], 1))


def from_memory(module: Any, x: Any) -> Any:
    """What it answers depends on how often it was asked."""
    with tf.control_dependencies([module.count.assign_add(1)]):
        return tf.reduce_mean(x, axis=1) + tf.cast(module.count.read_value(), tf.float32)


def complaining(_: Any, x: Any) -> Any:
    """Puts what it sees into an error; zeros don't trouble it."""
    tf.debugging.assert_less(tf.reduce_max(tf.abs(x)), 1e-9, message="it saw")
    return tf.reduce_mean(x, axis=1)


def mean(_: Any, x: Any) -> Any:
    return tf.reduce_mean(x, axis=1)


class _Module(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen = tf.Variable(tf.zeros((KEPT, LENGTH)))
        self.count = tf.Variable(0)
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, float("nan"))


def export(path: Path, answer: Callable[[Any, Any], Any], batch: int | None = None) -> None:
    module = _Module()
    signature = [tf.TensorSpec((batch, LENGTH, 1))]
    module.serve = tf.function(lambda x: answer(module, x), input_signature=signature)
    tf.saved_model.save(module, str(path), signatures=module.serve)


def _normalised(layers: Any) -> list[Any]:
    return [layers.Conv1D(4, 3), layers.BatchNormalization(), layers.GlobalAveragePooling1D(), layers.Dense(1)]


def _sequential(keras_: Any, made: list[Any], **batch: Any) -> Any:
    return keras_.Sequential([keras_.Input(**(batch or {"shape": (LENGTH, 1)})), *made])


def keras_models(folder: Path) -> None:
    layers = keras.layers
    _sequential(keras, _normalised(layers)).save(folder / "normalised.keras")
    _sequential(keras, [layers.Bidirectional(layers.LSTM(4)), layers.Dense(1)]).save(folder / "lstm.h5")
    stateful = [layers.LSTM(4, stateful=True), layers.Dense(1)]
    _sequential(keras, stateful, batch_shape=(16, LENGTH, 1)).save(folder / "stateful.keras")
    keras.mixed_precision.set_global_policy("mixed_float16")
    half = [layers.LSTM(8), layers.Dense(32, activation="relu"), layers.Dense(1)]
    _sequential(keras, half).save(folder / "half.keras")
    keras.mixed_precision.set_global_policy("float32")
    augmented = [layers.Reshape((LENGTH, 1, 1)), layers.RandomFlip(), layers.GaussianNoise(1.0), layers.Flatten()]
    _sequential(keras, [*augmented, layers.Dropout(0.5), layers.Dense(1)]).save(folder / "augmented.keras")
    inputs = tf_keras.Input((LENGTH, 1))
    dropped = tf_keras.layers.Dropout(0.5)(tf_keras.layers.Flatten()(inputs), training=True)
    tf_keras.Model(inputs, tf_keras.layers.Dense(1)(dropped)).save(folder / "dropout.h5")
    by_batch = tf_keras.layers.BatchNormalization()(tf_keras.layers.Flatten()(inputs), training=True)
    tf_keras.Model(inputs, tf_keras.layers.Dense(1)(by_batch)).save(folder / "statistics.h5")


def main() -> None:
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(1)
    for answer in (neighbours, with_noise, kept, remembered, at_random, from_memory, complaining, mean):
        export(folder / answer.__name__, answer)
    export(folder / "fixed", neighbours, 32)
    keras_models(folder)


if __name__ == "__main__":
    main()
