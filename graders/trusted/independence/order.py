"""Which rows of a hidden set lie near each other in time, so that one may hold the other's label.

An array `time` says it. Where there is none, it is found: windows of one series share runs of values, and where windows
were scaled each by itself, rows that lie side by side in the file are still alike.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

APART = 3.0  # in lengths of a row: its own, what its label lies ahead, and as much again
MOST_VALUES_OF_ROW = 1 << 14  # longer rows are pictures
MOST_FEATURES = 8  # of a step, by which it is known again
FEWEST_CHANGES = 2  # of value within a run that is shared; there are none in padding
COINCIDENCES = 0.01  # runs that two rows share by chance, at most, where values are as likely as one another
FEWEST_SHARING = 0.02
ALIKE = 0.5  # how much nearer to each other neighbours in the file are than any two rows
PAIRS = 200

Hashes = NDArray[np.uint64]


class Order(NamedTuple):
    """A time for each row, and how far apart two rows must be to tell nothing of each other."""

    times: NDArray[np.float64]
    apart: float


def order_of(inputs: NDArray[Any], time: NDArray[Any] | None) -> Order | None:
    """The order of rows (n, ...) in time, None where there is none. `time` (n,) has any unit."""
    if time is not None:
        return _stated(inputs, np.asarray(time, dtype=np.float64))
    if inputs.ndim < 2 or inputs.dtype.kind not in "fiu" or len(inputs) < 4 or not inputs[0].size:
        return None
    return _by_shared_runs(inputs) or _by_likeness(inputs)


def _stated(inputs: NDArray[Any], times: NDArray[np.float64]) -> Order:
    steps = np.diff(np.unique(times))
    length = inputs.shape[1] if inputs.ndim > 1 else 1
    span = float(np.ptp(times))
    return Order(times, min(APART * length * float(np.median(steps)), span / 3) if len(steps) else 0.0)


def _by_shared_runs(inputs: NDArray[Any]) -> Order | None:
    """Where the end of one row is the beginning of another, the other begins that much later."""
    if inputs.shape[1] < 3 or inputs[0].size > MOST_VALUES_OF_ROW:
        return None
    hashes = _hashes(inputs)
    later = np.full(len(inputs), -1)
    by = np.zeros(len(inputs), dtype=np.int64)
    for shift, found in _matches(hashes):
        new = (found >= 0) & (later < 0)
        later[new], by[new] = found[new], shift
    if np.count_nonzero(later >= 0) < max(2, FEWEST_SHARING * len(inputs)):
        return None
    return Order(_times(later, by, inputs.shape[1]), APART * inputs.shape[1])


def _hashes(inputs: NDArray[Any]) -> Hashes:
    """A number for each step of each row, (n, steps), alike where the values are."""
    flat = inputs.reshape(*inputs.shape[:2], -1)
    flat = np.ascontiguousarray(flat[:, :, :: -(-flat.shape[2] // MOST_FEATURES)], dtype=np.float64)
    words = (flat + 0.0).view(np.uint64)  # so that -0 is 0
    factors = np.random.default_rng(1).integers(1 << 62, 1 << 63, flat.shape[2], dtype=np.uint64) | np.uint64(1)
    mixed = (words ^ (words >> np.uint64(29))) * factors
    total: Hashes = mixed.sum(axis=2, dtype=np.uint64)
    return (total ^ (total >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)


def _matches(hashes: Hashes) -> Any:
    """For each shift, from the smallest, the row that begins as each row ends; -1 for none."""
    rows, steps = hashes.shape
    base = np.uint64(0x2545F4914F6CDD1D)
    powers = np.cumprod(np.full(steps, base, dtype=np.uint64))
    beginnings = np.cumsum(hashes * powers, axis=1, dtype=np.uint64)
    fewest = max(FEWEST_CHANGES, math.log(rows * rows / COINCIDENCES) / math.log(max(2, len(np.unique(hashes)))))
    changes = np.cumsum((hashes[:, 1:] != hashes[:, :-1])[:, ::-1], axis=1)[:, ::-1]
    ends = [np.zeros(rows, dtype=np.uint64)]
    for step in reversed(range(steps)):
        ends.append((hashes[:, step] + ends[-1]) * base)
    for shift in range(1, steps - 2):
        begins, wanted = beginnings[:, steps - shift - 1], ends[steps - shift]
        sorting = np.argsort(begins, kind="stable")
        places = np.minimum(np.searchsorted(begins, wanted, sorter=sorting), rows - 1)
        found = sorting[places]
        right = (begins[found] == wanted) & (changes[:, shift] >= fewest) & (found != np.arange(rows))
        yield shift, np.where(right, found, -1)


def _times(later: NDArray[Any], by: NDArray[Any], length: int) -> NDArray[np.float64]:
    """A time for each row from "that one begins so much later"; series that share nothing lie far apart."""
    neighbours: list[list[tuple[int, int]]] = [[] for _ in later]
    for row, other in enumerate(later):
        if other >= 0:
            neighbours[row].append((int(other), int(by[row])))
            neighbours[other].append((row, -int(by[row])))
    times = np.full(len(later), np.nan)
    start = 0.0
    for first in range(len(later)):
        if np.isnan(times[first]):
            reached = _reach(first, start, neighbours, times)
            lift = start - min(times[reached])
            times[reached] += lift
            start = max(times[reached]) + (APART + 1) * length
    return times


def _reach(first: int, start: float, neighbours: list[list[tuple[int, int]]], times: NDArray[np.float64]) -> list[int]:
    """Set the times of all rows that are connected with the first, and return them."""
    times[first] = start
    reached, waiting = [first], deque([first])
    while waiting:
        row = waiting.popleft()
        for other, lag in neighbours[row]:
            if np.isnan(times[other]):
                times[other] = times[row] + lag
                reached.append(other)
                waiting.append(other)
    return reached


def _by_likeness(inputs: NDArray[Any]) -> Order | None:
    """The order of the file, where rows that follow each other are much more alike than others."""
    rows = len(inputs)
    chosen = np.random.default_rng(2)
    first = chosen.integers(0, rows - 1, PAIRS)
    follow, others = (
        np.abs(inputs[first].astype(np.float64) - inputs[other]).reshape(PAIRS, -1).mean(axis=1)
        for other in (first + 1, chosen.integers(0, rows, PAIRS))
    )
    if not np.median(follow) < ALIKE * np.median(others):
        return None
    return Order(np.arange(rows, dtype=np.float64), min(APART * inputs.shape[1], rows / 4))
