"""The order of hidden rows is put together again from what they share, and what a look-up scores is measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders import Scoring, Threshold
from mockexam.packs.workers.neighbours import Hops, hops
from mockexam.packs.workers.order import answers_in, look_up, series_of, times, with_times
from mockexam.packs.workers.requests import LookUp

RNG = np.random.default_rng(11)
MAE = Scoring(mode="ladder", thresholds=(Threshold(metric="mae", at_most=0.1),), graded_thresholds=(0.1,) * 5)
WALK = RNG.normal(size=400).cumsum().astype(np.float32)
COUNTS = RNG.poisson(9, 400).astype(np.float32) * (np.arange(400) % 24 > 7)
STAIRS = np.repeat(RNG.normal(size=100), 4).astype(np.float32)
TABLE = RNG.normal(size=(400, 3)).cumsum(axis=0).astype(np.float32)

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def rows(series: np.ndarray, length: int = 20, lead: int = 0, ahead: int = 1, stride: int = 1) -> Rows:
    """Windows of a series in a random order, the `ahead` steps that come `lead` steps later, and when those begin."""
    table = series.reshape(len(series), -1)
    first = np.arange(0, len(table) - length - lead - ahead + 1, stride)
    RNG.shuffle(first)
    later = first + length + lead
    inputs = np.stack([table[start : start + length] for start in first])
    return inputs, np.stack([table[start : start + ahead, 0] for start in later]), later


SETS: dict[str, Rows] = {
    "every step": rows(WALK),
    "every third step": rows(WALK, stride=3),
    "a year later": rows(WALK, lead=12),
    "a week later": rows(WALK, ahead=7),
    "counts with long nights": rows(COUNTS, ahead=3),
    "stairs": rows(STAIRS),
    "three features": rows(TABLE, ahead=4),
}


@pytest.mark.parametrize("name", SETS)
def test_rows_in_any_order_tell_their_times(name: str) -> None:
    inputs, labels, later = SETS[name]
    found = times(inputs, labels)
    assert found is not None
    np.testing.assert_array_equal(found - found.min(), later - later.min())
    np.testing.assert_array_equal(times(inputs[..., 0], labels), times(inputs[..., :1], labels))


def test_series_that_share_nothing_lie_far_apart() -> None:
    (one, one_labels, _), (two, two_labels, _) = rows(WALK[:100]), rows(WALK[200:300] + 500)
    found = times(np.concatenate([one, two]), np.concatenate([one_labels, two_labels]))
    assert found is not None
    first, second = found[: len(one)], found[len(one) :]
    assert second.min() - first.max() >= 20
    assert np.ptp(first) == np.ptp(second) == len(one) - 1


UNORDERED: dict[str, np.ndarray] = {
    "a table": RNG.normal(size=(60, 9)),
    "a table of few values": RNG.integers(0, 2, (60, 9)).astype(np.float32),
    "windows side by side": WALK.reshape(20, 20, 1),
    "one feature": RNG.normal(size=(60, 1)),
    "pictures": RNG.normal(size=(6, 8, 8, 3)),
    "texts": np.array([["a b"], ["c d"]] * 9),
    "tosses of a coin": rows(RNG.integers(0, 2, 400).astype(np.float32))[0],
    "a clockwork": rows((np.arange(400) % 17).astype(np.float32))[0],
    "the same row": np.ones((30, 20, 1)),
}


@pytest.mark.parametrize("name", UNORDERED)
def test_rows_without_an_order_have_none(name: str) -> None:
    inputs = UNORDERED[name]
    assert series_of(inputs) is None
    assert times(inputs, np.zeros((len(inputs), 1))) is None


def written(folder: Path, inputs: np.ndarray, labels: np.ndarray, **more: Any) -> Path:
    np.savez(folder / "hidden.npz", inputs=inputs, labels=labels, **more)
    return folder / "hidden.npz"


def shifted(series: np.ndarray, steps: int) -> float:
    """How far a series is from itself so many steps later, on average."""
    return float(abs(series[steps:] - series[:-steps]).mean())


@pytest.mark.parametrize(("name", "ahead"), [("every step", 1), ("a year later", 1), ("a week later", 7)])
def test_a_look_up_scores_what_the_series_gives_away(tmp_path: Path, name: str, ahead: int) -> None:
    inputs, labels, _ = SETS[name]
    found = look_up(written(tmp_path, inputs, labels), MAE)
    assert found.ordered
    # Only the last rows' answers are in no other row.
    assert found.held["mae"] < 0.1 * found.adjoining["mae"]
    assert found.adjoining["mae"] == pytest.approx(shifted(WALK, ahead), rel=0.15)


def test_answers_in_another_unit_are_found_too(tmp_path: Path) -> None:
    inputs, labels, _ = SETS["a week later"]
    found = look_up(written(tmp_path, inputs, 100 * labels - 7), MAE)
    assert found.held["mae"] < 0.1 * found.adjoining["mae"]
    assert found.adjoining["mae"] == pytest.approx(100 * shifted(WALK, 7), rel=0.15)


def test_answers_that_are_no_values_of_rows_are_not_looked_up(tmp_path: Path) -> None:
    inputs, labels, _ = SETS["every step"]
    assert look_up(written(tmp_path, inputs, RNG.normal(size=labels.shape)), MAE) == LookUp(ordered=True)


def test_windows_side_by_side_have_the_order_that_time_gives_them(tmp_path: Path) -> None:
    inputs, labels, later = rows(WALK, ahead=5, stride=20)
    assert look_up(written(tmp_path, inputs, labels), MAE) == LookUp(ordered=False)
    found = look_up(written(tmp_path, inputs, labels, time=later.astype(np.float64)), MAE)
    assert found.held["mae"] < 0.5 * found.adjoining["mae"]


def test_times_in_seconds_are_an_order_but_no_steps(tmp_path: Path) -> None:
    inputs, labels, later = rows(WALK, ahead=5, stride=20)
    seconds = later * 86400.0 * 365 + 1.7e9
    assert look_up(written(tmp_path, inputs, labels, time=seconds), MAE) == LookUp(ordered=True)


def test_times_are_added_once(tmp_path: Path) -> None:
    inputs, labels, later = SETS["a year later"]
    source, target = written(tmp_path, inputs, labels), tmp_path / "dated.npz"
    assert with_times(source, target)
    with np.load(target) as arrays:
        assert arrays.files == ["inputs", "labels", "time"]
        np.testing.assert_array_equal(arrays["inputs"], inputs)
        np.testing.assert_array_equal(arrays["labels"], labels)
        np.testing.assert_array_equal(arrays["time"] - arrays["time"].min(), later - later.min())
    assert with_times(written(tmp_path, inputs, labels, time=-later), target)
    with np.load(target) as arrays:
        np.testing.assert_array_equal(arrays["time"], -later)
    assert not with_times(written(tmp_path, UNORDERED["a table"], np.ones(60)), target)
    with np.load(target) as arrays:
        assert arrays.files == ["inputs", "labels"]


WAYS: dict[str, tuple[Callable[[], Rows], Hops]] = {
    "in one hop": (lambda: rows(WALK), Hops(1, 1, 19)),
    "past a lead": (lambda: rows(WALK, lead=12), Hops(13, 1, 19)),
    "in two hops": (lambda: rows(WALK, ahead=20), Hops(10, 2, 0)),
    "by strides": (lambda: rows(WALK, ahead=4, stride=3), Hops(6, 1, 14)),
    "to the row that adjoins": (lambda: rows(WALK, ahead=5, stride=20), Hops(20, 1, 0)),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_way_to_the_row_that_holds_the_answer(name: str) -> None:
    make, expected = WAYS[name]
    inputs, labels, later = make()
    series = series_of(inputs, later)
    assert series is not None
    found = answers_in(series, labels)
    assert found is not None
    assert hops(series, found) == expected
