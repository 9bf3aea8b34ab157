"""Reference solution: dense layers see where in the week and in the year the window ends."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
WINDOW = 28
DAYS_AHEAD = 7
MIDDLE = 10000
RANGE = 10000
BATCH = 32
EPOCHS = 25


def read_series():
    with (DATA / "births.csv").open(encoding="ascii", newline="") as file:
        return np.array([row["births"] for row in csv.DictReader(file)], dtype=np.float32)


def windowed_dataset(series, shuffle):
    starts = range(len(series) - WINDOW - DAYS_AHEAD + 1)
    windows = np.stack([series[start : start + WINDOW] for start in starts])[..., np.newaxis]
    labels = np.stack([series[start + WINDOW : start + WINDOW + DAYS_AHEAD] for start in starts])
    dataset = tf.data.Dataset.from_tensor_slices((windows, labels))
    if shuffle:
        dataset = dataset.shuffle(len(windows))
    return dataset.batch(BATCH).prefetch(2)


def solution_model():
    # The layers and epochs were chosen on the days after SPLIT; the model handed in has learnt from every day.
    train = windowed_dataset((read_series() - MIDDLE) / RANGE, shuffle=True)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(WINDOW, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(DAYS_AHEAD),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(train))
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule), loss="mae")
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
