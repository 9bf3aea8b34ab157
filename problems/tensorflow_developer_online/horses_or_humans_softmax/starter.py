# ======================================================================================================================
# CATEGORY 3: HORSES OR HUMANS
#
#   Pictures of horses and of humans. Build and train a network with one output for each that says which is seen.
#
#   Input shape     (300, 300, 3)   pixels divided by 255
#   Last layer      (2,)   2 probabilities, softmax
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


def preprocess(image, label):
    image = tf.cast(image, tf.float32) / 255.0  # DO NOT CHANGE: (300, 300, 3), 0 to 1
    return image, label


def solution_model():
    train = tfds.load("horses_or_humans", data_dir=DATA, download=False, split="train[:90%]", as_supervised=True)
    kept = tfds.load("horses_or_humans", data_dir=DATA, download=False, split="train[90%:]", as_supervised=True)
    train = train.map(preprocess)  # YOUR CODE HERE: shuffle and batch
    kept = kept.map(preprocess)  # YOUR CODE HERE: batch

    model = None  # YOUR CODE HERE: build, compile and fit a model whose input shape is (300, 300, 3)

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
