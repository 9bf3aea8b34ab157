# ======================================================================================================================
# CATEGORY 4: DEEDS AND THINGS
#
# Train a network that says whether a definition defines a deed or a thing.
#
#   Input shape     (32,)   word numbers from 0 to 1999, padded with 0 at the end
#   Last layer      (1,)    sigmoid: the probability of a thing (deed 0, thing 1)
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE

# DO NOT CHANGE: the hidden definitions are encoded in the same way
VOCABULARY_SIZE = 2000
LENGTH = 32
KINDS = ["deed", "thing"]
VOCABULARY = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def encode(text):  # DO NOT CHANGE
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:LENGTH]
    return numbers + [0] * (LENGTH - len(numbers))


def solution_model():
    definitions = json.loads((DATA / "definitions.json").read_text(encoding="utf-8"))
    labels = np.array([KINDS.index(definition["kind"]) for definition in definitions])

    inputs = None  # YOUR CODE HERE: an array of shape (6000, LENGTH), made with encode

    if inputs is None:
        raise SystemExit("There are no inputs yet: make them in solution_model(), at the first YOUR CODE HERE.")

    model = None  # YOUR CODE HERE: build, compile and fit a model; keep some definitions aside for validation

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
