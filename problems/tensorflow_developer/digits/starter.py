# ======================================================================================================================
# CATEGORY 2: HANDWRITTEN DIGITS
#
# Train a network that reads handwritten digits of 8 by 8 pixels.
#
#   Input shape     (8, 8)   pixels divided by 16, no channel axis
#   Last layer      (10,)    softmax: one probability for each digit
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
    table = np.loadtxt(DATA / "digits.csv", delimiter=",", skiprows=1, dtype=np.float32)

    # YOUR CODE HERE: pictures of shape (8, 8), 0 to 1, and their digits
    images = None
    labels = None

    if images is None or labels is None:
        raise SystemExit("There are no pictures yet: make them in solution_model(), at the first YOUR CODE HERE.")

    model = None  # YOUR CODE HERE: build, compile and fit a model; keep some digits aside for validation

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
