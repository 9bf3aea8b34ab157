"""Top-5 accuracy is scikit-learn's, ties included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score

from graders.metrics.measurement import measure


@settings(max_examples=100, deadline=None)
@given(rows=st.integers(1, 60), classes=st.integers(6, 30), levels=st.integers(1, 50), seed=st.integers(0, 999))
def test_as_scikit_learn_has_it(rows: int, classes: int, levels: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, scores = random.integers(0, classes, rows), random.integers(0, levels, (rows, classes)) / levels
    expected = top_k_accuracy_score(labels, scores, k=5, labels=range(classes))
    assert measure("top_5_accuracy", scores, labels) == pytest.approx(expected)
    assert measure("top_5_accuracy", scores, np.eye(classes)[labels]) == pytest.approx(expected)


def test_a_constant_model_hits_five_classes_only() -> None:
    assert measure("top_5_accuracy", np.full((100, 10), 0.1), np.arange(100) % 10) == 0.5


def test_an_example_of_several_steps_counts_the_share_of_its_hits() -> None:
    random = np.random.default_rng(4)
    labels, scores = random.integers(0, 8, (20, 3)), random.random((20, 3, 8))
    expected = top_k_accuracy_score(labels.ravel(), scores.reshape(60, 8), k=5, labels=range(8))
    assert measure("top_5_accuracy", scores, labels) == pytest.approx(expected)


@pytest.mark.parametrize("wrong", [-1, 10])
def test_a_class_that_does_not_exist_is_a_fault_of_the_problem(wrong: int) -> None:
    with pytest.raises(ValueError, match="class labels run from"):
        measure("top_5_accuracy", np.full((3, 10), 0.1), np.array([0, wrong, 2]))
