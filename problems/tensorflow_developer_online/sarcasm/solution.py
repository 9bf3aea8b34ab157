"""Reference solution: an embedding, a narrow convolution, the strongest signal over the words."""

import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
VOCABULARY_SIZE = 1000
EMBEDDING = 16
LENGTH = 120


def encode(text, numbers):
    found = [numbers.get(word, 1) for word in re.findall(r"[a-z0-9']+", text.lower())][:LENGTH]
    return found + [0] * (LENGTH - len(found))


def solution_model(epochs=10):
    headlines = json.loads((DATA / "headlines.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
    numbers = {word: number for number, word in enumerate(vocabulary)}
    labels = np.array([headline["sarcastic"] for headline in headlines])
    inputs = np.array([encode(headline["text"], numbers) for headline in headlines], dtype=np.int32)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(LENGTH,)),
            layers.Embedding(VOCABULARY_SIZE, EMBEDDING),
            layers.Dropout(0.2),
            layers.Conv1D(32, 3, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(0.3),
            layers.Dense(24, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    model.fit(inputs, labels, validation_split=0.1, batch_size=64, epochs=epochs, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
