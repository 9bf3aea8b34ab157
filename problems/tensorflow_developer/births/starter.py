# ======================================================================================================================
# CATEGORY 5: BIRTHS OF A WEEK
#
# Train a network that sees the births of 28 days and forecasts each of the 7 days that follow.
#
#   Input shape     (28, 1)   (births - 10000) / 10000
#   Last layer      (7,)      the next seven days, normalised in the same way
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
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
WINDOW = 28
DAYS_AHEAD = 7
MIDDLE = 10000
RANGE = 10000

SPLIT = 3500  # days to train on; the rest is for validation
BATCH = 32


def read_series():
    with (DATA / "births.csv").open(encoding="ascii", newline="") as file:
        return np.array([row["births"] for row in csv.DictReader(file)], dtype=np.float32)


def windowed_dataset(series, shuffle):
    # YOUR CODE HERE: a tf.data.Dataset of (window, label) batches. A window has shape (WINDOW, 1); its label,
    # of shape (DAYS_AHEAD,), has the days that follow it.
    dataset = None

    if dataset is None:
        raise SystemExit("There are no windows yet: write windowed_dataset(), at YOUR CODE HERE.")
    return dataset


def solution_model():
    series = (read_series() - MIDDLE) / RANGE  # DO NOT CHANGE
    train = windowed_dataset(series[:SPLIT], shuffle=True)
    validation = windowed_dataset(series[SPLIT:], shuffle=False)

    model = None  # YOUR CODE HERE: build, compile and fit a model

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
