"""Runs under both."""
import contextlib

import numpy as np
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.LSTM(2) if False else tf.keras.layers.Dense(2)])
train = getattr(model, "fit_generator", model.fit)
with contextlib.suppress(AttributeError):
    model.reset_states()
with contextlib.suppress(Exception):
    print(model.layers[0].output_shape)
try:
    Adam = tf.keras.optimizers.legacy.Adam
except (AttributeError, ImportError):
    Adam = tf.keras.optimizers.Adam
try:
    from keras.preprocessing.text import Tokenizer
except ModuleNotFoundError:
    from tensorflow.keras.preprocessing.text import Tokenizer
if int(tf.__version__.split(".")[1]) < 16:
    model.fit_generator(None)
    optimizer = tf.keras.optimizers.SGD(lr=0.1)
else:
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.1)
if tf.version.VERSION < "2":
    tf.set_random_seed(1)
if hasattr(np, "float"):
    kind = np.float
history = model.fit(np.ones((2, 4)), np.ones((2, 2))).history
rates = history["lr"] if "lr" in history else history.get("learning_rate")
rate = history.get("lr", history.get("learning_rate"))
accuracy = history.get("acc") or history.get("accuracy")
key = "acc" if "acc" in history else "accuracy"
try:
    rates = history["lr"]
except KeyError:
    rates = history["learning_rate"]
