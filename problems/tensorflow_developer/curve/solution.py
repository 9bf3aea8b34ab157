"""Reference solution: two smooth hidden layers follow the bends; the noise averages out."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
EPOCHS = 300


def solution_model():
    points = np.loadtxt(DATA / "points.csv", delimiter=",", skiprows=1, dtype=np.float32)
    xs, ys = points[:, :1], points[:, 1:]
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(1,)),
            layers.Dense(64, activation="tanh"),
            layers.Dense(64, activation="tanh"),
            layers.Dense(1),
        ]
    )
    steps = EPOCHS * -(-len(xs) // 32)
    schedule = tf.keras.optimizers.schedules.CosineDecay(1e-2, steps)
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule), loss="mse")
    model.fit(xs, ys, batch_size=32, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
