# ======================================================================================================================
# CATEGORY 4: SARCASM IN HEADLINES
#
#   Train a network that says whether a headline is sarcastic.
#
#   Input shape     (120,)   word numbers from 0 to 999, padded with 0 at the end
#   Last layer      (1,)     sigmoid: the probability of sarcasm
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

# DO NOT CHANGE: the hidden headlines are encoded in the same way
VOCABULARY_SIZE = 1000
EMBEDDING = 16
LENGTH = 120


def encode(text, numbers):  # DO NOT CHANGE
    found = [numbers.get(word, 1) for word in re.findall(r"[a-z0-9']+", text.lower())][:LENGTH]
    return found + [0] * (LENGTH - len(found))


def solution_model():
    headlines = json.loads((DATA / "headlines.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
    numbers = {word: number for number, word in enumerate(vocabulary)}
    labels = np.array([headline["sarcastic"] for headline in headlines])

    inputs = None  # YOUR CODE HERE: an array of shape (20000, LENGTH), made with encode

    if inputs is None:
        raise SystemExit("There are no inputs yet: make them in solution_model(), at the first YOUR CODE HERE.")

    model = None  # YOUR CODE HERE: build, compile and fit a model; keep some headlines aside for validation

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
