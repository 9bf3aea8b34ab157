"""The order of rows in time: stated, found in what they share, or not there."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from graders.trusted.independence.order import order_of
from tests.graders.trusted.independence.series import windows


def _shuffled(rows: int) -> NDArray[np.int64]:
    return np.random.default_rng(3).permutation(rows)


@pytest.mark.parametrize("stride", [1, 3, 10])
def test_windows_that_overlap_are_brought_into_their_order(stride: int) -> None:
    series = windows(200, stride=stride)
    mixed = _shuffled(200)

    order = order_of(series.inputs[mixed], None)

    assert order is not None
    assert np.array_equal(order.times - order.times.min(), series.times[mixed])
    assert order.apart == 90


def test_several_series_lie_far_apart() -> None:
    one, other = windows(100, seed=1), windows(100, seed=2)

    order = order_of(np.concatenate([one.inputs, other.inputs]), None)

    assert order is not None
    assert abs(order.times[:100].max() - order.times[100:].min()) > order.apart


def test_windows_scaled_each_by_itself_have_the_order_of_the_file() -> None:
    series = windows(300).inputs
    scaled = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)

    order = order_of(scaled, None)

    assert order is not None
    assert np.array_equal(order.times, np.arange(300))


def test_a_stated_order_is_taken() -> None:
    times = np.arange(50)[::-1] * 3600.0

    order = order_of(np.zeros((50, 4), np.float32), times)

    assert order is not None
    assert np.array_equal(order.times, times)
    assert order.apart == APART_OF_FOUR_HOURS


APART_OF_FOUR_HOURS = 3.0 * 4 * 3600


@pytest.mark.parametrize(
    "inputs",
    [
        np.random.default_rng(1).random((300, 30, 1)),
        np.random.default_rng(1).random((300, 8, 8)),
        np.random.default_rng(1).integers(0, 2, (300, 12)),  # ones and zeros coincide
        np.pad(np.random.default_rng(1).integers(1, 5000, (300, 20)), ((0, 0), (0, 20))),  # words, filled up
        np.array([["the cat"], ["a dog"]] * 20),
        np.random.default_rng(1).random(300),
        np.zeros((300, 30, 1)),
        np.zeros((3, 30, 1)),
    ],
)
def test_rows_without_an_order_have_none(inputs: NDArray[np.generic]) -> None:
    assert order_of(inputs, None) is None
