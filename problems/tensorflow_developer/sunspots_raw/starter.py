# ======================================================================================================================
# CATEGORY 5: SUNSPOTS AS THEY ARE COUNTED
#
# Train a network that sees 30 months of sunspot numbers and forecasts the number 12 months after the last of them.
#
#   Input shape     (30, 1)   sunspot numbers as they are, not normalised; (None, 1) is accepted too
#   Last layer      (1,)      the sunspot number 12 months later
#   Metric wanted   {{target}}
#   Lambda layers   the supplied Lambda(lambda x: x * 400.0) is allowed
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE

# DO NOT CHANGE: the hidden windows are made with these numbers
WINDOW = 30
HORIZON = 12

SPLIT = 2200  # months to train on; the rest is for validation
BATCH = 32


def read_series():
    with (DATA / "sunspots.csv").open(encoding="ascii", newline="") as file:
        return np.array([row["sunspots"] for row in csv.DictReader(file)], dtype=np.float32)


def windowed_dataset(series, shuffle):
    # YOUR CODE HERE: a tf.data.Dataset of (window, label) batches. A window has shape (WINDOW, 1); its label,
    # of shape (1,), is the value HORIZON months after the window's last month.
    dataset = None

    if dataset is None:
        raise SystemExit("There are no windows yet: write windowed_dataset(), at YOUR CODE HERE.")
    return dataset


def solution_model():
    series = read_series()
    train = windowed_dataset(series[:SPLIT], shuffle=True)
    validation = windowed_dataset(series[SPLIT:], shuffle=False)

    layers = []  # YOUR CODE HERE: the layers that come before the supplied one; the last of them has one unit
    if not layers:
        raise SystemExit("There are no layers yet: write them in solution_model(), at YOUR CODE HERE.")
    model = tf.keras.Sequential([*layers, tf.keras.layers.Lambda(lambda x: x * 400.0)])

    # YOUR CODE HERE: compile and fit

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
