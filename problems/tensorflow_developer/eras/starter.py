# ======================================================================================================================
# CATEGORY 4: SPEECHES AND THEIR TIMES
#
# Train a network that says in which of three times a passage of a speech was spoken.
#
#   Input shape     (60,)   word numbers from 0 to 2999, padded with 0 at the end
#   Last layer      (3,)    softmax: 1790-1860, 1861-1932, 1933-2021, in this order
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

# DO NOT CHANGE: the hidden passages are encoded in the same way
VOCABULARY_SIZE = 3000
LENGTH = 60
ERAS = ["1790-1860", "1861-1932", "1933-2021"]
VOCABULARY = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def encode(text):  # DO NOT CHANGE
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:LENGTH]
    return numbers + [0] * (LENGTH - len(numbers))


def solution_model():
    passages = json.loads((DATA / "passages.json").read_text(encoding="utf-8"))
    inputs = np.array([encode(passage["text"]) for passage in passages], dtype=np.int32)

    labels = None  # YOUR CODE HERE: the numbers of the eras, in the order of ERAS

    if labels is None:
        raise SystemExit("There are no labels yet: make them in solution_model(), at the first YOUR CODE HERE.")

    model = None  # YOUR CODE HERE: build, compile and fit a model; keep some passages aside for validation

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
