"""Reference solution: two dense layers over the whole day, and two axes again at the end."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
WINDOW = 24
DIVISORS = np.array([272.0, 567.0, 1.0, 1.0, 1.0, 1.0], dtype=np.float32)
FORECAST = 2
BATCH = 64
EPOCHS = 12


def windowed_dataset(series, shuffle):
    starts = range(len(series) - 2 * WINDOW + 1)
    windows = np.stack([series[start : start + WINDOW] for start in starts])
    labels = np.stack([series[start + WINDOW : start + 2 * WINDOW, :FORECAST] for start in starts])
    dataset = tf.data.Dataset.from_tensor_slices((windows, labels))
    if shuffle:
        dataset = dataset.shuffle(len(windows))
    return dataset.batch(BATCH).prefetch(2)


def read_series():
    return np.loadtxt(DATA / "hours.csv", delimiter=",", skiprows=1, dtype=np.float32) / DIVISORS


def solution_model():
    # The layers and epochs were chosen on the hours after SPLIT; the model handed in has learnt from every hour.
    train = windowed_dataset(read_series(), shuffle=True)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(WINDOW, 6)),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(256, activation="relu"),
            layers.Dense(WINDOW * FORECAST),
            layers.Reshape((WINDOW, FORECAST)),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(1e-3, EPOCHS * len(train))
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule), loss="mae")
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
