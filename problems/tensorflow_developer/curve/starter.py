# ======================================================================================================================
# CATEGORY 1: A CURVE
#
# Train a network on the measured points of data/points.csv so that it gives y for any x between -3 and 3.
#
#   Input shape     (1,)   x as it is, no normalisation
#   Last layer      (1,)   y, linear
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


def solution_model():
    points = np.loadtxt(DATA / "points.csv", delimiter=",", skiprows=1, dtype=np.float32)
    xs, ys = points[:, :1], points[:, 1:]  # 240 rows of one number each

    model = None  # YOUR CODE HERE: build, compile and fit a model with hidden layers

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
