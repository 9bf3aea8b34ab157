"""A model that looks at other rows is found out whatever the key, one that doesn't never is."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from graders.contract import Scoring, Threshold
from graders.trusted.hidden_set import HiddenSet
from graders.trusted.independence.comparison import Comparison
from graders.trusted.independence.sample import MOST_TOGETHER, ROWS, draw
from tests.graders.trusted.independence.series import (
    Floats,
    Model,
    Trial,
    Windows,
    adjoining,
    honest,
    neighbours,
    on_a_share,
    windows,
)

KEYS = 100
KEYS_OF_EACH = 560
SERIES = windows()
HIDDEN = HiddenSet(SERIES.inputs, SERIES.labels)
ADJOINING = windows(stride=30)
ACCURACY = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.9),))


def _noisy(batch: Floats) -> Floats:
    """As sums in another order differ: by the size of the batch."""
    return honest(batch) * np.float32(1 + 2e-7 * len(batch) / 256)


@pytest.mark.parametrize("model", [honest, _noisy, lambda batch: 1e30 * honest(batch), lambda batch: 0 * batch[:, 0]])
def test_an_honest_model_is_never_found_out(model: Model) -> None:
    assert Trial(HIDDEN, SERIES.inputs, model).refused(KEYS) == 0


@pytest.mark.parametrize("batch", [256, 64, len(SERIES.inputs)])
def test_a_look_at_the_neighbours_is_always_found_out(batch: int) -> None:
    assert Trial(HIDDEN, SERIES.inputs, neighbours, batch=batch).refused(KEYS) == KEYS


@pytest.mark.parametrize("time", [None, ADJOINING.times])
def test_a_look_at_rows_that_adjoin_is_always_found_out(time: Floats | None) -> None:
    hidden = HiddenSet(ADJOINING.inputs, ADJOINING.labels, time)

    assert Trial(hidden, ADJOINING.inputs, adjoining).refused(KEYS) == KEYS


@pytest.mark.parametrize("share", [0.05, 0.1, 0.25])
def test_a_look_for_some_rows_is_found_out_as_often_as_the_sample_promises(share: float) -> None:
    keys = 300
    trial = Trial(HIDDEN, SERIES.inputs, on_a_share(neighbours, share))
    promised = trial.promised(ROWS)

    assert abs(promised - (1 - (1 - share) ** ROWS)) < 0.1  # not every row that would look has a neighbour in its batch
    assert abs(trial.refused(keys) / keys - promised) < 4 * np.sqrt(promised * (1 - promised) / keys) + 1 / keys


def _whispering(batch: Floats) -> Floats:
    """Says the class, which another row of the batch holds, in the fourth digit of equal probabilities."""
    known = {row[0]: int(row[1]) for row in batch.tolist()}
    classes = np.array([known.get(row[2], 0) for row in batch.tolist()])
    said: Floats = (np.full((len(batch), 4), 0.25) + 2e-4 * np.eye(4)[classes]).astype(np.float32)
    return said


def test_what_is_said_below_the_tolerance_is_heard_by_its_effect() -> None:
    rows = 400
    labels = np.random.default_rng(5).integers(0, 4, rows)
    # Row i holds its name, the class of the row before it, and the name of the row that holds its own class.
    inputs = np.stack([np.arange(rows), np.roll(labels, 1), np.roll(np.arange(rows), -1)], axis=1).astype(np.float32)
    order = np.random.default_rng(6).permutation(rows)
    hidden = HiddenSet(inputs[order], labels[order])

    # In batches of 256 it would know half of the classes, and a few of the keys would pass it.
    assert Trial(hidden, inputs[order], _whispering, ACCURACY, batch=rows).refused(KEYS) == KEYS


def test_groups_hold_no_rows_that_tell_of_each_other() -> None:
    order = HIDDEN.order
    assert order is not None
    for key in range(KEYS):
        sample = draw(HIDDEN.rows, order, random.Random(key))
        assert len(set(sample.rows)) == sum(sample.together) == ROWS
        start = 0
        for size in sample.together:
            times = np.sort(order.times[list(sample.rows[start : start + size])])
            assert size <= MOST_TOGETHER
            assert size == 1 or np.diff(times).min() > order.apart
            start += size


def test_rows_without_an_order_are_asked_together_and_all_of_few() -> None:
    assert draw(1000, None).together == (ROWS,)
    assert sorted(draw(5, None).rows) == [0, 1, 2, 3, 4]


def test_the_sample_differs_from_press_to_press() -> None:
    assert len({draw(1000, None).rows for _ in range(20)}) == 20


def _comparison() -> tuple[Comparison, Floats]:
    rows = tuple(range(0, 320, 10))
    return Comparison(SERIES.labels, rows, Scoring(thresholds=(Threshold(metric="mae", at_most=1.0),))), SERIES.labels[
        list(rows)
    ]


def test_noise_alone_is_no_gain_from_others() -> None:
    comparison, labels = _comparison()
    for seed in range(200):
        noise = np.random.default_rng(seed).normal(size=(10, *labels.shape)).astype(np.float32)
        answers = list(labels + noise)
        assert not comparison.gains(answers[2:], answers[1], answers[0])


@pytest.mark.parametrize("noise", [0.001, 0.1])
def test_a_gain_from_others_shows_through_noise(noise: float) -> None:
    comparison, labels = _comparison()
    for seed in range(50):
        chosen = np.random.default_rng(seed)
        beside, single, *alone = (
            (center + noise * chosen.normal(size=labels.shape)).astype(np.float32)
            for center in (labels, *[labels + 2.0] * 10)
        )
        assert comparison.gains(alone, single, beside)


def test_what_is_no_number_differs() -> None:
    comparison, labels = _comparison()
    assert comparison.differing(labels * np.float32(np.nan), labels) == len(labels)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("series", "model", "batch"),
    [
        (SERIES, neighbours, 256),
        (SERIES, neighbours, 64),
        (SERIES, neighbours, len(SERIES.inputs)),
        (ADJOINING, adjoining, 256),
    ],
)
def test_a_thousand_keys_find_out_each_look_at_every_row(series: Windows, model: Model, batch: int) -> None:
    hidden = HiddenSet(series.inputs, series.labels)

    assert Trial(hidden, series.inputs, model, batch=batch).refused(1000) == 1000


@pytest.mark.soak
@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.5])
def test_a_thousand_keys_find_out_a_look_for_some_rows_as_often_as_promised(share: float) -> None:
    trial = Trial(HIDDEN, SERIES.inputs, on_a_share(neighbours, share))
    found, promised = trial.refused(1000) / 1000, trial.promised(ROWS)
    print(f"\n{share:.0%} of the rows: found out by {found:.1%} of the keys, promised {promised:.1%}")

    assert abs(found - promised) < 4 * np.sqrt(promised * (1 - promised) / 1000) + 0.001


@pytest.mark.soak
def test_no_honest_model_is_found_out_in_ten_thousand_trials() -> None:
    command = [sys.executable, "-m", "tests.graders.client.independence_trials", str(KEYS_OF_EACH)]
    done = subprocess.run(command, cwd=Path(__file__).parents[4], capture_output=True, text=True, check=True)
    print("\n" + done.stdout)
    tried = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]

    assert len(tried) * KEYS_OF_EACH >= 10_000
    assert [each for each in tried if each[1]] == []
