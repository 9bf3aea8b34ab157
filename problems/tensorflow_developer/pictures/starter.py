# ======================================================================================================================
# CATEGORY 3: ANIMAL, FOOD OR VEHICLE
#
# Train a network that says what is drawn. The pictures have any shape, and are labelled by the directory they are in.
#
#   Input shape     (64, 64, 3)   red, green, blue, divided by 255
#   Last layer      (3,)          softmax: animal, food, vehicle, in this order
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE
SIZE = (64, 64)  # DO NOT CHANGE


def solution_model():
    # YOUR CODE HERE: read DATA / "train" and DATA / "validation" with image_dataset_from_directory or with an
    # ImageDataGenerator; pixels must be 0 to 1
    train = None
    validation = None

    if train is None or validation is None:
        raise SystemExit("There are no pictures yet: read them in solution_model(), at the first YOUR CODE HERE.")

    model = None  # YOUR CODE HERE: build, compile and fit a model

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
