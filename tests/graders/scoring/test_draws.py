"""Which rows make up the tests: keyed, separate where possible, each class in proportion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.contract import SMALLEST_SEPARATE_DRAW, Scoring, Threshold
from graders.scoring import draws

ACCURACY = (Threshold(metric="accuracy", at_least=0.9),)
ERROR = (Threshold(metric="mae", at_most=0.1),)


def scoring(**more: Any) -> Scoring:
    return Scoring(**{"thresholds": ACCURACY, **more})


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(250, 1500),
    classes=st.integers(1, 7),
    tests=st.integers(1, 6),
    key=st.text(max_size=8),
    seed=st.integers(0, 1000),
)
def test_draws_are_separate_and_stratified(rows: int, classes: int, tests: int, key: str, seed: int) -> None:
    labels = np.random.default_rng(seed).choice(classes, rows, p=np.random.default_rng(seed).dirichlet([1] * classes))
    task = scoring(tests=tests)
    chosen = draws.draw(draws.strata(labels, task), rows, task, key, 0)
    if rows // tests >= SMALLEST_SEPARATE_DRAW:
        assert chosen.shape == (tests, rows // tests)
        assert len(np.unique(chosen)) == chosen.size
    for rows_of_test in chosen:
        assert len(np.unique(rows_of_test)) == len(rows_of_test)
        counts = np.bincount(labels[rows_of_test], minlength=classes)
        wanted = np.bincount(labels, minlength=classes) * len(rows_of_test) / rows
        assert np.abs(counts - wanted).max() <= 2


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 240), key=st.text(max_size=5))
def test_a_small_set_is_drawn_from_again(rows: int, key: str) -> None:
    task = scoring()
    chosen = draws.draw(None, rows, task, key, 0)
    assert chosen.shape == (5, max(1, round(rows * 0.8)))
    for rows_of_test in chosen:
        assert len(np.unique(rows_of_test)) == len(rows_of_test)
        assert 0 <= rows_of_test.min() <= rows_of_test.max() < rows


def test_a_key_gives_the_same_rows_on_every_machine() -> None:
    """The numbers are written down: another NumPy or another processor must find the same."""
    labels = np.arange(1000) % 4
    chosen = draws.draw(draws.strata(labels, scoring()), 1000, scoring(), "attempt-1/problem-2", 0)
    assert chosen[:, :4].tolist() == PINNED


PINNED = [[74, 851, 168, 917], [258, 27, 736, 201], [962, 687, 528, 945], [778, 459, 832, 173], [654, 943, 976, 97]]


def test_the_press_matters_only_where_asked() -> None:
    labels = np.arange(1000) % 4

    def rows(mode: str, key: str, press: int) -> bytes:
        task = scoring(mode=mode)
        return draws.draw(draws.strata(labels, task), 1000, task, key, press).tobytes()

    assert rows("draws", "a", 0) == rows("draws", "a", 7)
    assert rows("draws", "a", 0) != rows("draws", "b", 0)
    assert rows("redraw", "a", 0) != rows("redraw", "a", 1)
    assert rows("redraw", "a", 1) == rows("redraw", "a", 1)


def test_a_wanted_size_is_kept() -> None:
    assert draws.draw(None, 1000, scoring(draw_size=100), "k", 0).shape == (5, 100)
    assert draws.are_separate(scoring(draw_size=200), 1000)
    assert not draws.are_separate(scoring(draw_size=201), 1000)
    overlapping = draws.draw(None, 1000, scoring(draw_size=900), "k", 0)
    assert len({rows.tobytes() for rows in overlapping}) == 5


@pytest.mark.parametrize("size", [0, 1001])
def test_an_impossible_size_is_a_fault_of_the_problem(size: int) -> None:
    with pytest.raises(ValueError, match="rows from a hidden set of 1000"):
        draws.draw(None, 1000, scoring(draw_size=size), "k", 0)


def test_strata_are_the_classes() -> None:
    labels = np.array([5, 7, 5, 9])
    for asked, classes in (
        (labels, [0, 1, 0, 2]),
        (labels[:, None], [0, 1, 0, 2]),
        (np.eye(3)[[2, 0, 2]], [1, 0, 1]),
    ):
        found = draws.strata(asked, scoring())
        assert found is not None
        assert found.tolist() == classes
    assert draws.strata(labels, scoring(thresholds=ERROR)) is None
    assert draws.strata(np.zeros((4, 3, 2)), scoring()) is None


def test_every_row_is_equally_likely() -> None:
    counts = np.zeros(300)
    for key in range(400):
        counts[draws.draw((np.arange(300) % 3).astype(np.uint16), 300, scoring(draw_size=30), str(key), 0)] += 1
    assert abs(counts / 400 - 0.5).max() < 0.12  # 5 × 30 of 300, five standard deviations


def test_the_stream_is_uniform() -> None:
    numbers = draws.Stream("x").fractions(20_000)
    assert 0 <= numbers.min() < numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 0.01
    assert set(draws.Stream("x").integers(7, 1000).tolist()) == set(range(7))
