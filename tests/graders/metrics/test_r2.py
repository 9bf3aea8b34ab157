"""R² is scikit-learn's, at the edges too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import r2_score

from graders.contract import Scoring, Threshold
from graders.metrics.measurement import measure
from graders.scoring.scores import score


@settings(max_examples=100, deadline=None)
@given(
    rows=st.integers(2, 60),
    outputs=st.integers(1, 5),
    noise=st.floats(0, 5),
    offset=st.floats(-1e3, 1e3),
    seed=st.integers(0, 999),
)
def test_as_scikit_learn_has_it(rows: int, outputs: int, noise: float, offset: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.normal(size=(rows, outputs)) + offset
    guess = truth + noise * random.normal(size=truth.shape)
    assert measure("r2", guess, truth) == pytest.approx(r2_score(truth, guess), rel=1e-9, abs=1e-9)


def test_each_step_of_a_sequence_is_an_output() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(size=(50, 4, 3)) * np.arange(1, 13).reshape(4, 3)
    guess = truth + random.normal(size=truth.shape)
    assert measure("r2", guess, truth) == pytest.approx(r2_score(truth.reshape(50, 12), guess.reshape(50, 12)))
    assert measure("r2", guess[:, 0, :1], truth[:, 0, 0]) == pytest.approx(r2_score(truth[:, 0, 0], guess[:, 0, 0]))


@pytest.mark.parametrize("guess", [3.0, 4.0])
def test_targets_that_are_all_alike(guess: float) -> None:
    alike, varied = np.full((4, 1), 3.0), np.arange(4.0)[:, None]
    assert measure("r2", np.full((4, 1), guess), alike) == r2_score(alike, np.full((4, 1), guess))
    truth, guesses = np.hstack([alike, varied]), np.hstack([np.full((4, 1), guess), varied + 0.5])
    assert measure("r2", guesses, truth) == pytest.approx(r2_score(truth, guesses))


def test_the_mean_explains_nothing() -> None:
    truth = np.random.default_rng(3).exponential(size=(99, 2))
    assert measure("r2", np.broadcast_to(truth.mean(axis=0), truth.shape), truth) == pytest.approx(0, abs=1e-12)


def test_a_problem_whose_targets_may_be_alike_in_a_test_is_refused() -> None:
    truth = np.stack([np.arange(100.0), np.zeros(100)], axis=1)
    with pytest.raises(ValueError, match="r2 is undefined"):
        score(truth, truth, Scoring(thresholds=(Threshold(metric="r2", at_least=0.5),)), "key")
