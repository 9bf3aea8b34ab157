"""The process in which a trained reference model predicts and its metrics are taken over many draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graders.contract import MetricName, Scoring
from graders.formats import SAVED_SUFFIXES, listed
from graders.scoring import draws
from graders.scoring.pass_probability import affordable_sets
from graders.scoring.sheet import Sheet
from graders.sentences import sentence
from mockexam.packs.workers.child import RefusedError, Report, serve
from mockexam.packs.workers.requests import Measure, Measured


def work(request: Measure, report: Report) -> Measured:
    """The metrics of one model over many draws."""
    report(0.0, sentence("Loading the model"))
    predictions, labels = predict(request.model, request.hidden)
    report(0.7, sentence("Drawing tests"))
    return Measured(over_draws(predictions, labels, request.scoring, request.sets, request.key))


def predict(model: Path, hidden: Path) -> tuple[Any, Any]:
    """Predictions of the model for the hidden inputs, and the labels."""
    import keras

    if model.suffix not in SAVED_SUFFIXES:
        expected = sentence("a reference that saves a {suffixes} file", suffixes=listed(SAVED_SUFFIXES))
        raise RefusedError(expected, model.name, sentence("Change solution.py."))
    with np.load(hidden, allow_pickle=False) as arrays:
        inputs, labels = arrays["inputs"], arrays["labels"]
    loaded = keras.models.load_model(model, compile=False, safe_mode=False)
    return loaded.predict(inputs, batch_size=256, verbose=0), labels


def over_draws(
    predictions: Any, labels: Any, scoring: Scoring, sets: int, key: str
) -> dict[MetricName, list[list[float]]]:
    """Metric → values (sets, tests); graded thresholds test on the whole hidden set, where one set stands for all.

    There are fewer sets than asked for where a metric has to be computed from the examples of each draw and that would
    take long.
    """
    sheet = Sheet(predictions, labels, scoring)
    if scoring.mode == "ladder":
        return {name: [each.tolist()] for name, each in sheet.of_draws([np.arange(sheet.rows)]).items()}
    if sheet.needs_rows:
        sets = min(sets, affordable_sets(sheet, scoring))
    classes = draws.strata(labels, scoring)
    drawn = [sheet.of_draws(draws.draw(classes, sheet.rows, scoring, f"{key}/{number}", 0)) for number in range(sets)]
    return {name: [values[name].tolist() for values in drawn] for name in drawn[0]}


if __name__ == "__main__":
    serve(work, Measure)
