"""Reference solution: the supplied Lambda scales the output, a Rescaling layer the input."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
WINDOW = 30
HORIZON = 12
BATCH = 32
EPOCHS = 30


def read_series():
    with (DATA / "sunspots.csv").open(encoding="ascii", newline="") as file:
        return np.array([row["sunspots"] for row in csv.DictReader(file)], dtype=np.float32)


def windowed_dataset(series, shuffle):
    starts = range(len(series) - WINDOW - HORIZON + 1)
    windows = np.stack([series[start : start + WINDOW] for start in starts])[..., np.newaxis]
    labels = series[WINDOW + HORIZON - 1 :][:, np.newaxis]
    dataset = tf.data.Dataset.from_tensor_slices((windows, labels))
    if shuffle:
        dataset = dataset.shuffle(len(windows))
    return dataset.batch(BATCH).prefetch(2)


def solution_model():
    # The layers and epochs were chosen on the months after SPLIT; the model handed in has learnt from every month.
    train = windowed_dataset(read_series(), shuffle=True)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(WINDOW, 1)),
            layers.Rescaling(1 / 400.0),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(1),
            layers.Lambda(lambda x: x * 400.0),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(train))
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule), loss="mae")
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
