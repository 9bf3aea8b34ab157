# ======================================================================================================================
# CATEGORY 2: PENGUINS
#
# Train a network that tells three species of penguins apart by four measures. Write preprocess() first.
#
#   Input shape     (4,)   the measures in the order of MEASURES, minus the mean, divided by the deviation
#   Last layer      (3,)   softmax: Adelie, Chinstrap, Gentoo
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE

# DO NOT CHANGE: name, mean and deviation of each measure; the hidden birds are normalised with them
MEASURES = [
    ("culmen_length_mm", 44.0, 5.5),
    ("culmen_depth_mm", 17.0, 2.0),
    ("flipper_length_mm", 200.0, 14.0),
    ("body_mass_g", 4200.0, 800.0),
]


def preprocess(features, label):
    # YOUR CODE HERE: a tensor of shape (4,), made of the four measures in `features`, normalised
    inputs = None

    if inputs is None:
        raise SystemExit("There are no inputs yet: write preprocess(), at YOUR CODE HERE.")
    return inputs, label


def solution_model():
    birds = tfds.load("penguins/simple", data_dir=DATA, download=False, split="train", as_supervised=True)
    features, label = next(iter(birds))
    preprocess(features, label)  # tells early whether it is written

    train = birds.map(preprocess)  # YOUR CODE HERE: shuffle and batch; keep some birds aside

    model = None  # YOUR CODE HERE: build, compile and fit a model

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
