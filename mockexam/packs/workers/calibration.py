"""The process in which a trained reference model predicts, and its metric is taken over many draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graders import metrics
from graders.contract import Scoring
from graders.formats import SAVED_SUFFIXES, listed
from graders.scoring import draws
from mockexam.packs.workers.child import RefusedError, Report, serve
from mockexam.packs.workers.requests import Measure, Measured


def work(request: Measure, report: Report) -> Measured:
    """The metrics of one model over many draws."""
    report(0.0, "Loading the model")
    predictions, labels = predict(request.model, request.hidden)
    report(0.7, "Drawing tests")
    scoring, sets, key = request.scoring, request.sets, request.key
    names = dict.fromkeys(bar.metric for bar in scoring.bars)
    return Measured({name: over_draws(name, predictions, labels, scoring, sets, key) for name in names})


def predict(model: Path, hidden: Path) -> tuple[Any, Any]:
    """Predictions of the model for the hidden inputs, and the labels."""
    import keras

    if model.suffix not in SAVED_SUFFIXES:
        raise RefusedError(f"a reference that saves a {listed(SAVED_SUFFIXES)} file", model.name, "Change solution.py.")
    with np.load(hidden, allow_pickle=False) as arrays:
        inputs, labels = arrays["inputs"], arrays["labels"]
    loaded = keras.models.load_model(model, compile=False, safe_mode=False)
    return loaded.predict(inputs, batch_size=256, verbose=0), labels


def over_draws(
    name: Any, predictions: Any, labels: Any, scoring: Scoring, number_of_sets: int, key: str
) -> list[list[float]]:
    """The metric of every test of every set; a ladder takes the whole hidden set, so its sets are all the same."""
    if scoring.mode == "ladder":
        return [[metrics.measure(name, predictions, labels)]]
    columns = metrics.columns(name, predictions, labels, logits=metrics.are_logits(name, predictions))
    classes = draws.strata(labels, scoring)
    sets = []
    for number in range(number_of_sets):
        rows = draws.draw(classes, len(labels), scoring, f"{key}/{number}", 0)
        means = np.stack([columns[chosen].mean(axis=0) for chosen in rows])
        sets.append([float(value) for value in metrics.finish(name, means)])
    return sets


if __name__ == "__main__":
    serve(work, Measure)
