"""Models that have learnt nothing must not pass a single test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from graders.scoring.scores import score
from mockexam.packs.format.model import Problem

Hidden = tuple[np.ndarray, np.ndarray]


def untrained_predictions(problem: Problem, inputs: np.ndarray, labels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Names and predictions (n, *output_shape) of models that look at nothing, or only repeat what they see."""
    shape: tuple[Any, ...] = (len(labels), *problem.contract.output_shape)
    rng = np.random.default_rng(3)
    yield "zeros", np.zeros(shape)
    if problem.contract.activation == "softmax":
        for chosen in range(shape[-1]):
            yield f"always class {chosen}", np.broadcast_to(np.eye(shape[-1])[chosen], shape)
        noise = rng.random(shape)
        yield "chance", noise / noise.sum(axis=-1, keepdims=True)
    elif problem.contract.activation == "sigmoid":
        yield "always yes", np.ones(shape)
        yield "half", np.full(shape, 0.5)
        yield "chance", rng.random(shape)
    else:
        yield "median", np.broadcast_to(np.median(labels, axis=0), shape)
        yield "mean", np.broadcast_to(labels.mean(axis=0), shape)
        yield from repeated(inputs, shape)


def repeated(inputs: np.ndarray, shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """The input itself, its last step, and means of its last steps, where they have a meaning."""
    if inputs.shape == shape:
        yield "input", inputs
    if inputs.ndim == 3 and len(shape) == 2 and inputs.shape[1] % shape[1] == 0 and shape[1] > 1:
        seasons = inputs[..., 0].reshape(len(inputs), -1, shape[1])
        yield "the season before", seasons[:, -1]
        yield "mean of the seasons before", seasons.mean(axis=1)
    if inputs.ndim == 3:
        for steps in (1, 2, 3, 6, 12):
            mean = inputs[:, -steps:, : shape[-1]].mean(axis=1)
            yield (
                f"mean of the last {steps}",
                np.broadcast_to(mean.reshape(len(mean), *[1] * (len(shape) - 2), -1), shape),
            )


def test_a_model_without_learning_passes_no_test(problem: Problem, hidden_set: Callable[[Problem], Hidden]) -> None:
    inputs, labels = hidden_set(problem)
    passed = {}
    for name, predictions in untrained_predictions(problem, inputs, labels):
        tests, probabilities, *_ = score(
            np.ascontiguousarray(predictions, np.float32), labels, problem.scoring, "control"
        )
        passed[name] = (sum(test.passed for test in tests), probabilities[0] > 0.98)
    assert passed
    assert set(passed.values()) == {(0, True)}, passed


def test_the_truth_passes_all_tests(problem: Problem, hidden_set: Callable[[Problem], Hidden]) -> None:
    _, labels = hidden_set(problem)
    shape: tuple[Any, ...] = (len(labels), *problem.contract.output_shape)
    if problem.contract.activation == "softmax":
        truth = np.eye(shape[-1])[labels.reshape(-1).astype(int)]
    else:
        truth = labels.reshape(shape)
    tests, probabilities, *_ = score(np.ascontiguousarray(truth, np.float32), labels, problem.scoring, "control")
    assert [test.passed for test in tests] == [True] * 5
    assert probabilities[5] == pytest.approx(1.0)
