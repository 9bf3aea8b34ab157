"""Our metrics against Keras' and scikit-learn's, on random cases and on the edges."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from graders.contract import MetricName
from graders.metrics import measurement
from graders.metrics.table import METRICS

RANDOM = np.random.default_rng(11)
ROWS = 200


def probabilities(classes: int, sharpness: float = 1.0) -> np.ndarray:
    return softmax(RANDOM.normal(size=(ROWS, classes)) * sharpness)


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values)
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    rows: np.ndarray = np.eye(classes)[labels]
    return rows


def cases() -> dict[str, tuple[Any, Any]]:
    """Return "what:metric" → (labels, predictions), in float64 so that Keras rounds no more than we do."""
    classes, many = RANDOM.integers(0, 4, ROWS), probabilities(4, 2.0)
    missing = classes % 3  # the last class never occurs
    certain = one_hot(RANDOM.integers(0, 4, ROWS), 4)  # probabilities of exactly 0 and 1
    coins, chances = RANDOM.integers(0, 2, (ROWS, 1)).astype(float), RANDOM.random((ROWS, 1))
    sure = RANDOM.integers(0, 2, (ROWS, 1)).astype(float)
    targets, guesses = RANDOM.normal(size=(ROWS, 5, 3)), RANDOM.normal(size=(ROWS, 5, 3))
    logits, odds = RANDOM.normal(size=(ROWS, 4)) * 4, RANDOM.normal(size=(ROWS, 1)) * 4
    return {
        "random:accuracy": (classes, many),
        "one-hot:accuracy": (one_hot(classes, 4), many),
        "missing:accuracy": (missing, many),
        "certain:accuracy": (classes, certain),
        "random:binary_accuracy": (coins, chances),
        "half:binary_accuracy": (coins, np.full((ROWS, 1), 0.5)),
        "several:binary_accuracy": (one_hot(classes, 4), many),
        "random:sparse_categorical_crossentropy": (classes, many),
        "missing:sparse_categorical_crossentropy": (missing, many),
        "certain:sparse_categorical_crossentropy": (classes, certain),
        "unscaled:sparse_categorical_crossentropy": (classes, many * 0.7),
        "steps:sparse_categorical_crossentropy": (classes[:40].reshape(20, 2), many[:40].reshape(20, 2, 4)),
        "random:categorical_crossentropy": (one_hot(classes, 4), many),
        "certain:categorical_crossentropy": (one_hot(classes, 4), certain),
        "unscaled:categorical_crossentropy": (one_hot(classes, 4), many * 0.7),
        "soft:categorical_crossentropy": (probabilities(4), many),
        "random:binary_crossentropy": (coins, chances),
        "certain:binary_crossentropy": (coins, sure),
        "several:binary_crossentropy": (one_hot(classes, 4), many),
        "random:mse": (targets, guesses),
        "random:mae": (targets, guesses),
        "random:rmse": (targets, guesses),
        "logits:sparse_categorical_crossentropy": (classes, logits),
        "logits:categorical_crossentropy": (one_hot(classes, 4), logits),
        "logits:binary_crossentropy": (coins, odds),
    }


CASES = cases()


@pytest.fixture(scope="session")
def keras_values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("keras")
    arrays = {f"{name}:{part}": array for name, pair in CASES.items() for part, array in zip(PARTS, pair, strict=True)}
    np.savez(folder / "cases.npz", **arrays)
    script = Path(__file__).with_name("keras_reference.py")
    command = [sys.executable, str(script), str(folder / "cases.npz"), str(folder / "values.npz")]
    subprocess.run(command, check=True, capture_output=True)
    with np.load(folder / "values.npz") as values:
        return {name: float(values[name]) for name in values.files}


PARTS = ("labels", "predictions")


@pytest.mark.parametrize("name", sorted(CASES))
def test_as_keras_has_it(keras_values: dict[str, float], name: str) -> None:
    labels, predictions = CASES[name]
    metric = name.split(":")[1]
    assert measurement.are_logits(METRICS[metric], predictions) == name.startswith("logits")
    # Keras computes its metrics, though not its losses, in float32.
    assert measurement.measure(metric, predictions, labels) == pytest.approx(keras_values[name], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_as_scikit_learn_has_it(classes: int) -> None:
    labels, guesses = RANDOM.integers(0, classes, ROWS), probabilities(classes)
    chosen = guesses.argmax(axis=1)
    assert measurement.measure("accuracy", guesses, labels) == pytest.approx(reference.accuracy_score(labels, chosen))
    expected = reference.log_loss(labels, guesses, labels=range(classes))
    assert measurement.measure("sparse_categorical_crossentropy", guesses, labels) == pytest.approx(expected)
    assert measurement.measure("categorical_crossentropy", guesses, one_hot(labels, classes)) == pytest.approx(expected)
    expected = reference.f1_score(labels, chosen, average="macro")
    assert measurement.measure("macro_f1", guesses, labels) == pytest.approx(expected)
    assert measurement.measure("macro_f1", guesses, one_hot(labels, classes)) == pytest.approx(expected)


def test_binary_as_scikit_learn_has_it() -> None:
    labels, chances = RANDOM.integers(0, 2, ROWS), RANDOM.random((ROWS, 1))
    chosen = (chances[:, 0] > 0.5).astype(int)
    assert measurement.measure("binary_crossentropy", chances, labels) == pytest.approx(
        reference.log_loss(labels, chances[:, 0])
    )
    assert measurement.measure("macro_f1", chances, labels) == pytest.approx(
        reference.f1_score(labels, chosen, average="macro")
    )
    assert measurement.measure("accuracy", chances, labels) == pytest.approx((chosen == labels).mean())


def test_macro_f1_leaves_out_a_class_that_nobody_saw() -> None:
    labels, chosen = np.array([0, 0, 1, 1, 3]), np.array([0, 1, 1, 1, 0])
    expected = reference.f1_score(labels, chosen, average="macro", zero_division=0)
    assert measurement.measure("macro_f1", one_hot(chosen, 4), labels) == pytest.approx(expected)


def test_regressions_as_scikit_learn_has_them() -> None:
    truth, guess = RANDOM.normal(size=(ROWS, 6)), RANDOM.normal(size=(ROWS, 6))
    assert measurement.measure("mse", guess, truth) == pytest.approx(reference.mean_squared_error(truth, guess))
    assert measurement.measure("mae", guess, truth) == pytest.approx(reference.mean_absolute_error(truth, guess))
    assert measurement.measure("rmse", guess, truth) == pytest.approx(
        math.sqrt(reference.mean_squared_error(truth, guess))
    )


@pytest.mark.parametrize("metric", ["mse", "mae", "rmse", "binary_crossentropy", "binary_accuracy"])
def test_a_flat_label_column_is_not_spread_over_the_predictions(metric: MetricName) -> None:
    labels, guess = RANDOM.integers(0, 2, ROWS).astype(float), RANDOM.random((ROWS, 1))
    assert measurement.measure(metric, guess, labels) == measurement.measure(metric, guess, labels[:, None])


def test_certain_and_wrong_costs_sixteen() -> None:
    wrong = measurement.measure("binary_crossentropy", np.array([[1.0]]), np.array([0.0]))
    assert wrong == pytest.approx(-math.log(1e-7))
    assert measurement.measure("binary_crossentropy", np.array([[1.0]]), np.array([1.0])) == pytest.approx(
        1e-7, rel=1e-3
    )


@pytest.mark.parametrize(
    ("metric", "predictions", "labels"),
    [
        ("mse", np.zeros((5, 2)), np.zeros((5, 3))),
        ("mae", np.zeros((5, 1)), np.zeros(4)),
        ("accuracy", np.eye(3), np.array([0, 1, 3])),
        ("accuracy", np.eye(3), np.array([0, -1, 2])),
        ("sparse_categorical_crossentropy", np.eye(3), np.array([0, 1, 7])),
        ("mse", np.zeros((0, 1)), np.zeros(0)),
    ],
)
def test_labels_that_do_not_fit_are_a_fault_of_the_problem(
    metric: MetricName, predictions: np.ndarray, labels: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=r"label"):
        measurement.measure(metric, predictions, labels)


def test_rounded_probabilities_are_no_logits() -> None:
    assert not measurement.are_logits(METRICS["accuracy"], probabilities(5).astype(np.float16))
    assert not measurement.are_logits(METRICS["mae"], np.array([3.0, -4.0]))


@pytest.mark.parametrize("metric", ["accuracy", "binary_accuracy"])
def test_one_logit_is_held_against_zero(metric: MetricName) -> None:
    assert measurement.measure(metric, np.array([[0.3], [-2.0], [4.0]]), np.array([1, 0, 1])) == 1


def test_huge_logits_do_not_overflow() -> None:
    values = np.array([[1e30, -1e30], [-1e30, 1e30]])
    assert measurement.measure("sparse_categorical_crossentropy", values, np.array([0, 1])) == 0
    assert measurement.measure("binary_crossentropy", values[:, :1], np.array([1, 0])) == 0
