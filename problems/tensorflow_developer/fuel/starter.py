# ======================================================================================================================
# CATEGORY 1: FUEL ECONOMY
#
# Train a network that says how many miles a car goes on a gallon, from six numbers and its origin.
#
#   Input shape     (9,)   six normalised numbers, then three for the origin
#   Last layer      (1,)   miles per gallon, not normalised, linear
#   Metric wanted   {{target}}
#   Not allowed     Lambda layers
#
# Save the model as mymodel.h5 and press "Submit and Test model". Submit at least once, or this category scores zero.
# You may submit as often as you like: the last submission counts. Only the model is tested, never this file.
# ======================================================================================================================

import csv
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"  # DO NOT CHANGE

# DO NOT CHANGE: the hidden cars are encoded in the same way
SCALE = json.loads((DATA / "normalisation.json").read_text(encoding="utf-8"))
ORIGINS = ["usa", "europe", "japan"]


def encode(car):  # DO NOT CHANGE
    numbers = [(float(car[name]) - scale["mean"]) / scale["deviation"] for name, scale in SCALE.items()]
    return numbers + [float(car["origin"] == origin) for origin in ORIGINS]


def solution_model():
    with (DATA / "cars.csv").open(encoding="utf-8", newline="") as file:
        cars = list(csv.DictReader(file))
    inputs = np.array([encode(car) for car in cars], dtype=np.float32)
    labels = np.array([[float(car["mpg"])] for car in cars], dtype=np.float32)

    model = None  # YOUR CODE HERE: build, compile and fit a model on inputs and labels; keep some cars aside

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        raise SystemExit("There is no model yet: write it in solution_model(), at YOUR CODE HERE.")
    model.save(HERE / "mymodel.h5")
