# ======================================================================================================================
# CATEGORY 5: BICYCLES FOR HIRE
#
# Train a network that sees 24 hours of six numbers and forecasts two of them for the 24 hours that follow.
#
#   Input shape     (24, 6)   casual / 272, registered / 567, temperature, humidity, wind, working day tomorrow
#   Last layer      (24, 2)   casual / 272 and registered / 567 of the next 24 hours
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE

# DO NOT CHANGE: the hidden windows are made with these numbers
WINDOW = 24
DIVISORS = np.array([272.0, 567.0, 1.0, 1.0, 1.0, 1.0], dtype=np.float32)
FORECAST = 2  # the first two columns

SPLIT = 5000  # hours to train on; the rest is for validation
BATCH = 32


def windowed_dataset(series, shuffle):
    # YOUR CODE HERE: a tf.data.Dataset of (window, label) batches. A window has shape (WINDOW, 6); its label, of
    # shape (WINDOW, FORECAST), has the first two columns of the 24 hours that follow it.
    dataset = None

    if dataset is None:
        raise SystemExit("There are no windows yet: write windowed_dataset(), at YOUR CODE HERE.")
    return dataset


def solution_model():
    series = np.loadtxt(DATA / "hours.csv", delimiter=",", skiprows=1, dtype=np.float32) / DIVISORS  # DO NOT CHANGE
    train = windowed_dataset(series[:SPLIT], shuffle=True)
    validation = windowed_dataset(series[SPLIT:], shuffle=False)

    model = None  # YOUR CODE HERE: build, compile and fit a model

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
