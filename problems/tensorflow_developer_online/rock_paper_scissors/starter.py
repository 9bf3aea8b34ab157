# ======================================================================================================================
# CATEGORY 3: ROCK, PAPER, SCISSORS
#
#   Pictures of hands that show rock, paper or scissors. Build and train a network that says which.
#
#   Input shape     (150, 150, 3)   pixels divided by 255
#   Last layer      (3,)   3 probabilities, softmax
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
    image = tf.image.resize(tf.cast(image, tf.float32), (150, 150)) / 255.0  # DO NOT CHANGE: (150, 150, 3), 0 to 1
    return image, label


def solution_model():
    train = tfds.load("rock_paper_scissors", data_dir=DATA, download=False, split="train[:90%]", as_supervised=True)
    kept = tfds.load("rock_paper_scissors", data_dir=DATA, download=False, split="train[90%:]", as_supervised=True)
    train = train.map(preprocess)  # YOUR CODE HERE: shuffle and batch
    kept = kept.map(preprocess)  # YOUR CODE HERE: batch

    model = None  # YOUR CODE HERE: build, compile and fit a model whose input shape is (150, 150, 3)

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
