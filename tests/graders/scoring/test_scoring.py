"""Predictions to scores: thresholds, modes, notes, and pass probabilities that hold what they promise."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from graders.contract import Scoring, Threshold
from graders.metrics.measurement import measure
from graders.scoring import draws
from graders.scoring.scores import score
from graders.scoring.sheet import Sheet, meets_all, rounded
from graders.verdict import TestScore

RANDOM = np.random.default_rng(3)
ROWS = 2000
LABELS = RANDOM.integers(0, 10, ROWS)


def guesses(sharpness: float = 3.2, rows: int = ROWS) -> np.ndarray:
    random = np.random.default_rng(4)
    logits = random.normal(size=(rows, 10))
    logits[np.arange(rows), LABELS[:rows]] += sharpness
    powers = np.exp(logits)
    shares: np.ndarray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


LOSS = Threshold(metric="sparse_categorical_crossentropy", at_most=0.6)
SHARE = Threshold(metric="accuracy", at_least=0.9)


def test_every_threshold_must_be_met() -> None:
    tests, _, notes, _ = score(guesses(), LABELS, Scoring(thresholds=(LOSS, SHARE)), "key")
    assert [test.passed for test in tests] == [True] * 5
    assert notes == ()
    strict = Threshold(metric="sparse_categorical_crossentropy", at_most=0.3)
    tests, probabilities, _, _ = score(guesses(), LABELS, Scoring(thresholds=(strict, SHARE)), "key")
    assert [test.passed for test in tests] == [False] * 5
    assert probabilities == (1.0, 0, 0, 0, 0, 0)
    assert all(test.values["accuracy"] >= 0.9 for test in tests)


def test_each_test_is_the_metric_of_its_draw() -> None:
    task = Scoring(thresholds=(LOSS, SHARE, Threshold(metric="macro_f1", at_least=0.5)))
    predictions = guesses()
    tests, _, _, _ = score(predictions, LABELS, task, "key")
    rows = draws.draw(draws.strata(LABELS, task), ROWS, task, "key", 0)
    for test, chosen in zip(tests, rows, strict=True):
        assert set(test.values) == {"sparse_categorical_crossentropy", "accuracy", "macro_f1"}
        for threshold in task.thresholds:
            value = test.values[threshold.metric]
            assert value == pytest.approx(measure(threshold.metric, predictions[chosen], LABELS[chosen]), rel=1e-12)


def test_a_threshold_is_met_by_exactly_its_value() -> None:
    labels = np.zeros(100, int)
    predictions = np.eye(2)[(np.arange(100) >= 89).astype(int)]
    task = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.89),), tests=1, draw_size=100)
    assert score(predictions, labels, task, "key").tests[0].passed
    task = Scoring(thresholds=(Threshold(metric="mae", at_most=0.25),), tests=1, draw_size=100)
    assert score(np.full((100, 1), 0.25), np.zeros(100), task, "key").tests[0].passed


def test_the_same_key_gives_the_same_scores() -> None:
    task = Scoring(thresholds=(LOSS,))
    assert score(guesses(), LABELS, task, "key", 0) == score(guesses(), LABELS, task, "key", 5)
    assert score(guesses(), LABELS, task, "key").tests != score(guesses(), LABELS, task, "other").tests
    again = Scoring(thresholds=(LOSS,), mode="redraw")
    assert score(guesses(), LABELS, again, "key", 0)[0] != score(guesses(), LABELS, again, "key", 1)[0]


def test_graded_thresholds_give_a_point_each() -> None:
    """The published rule of the original's sunspots: min(5, ceil(17 - 100 MAE))."""
    task = Scoring(
        thresholds=(Threshold(metric="mae", at_most=0.13),),
        mode="ladder",
        graded_thresholds=(0.17, 0.16, 0.15, 0.14, 0.13),
    )
    truth = np.zeros((500, 1))
    for error, passed in ((0.12, 5), (0.135, 4), (0.155, 2), (0.165, 1), (0.2, 0)):
        tests, probabilities, _, _ = score(np.full((500, 1), error), truth, task, "key")
        assert sum(test.passed for test in tests) == passed
        assert all(test.values == pytest.approx({"mae": error}) for test in tests)
        assert probabilities[passed] == 1.0


def test_graded_thresholds_upwards() -> None:
    task = Scoring(
        thresholds=(Threshold(metric="accuracy", at_least=0.5),),
        mode="ladder",
        graded_thresholds=(0.5, 0.6, 0.7, 0.8, 0.999),
    )
    assert sum(test.passed for test in score(guesses(), LABELS, task, "key").tests) == 4


def test_graded_thresholds_without_a_limit_for_each_test_are_a_fault_of_the_problem() -> None:
    task = Scoring(thresholds=(SHARE,), mode="ladder", graded_thresholds=(0.5, 0.6))
    with pytest.raises(ValueError, match="5 limits"):
        score(guesses(), LABELS, task, "key")


def test_logits_are_noted() -> None:
    task = Scoring(thresholds=(LOSS, SHARE))
    tests, _, notes, _ = score(np.log(guesses()) - 5, LABELS, task, "key")
    assert tests == tuple(pytest_approx(test) for test in score(guesses(), LABELS, task, "key").tests)
    assert len(notes) == 1
    assert "logits" in str(notes[0])


