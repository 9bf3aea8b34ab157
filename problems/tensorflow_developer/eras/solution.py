"""Reference solution: an embedding, the mean and the strongest signal over the words, and much dropout."""

import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
VOCABULARY_SIZE = 3000
LENGTH = 60
ERAS = ["1790-1860", "1861-1932", "1933-2021"]
VOCABULARY = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def encode(text):
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:LENGTH]
    return numbers + [0] * (LENGTH - len(numbers))


def examples():
    passages = json.loads((DATA / "passages.json").read_text(encoding="utf-8"))
    inputs = np.array([encode(passage["text"]) for passage in passages], dtype=np.int32)
    return inputs, np.array([ERAS.index(passage["era"]) for passage in passages])


def solution_model():
    inputs, labels = examples()
    layers = tf.keras.layers
    source = tf.keras.Input(shape=(LENGTH,))
    words = layers.Dropout(0.4)(layers.Embedding(VOCABULARY_SIZE, 48)(source))
    both = layers.Concatenate()([layers.GlobalAveragePooling1D()(words), layers.GlobalMaxPooling1D()(words)])
    hidden = layers.Dense(32, activation="relu")(layers.Dropout(0.4)(both))
    model = tf.keras.Model(source, layers.Dense(3, activation="softmax")(hidden))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    model.fit(inputs, labels, validation_split=0.1, batch_size=64, epochs=20, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
