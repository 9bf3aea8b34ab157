"""Reference solution: an embedding, the mean and the strongest signal over the words, one dense layer."""

import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
VOCABULARY_SIZE = 2000
LENGTH = 32
CATEGORIES = ["animal", "food", "person", "place", "plant"]
VOCABULARY = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def encode(text):
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:LENGTH]
    return numbers + [0] * (LENGTH - len(numbers))


def examples():
    glosses = json.loads((DATA / "glosses.json").read_text(encoding="utf-8"))
    inputs = np.array([encode(gloss["text"]) for gloss in glosses], dtype=np.int32)
    return inputs, np.array([CATEGORIES.index(gloss["category"]) for gloss in glosses])


def solution_model():
    inputs, labels = examples()
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(LENGTH,)),
            layers.Embedding(VOCABULARY_SIZE, 48),
            layers.Dropout(0.3),
            layers.Conv1D(64, 3, padding="same", activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(0.4),
            layers.Dense(32, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    model.fit(inputs, labels, validation_split=0.1, batch_size=64, epochs=15, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