def pytest_approx(test: TestScore) -> TestScore:
    import msgspec

    return msgspec.structs.replace(test, values=pytest.approx(test.values, abs=1e-5))


@pytest.mark.parametrize(
    ("thresholds", "rows", "size"),
    [
        ((Threshold(metric="accuracy", at_least=0.938),), 2000, None),
        ((Threshold(metric="sparse_categorical_crossentropy", at_most=0.553), SHARE), 2000, None),
        ((Threshold(metric="macro_f1", at_least=0.938),), 2000, 200),
        ((Threshold(metric="accuracy", at_least=0.94),), 200, None),
        ((Threshold(metric="accuracy", at_least=0.945),), 200, 150),
    ],
)
def test_the_pass_probabilities_are_what_redrawing_gives(
    thresholds: tuple[Threshold, ...], rows: int, size: int | None
) -> None:
    predictions, labels = guesses(rows=rows), LABELS[:rows]
    task = Scoring(thresholds=thresholds, mode="redraw", draw_size=size)
    seen = Counter(_passed(predictions, labels, task, press) for press in range(600))
    probabilities = score(predictions, labels, task, "key").pass_probabilities
    assert sum(probabilities) == pytest.approx(1)
    assert len(probabilities) == 6
    assert max(seen.values()) < 600  # the threshold is near enough to the model to be worth asking
    for passed in range(6):
        assert probabilities[passed] == pytest.approx(seen[passed] / 600, abs=0.08)


def _passed(predictions: np.ndarray, labels: np.ndarray, task: Scoring, press: int) -> int:
    rows = draws.draw(draws.strata(labels, task), len(labels), task, "presses", press)
    return int(meets_all(task.thresholds, Sheet(predictions, labels, task).of_draws(rows)).sum())


def test_the_pass_probabilities_of_graded_thresholds_follow_the_spread_of_the_errors() -> None:
    errors = np.random.default_rng(8).exponential(0.15, (600, 1))
    mean = errors.mean()
    task = Scoring(thresholds=(Threshold(metric="mae", at_most=mean),), mode="ladder", graded_thresholds=(mean,) * 5)
    probabilities = score(errors, np.zeros(600), task, "key").pass_probabilities
    assert probabilities[5] == pytest.approx(0.5, abs=0.06)
    wide = mean + 2 * errors.std() / 600**0.5
    task = Scoring(thresholds=(Threshold(metric="mae", at_most=wide),), mode="ladder", graded_thresholds=(wide,) * 5)
    assert score(errors, np.zeros(600), task, "key").pass_probabilities[5] == pytest.approx(0.977, abs=0.02)


def test_metrics_are_rounded_before_a_threshold_is_asked() -> None:
    labels = np.zeros(1000, np.int64)
    labels[:55] = 1  # a model that always says 0 is right in 94.5 %
    constant = np.zeros((1000, 2), np.float32)
    constant[:, 0] = 1.0
    exact = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.9),), draw_size=1000)
    assert {test.values["accuracy"] for test in score(constant, labels, exact, "key").tests} == {0.945}
    for digits, told in ((1, 0.9), (2, 0.94), (3, 0.945)):  # half goes to the even digit
        scoring = Scoring(thresholds=(Threshold(metric="accuracy", at_least=told),), draw_size=1000, precision=digits)
        tests, probabilities, _, _ = score(constant, labels, scoring, "key")
        assert {test.values["accuracy"] for test in tests} == {told}
        assert [test.passed for test in tests] == [True] * 5
        assert probabilities[5] == 1.0
    above = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.942),), draw_size=1000, precision=2)
    tests, probabilities, _, _ = score(constant, labels, above, "key")
    assert [test.passed for test in tests] == [False] * 5
    assert probabilities[0] == 1.0


def test_metrics_of_rows_and_graded_thresholds_are_rounded_too() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 1000)
    likely = np.clip(labels + rng.normal(0, 0.7, 1000), 0, 1)[:, None].astype(np.float32)
    area = Threshold(metric="auc", at_least=0.8)
    for test in score(likely, labels, Scoring(thresholds=(area,), precision=2), "key").tests:
        assert test.values["auc"] == float(f"{test.values['auc']:.2g}")
    error = Threshold(metric="mae", at_most=0.3)
    ladder = Scoring(thresholds=(error,), mode="ladder", graded_thresholds=(0.3, 0.3, 0.3, 0.3, 0.3), precision=1)
    off = labels[:, None] + np.float32(0.34)
    assert [test.passed for test in score(off, labels[:, None], ladder, "key").tests] == [True] * 5


def test_rounding_gives_the_nearest_float_of_the_decimal() -> None:
    values = np.array([0.94523, 0.0384, 1234.5, -2.345, 0.99999, 1e-9, 100.0, 1e15, 123456789.0])
    for digits in range(1, 16):
        assert list(rounded(values, digits)) == [float(f"{value:.{digits - 1}e}") for value in values]
    odd = np.array([0.0, np.nan, np.inf, -np.inf])
    assert np.array_equal(rounded(odd, 2), odd, equal_nan=True)
    assert rounded(np.array([5e-324]), 3)[0] in (0.0, 5e-324)
