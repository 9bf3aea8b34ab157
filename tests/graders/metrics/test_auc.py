"""The area under the ROC curve is scikit-learn's, ties included, and no draw may lack a class."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from graders.contract import Scoring, Threshold
from graders.metrics.measurement import measure
from graders.scoring.scores import score


@settings(max_examples=150, deadline=None)
@given(rows=st.integers(2, 80), levels=st.integers(1, 40), seed=st.integers(0, 999), column=st.booleans())
def test_as_scikit_learn_has_it(rows: int, levels: int, seed: int, column: bool) -> None:
    random = np.random.default_rng(seed)
    labels, scores = random.permutation(np.arange(rows) % 2), random.integers(0, levels, (rows, 1)) / levels
    expected = roc_auc_score(labels, scores[:, 0])
    assert measure("auc", scores, labels[:, None] if column else labels) == pytest.approx(expected)
    assert measure("auc", scores, 1 - labels) == pytest.approx(1 - expected)
    # Logits rank as their probabilities do.
    assert measure("auc", 8 * scores - 4, labels) == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:Only one class")
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_has_none(label: int) -> None:
    labels, scores = np.full(5, label), np.linspace(0, 1, 5)[:, None]
    assert math.isnan(measure("auc", scores, labels))
    assert math.isnan(roc_auc_score(labels, scores[:, 0]))


def test_a_constant_model_is_worth_a_half() -> None:
    assert measure("auc", np.full((10, 1), 0.7), np.arange(10) % 3 == 0) == 0.5


def test_the_steps_of_sequences_are_ranked_together() -> None:
    random = np.random.default_rng(6)
    labels, scores = random.integers(0, 2, (30, 4)), random.random((30, 4, 1))
    assert measure("auc", scores, labels) == pytest.approx(roc_auc_score(labels.ravel(), scores.ravel()))


@pytest.mark.parametrize("labels", [np.array([0, 1, 2]), np.array([0, 1])])
def test_labels_that_do_not_fit_are_a_fault_of_the_problem(labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="label"):
        measure("auc", np.full((3, 1), 0.5), labels)


def test_every_draw_holds_a_rare_class_or_the_problem_is_refused() -> None:
    task = Scoring(thresholds=(Threshold(metric="auc", at_least=0.6),), draw_size=100)
    scores = np.linspace(0, 1, 1000)[:, None]
    tests, probabilities, _, sets = score(scores, np.arange(1000) % 40 == 39, task, "key")
    assert all(0 <= test.values["auc"] <= 1 for test in tests)
    assert sum(probabilities) == pytest.approx(1)
    assert sets == 1000
    with pytest.raises(ValueError, match="auc is undefined"):
        score(scores, np.arange(1000) % 500 == 0, task, "key")
