"""Metrics that are computed from the examples of each draw: scores, pass probabilities and calibration all the same."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.contract import Scoring, Threshold
from graders.metrics.table import METRICS
from graders.scoring import draws, pass_probability
from graders.scoring.scores import score
from graders.scoring.sheet import Sheet
from mockexam.packs.workers import calibration

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.normal(size=(1000, 2))
GUESS = TRUTH + RANDOM.exponential(0.4, TRUTH.shape)


def _mae(predictions: np.ndarray, labels: np.ndarray) -> float:
    return float(np.abs(predictions - labels).mean())


def _correlation(predictions: np.ndarray, labels: np.ndarray) -> float:
    if len(np.unique(labels)) == 1:
        return float("nan")
    return float(np.corrcoef(predictions.ravel(), labels.ravel())[0, 1])


@pytest.fixture(autouse=True)
def _two_more_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """`mae_of_rows` is `mae` the slow way; `correlation` is undefined where the labels are all alike."""
    slow = msgspec.structs.replace(METRICS["mae"], name="mae_of_rows", columns=None, of_rows=_mae)
    monkeypatch.setitem(METRICS, "mae_of_rows", slow)
    for kind in ("classification", "regression"):
        name = f"correlation_{kind}"
        changes = {"name": name, "kind": kind, "better": "higher", "of_rows": _correlation, "labels_vary": True}
        monkeypatch.setitem(METRICS, name, msgspec.structs.replace(slow, **changes))


def tasks(metric: str) -> dict[str, Scoring]:
    threshold = Threshold(metric=metric, at_most=0.405)
    return {
        "separate": Scoring(thresholds=(threshold,)),
        "overlapping": Scoring(thresholds=(threshold,), draw_size=300),
        "with another": Scoring(thresholds=(threshold, Threshold(metric="rmse", at_most=0.57))),
        "ladder": Scoring(
            thresholds=(Threshold(metric=metric, at_most=0.38),),
            mode="ladder",
            graded_thresholds=(0.41, 0.395, 0.39, 0.385, 0.38),
        ),
    }


@pytest.mark.parametrize("name", tasks("mae"))
def test_scores_are_those_of_columns_and_probabilities_nearly(name: str) -> None:
    slow = score(GUESS, TRUTH, tasks("mae_of_rows")[name], "key")
    fast = score(GUESS, TRUTH, tasks("mae")[name], "key")
    for ours, theirs in zip(slow.tests, fast.tests, strict=True):
        assert ours.passed == theirs.passed
        assert list(ours.values.values()) == pytest.approx(list(theirs.values.values()), rel=1e-12)
    assert 0 < max(fast.pass_probabilities) < 0.9
    assert slow.pass_probabilities == pytest.approx(fast.pass_probabilities, abs=0.06)
    assert fast.sets is None
    assert slow.sets == pass_probability.affordable_sets(
        Sheet(GUESS, TRUTH, tasks("mae_of_rows")[name]), tasks("mae")[name]
    )
    assert score(GUESS, TRUTH, tasks("mae_of_rows")[name], "key") == slow


@settings(max_examples=50, deadline=None)
@given(rows=st.integers(1, 3000), outputs=st.integers(1, 400), tests=st.integers(1, 20))
def test_the_work_is_bounded(rows: int, outputs: int, tests: int) -> None:
    values = np.zeros((rows, outputs), np.float32)
    task = Scoring(thresholds=(Threshold(metric="mae_of_rows", at_most=1.0),), tests=tests)
    sets = pass_probability.affordable_sets(Sheet(values, values, task), task)
    assert pass_probability.FEWEST_SETS <= sets <= pass_probability.MOST_SETS
    work = sets * tests * draws.draw_size(task, rows) * outputs
    assert work <= pass_probability.WORK_ON_ROWS or sets == pass_probability.FEWEST_SETS


def test_as_many_sets_are_counted_as_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def counted(predictions: np.ndarray, labels: np.ndarray) -> float:
        measured.append(len(labels))
        return _mae(predictions, labels)

    counting = msgspec.structs.replace(METRICS["mae_of_rows"], of_rows=counted)
    monkeypatch.setitem(METRICS, "mae_of_rows", counting)
    monkeypatch.setattr(pass_probability, "WORK_ON_ROWS", 200 * 5 * 200 * 2)
    assert score(GUESS, TRUTH, tasks("mae_of_rows")["separate"], "key").sets == 200
    assert measured == [200] * (5 + 200 * 5)


@pytest.mark.parametrize("name", tasks("mae"))
def test_calibration_draws_what_the_grader_draws(name: str) -> None:
    values = calibration.over_draws(GUESS, TRUTH, tasks("mae_of_rows")[name], 2, "key")["mae_of_rows"]
    tests = score(GUESS, TRUTH, tasks("mae_of_rows")[name], "key/1").tests
    assert values[-1] == [test.values["mae_of_rows"] for test in tests][: len(values[-1])]


def test_a_large_calibration_draws_fewer_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pass_probability, "WORK_ON_ROWS", 0)
    values = calibration.over_draws(GUESS, TRUTH, tasks("mae_of_rows")["with another"], 200, "key")
    assert {name: len(sets) for name, sets in values.items()} == {"mae_of_rows": 50, "rmse": 50}
    assert len(calibration.over_draws(GUESS, TRUTH, tasks("mae")["separate"], 200, "key")["mae"]) == 200


@settings(max_examples=300, deadline=None)
@given(
    rows=st.integers(2, 400),
    rare=st.integers(0, 30),
    size=st.integers(1, 60),
    tests=st.integers(1, 5),
    kind=st.sampled_from(["classification", "regression"]),
    key=st.text(max_size=3),
)
def test_no_draw_is_alike_unless_that_was_told(
    rows: int, rare: int, size: int, tests: int, kind: str, key: str
) -> None:
    labels = np.zeros(rows, np.int64)
    labels[: min(rare, rows)] = 1
    name = f"correlation_{kind}"
    task = Scoring(thresholds=(Threshold(metric=name, at_least=0.5),), tests=tests, draw_size=min(size, rows))
    drawn = labels[draws.draw(draws.strata(labels, task), rows, task, key, 0)]
    if draws.undefined_metrics(labels, task):
        with pytest.raises(ValueError, match=f"for which {name} is undefined"):
            score(np.zeros((rows, 1)), labels, task, key)
    else:
        assert all(len(set(each)) == 2 for each in drawn.tolist())
        assert (counts := np.bincount(labels)).min() < rows
        assert len(counts) == 2


def test_plenty_of_both_classes_will_do() -> None:
    task = Scoring(thresholds=(Threshold(metric="correlation_classification", at_least=0.5),), draw_size=50)
    assert draws.undefined_metrics(np.arange(1000) % 10 == 0, task) == []
    assert draws.undefined_metrics(np.arange(1000) % 100 == 0, task) == ["correlation_classification"]


def test_a_regression_needs_targets_that_vary_at_each_position_and_a_classification_at_any() -> None:
    labels = np.stack([np.zeros(100), np.arange(100)], axis=1)
    for kind, told in (("classification", []), ("regression", ["correlation_regression"])):
        task = Scoring(thresholds=(Threshold(metric=f"correlation_{kind}", at_least=0.5),), draw_size=20)
        assert draws.undefined_metrics(labels, task) == told


def test_graded_thresholds_leave_out_resamples_of_which_nothing_can_be_said() -> None:
    labels = np.zeros(20)
    labels[0] = 1
    task = Scoring(
        thresholds=(Threshold(metric="correlation_regression", at_least=0.5),),
        mode="ladder",
        graded_thresholds=(0.5,) * 5,
    )
    assert score(labels[:, None], labels, task, "key").pass_probabilities == (0, 0, 0, 0, 0, 1)
