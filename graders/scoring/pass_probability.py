"""Pass probabilities: how often a fresh set of tests would pass exactly 0, 1, … of them, from the same predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.contract import Scoring
from graders.scoring.draws import Classes, Indices, Stream, are_separate, draw_size, spread_order
from graders.scoring.sheet import Sheet, Values

RESAMPLES = 10_000
# Sets of tests, where a metric has to be computed from the examples of each draw; MOST_SETS keeps the standard error of
# a probability of 99 % at 0.3 %.
MOST_SETS, FEWEST_SETS = 1_000, 50
# How many numbers all those sets together may hold: keeps this near half a second.
WORK_ON_ROWS = 5_000_000

# Orders of the rows; each yields many sets of tests by starting at different places round its circle.
MOST_ORDERS, FEWEST_ORDERS = 200, 40
# How many numbers may be summed up for all the orders together: keeps this near 30 ms.
WORK = 1_500_000
# Rows in one block of the two-level bootstrap of graded thresholds.
BLOCK = 250

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Metrics of many draws -> whether each draw passes (draws,), or for graded thresholds (draws, tests).
Judge = Callable[[Values], Flags]


def affordable_sets(sheet: Sheet, scoring: Scoring) -> int:
    """Return how many sets of tests are drawn where metrics have to be computed from the examples of each draw."""
    tests = 1 if scoring.mode == "ladder" else scoring.tests
    size = sheet.rows if scoring.mode == "ladder" else draw_size(scoring, sheet.rows)
    return int(np.clip(WORK_ON_ROWS // (tests * size * sheet.width), FEWEST_SETS, MOST_SETS))


def of_draws(sheet: Sheet, classes: Classes | None, scoring: Scoring, judge: Judge, key: str) -> Floats:
    """Return how often 0..tests of a fresh set of draws pass, (tests + 1,).

    Fresh sets are made as the real one is: stratified, separate where the hidden set allows. There are RESAMPLES of
    them, or `affordable_sets` where the sheet needs rows.
    """
    if sheet.needs_rows:
        drawn = _drawn_rows(sheet, classes, scoring, Stream(f"odds\0{key}"))
        return _shares(judge(sheet.of_draws(drawn)).reshape(-1, scoring.tests).sum(axis=1), scoring.tests)
    columns = sheet.columns
    rows, width = columns.shape
    size, stream = draw_size(scoring, rows), Stream(f"odds\0{key}")
    count = int(np.clip(WORK // (rows * width), FEWEST_ORDERS, MOST_ORDERS))
    sums = np.zeros((count, rows + 1, width))
    for number, order in enumerate(_orders(classes, rows, stream, count)):
        np.cumsum(columns[order], axis=0, out=sums[number, 1:])
    which, starts = _windows(stream, scoring, rows, size, count)
    ends = starts + size
    wraps = ends > rows
    inside = sums[which, np.where(wraps, ends - rows, ends)] - sums[which, starts]
    means = (inside + wraps[..., None] * sums[which, rows]) / size
    passed = judge(sheet.of_means(means.reshape(-1, width))).reshape(RESAMPLES, scoring.tests)
    return _shares(passed.sum(axis=1), scoring.tests)


def of_graded_thresholds(sheet: Sheet, scoring: Scoring, judge: Judge, key: str) -> Floats:
    """Return how often 0..tests graded thresholds would be met by another hidden set of this size, (tests + 1,).

    A bootstrap (Efron 1979), for means in two levels: a pool of resampled blocks, enough of which are added up for
    each resample.
    """
    if sheet.needs_rows:
        return _shares(judge(_bootstrapped(sheet, scoring, Stream(f"odds\0{key}"))).sum(axis=1), scoring.tests)
    columns = sheet.columns
    rows, width = columns.shape
    block = min(BLOCK, rows)
    stream, pieces = Stream(f"odds\0{key}"), max(1, round(rows / block))
    pool = np.concatenate(
        [columns[stream.integers(rows, 500 * block)].reshape(500, block, width).mean(axis=1) for _ in range(20)]
    )
    means = (
        pool
        if pieces == 1
        else pool[stream.integers(len(pool), RESAMPLES * pieces)].reshape(RESAMPLES, pieces, width).mean(axis=1)
    )
    return _shares(judge(sheet.of_means(means)).sum(axis=1), scoring.tests)


def _drawn_rows(sheet: Sheet, classes: Classes | None, scoring: Scoring, stream: Stream) -> Iterator[Indices]:
    """Yield the rows of each test of each fresh set, one after the other."""
    rows, sets, size = sheet.rows, affordable_sets(sheet, scoring), draw_size(scoring, sheet.rows)
    if are_separate(scoring, rows):
        for order in _orders(classes, rows, stream, sets):
            yield from order[: scoring.tests * size].reshape(scoring.tests, size)
    else:
        for order in _orders(classes, rows, stream, sets * scoring.tests):
            yield order[:size]


def _bootstrapped(sheet: Sheet, scoring: Scoring, stream: Stream) -> Values:
    """Return the metrics of resampled hidden sets, except those in which one of them is undefined."""
    sets = affordable_sets(sheet, scoring)
    values = sheet.of_draws(stream.integers(sheet.rows, sheet.rows) for _ in range(sets))
    defined = np.logical_and.reduce([~np.isnan(each) for each in values.values()])
    return {name: each[defined] for name, each in values.items()}


def _orders(classes: Classes | None, rows: int, stream: Stream, count: int) -> Iterator[Indices]:
    """Yield orders like those of `spread_order`, much faster than by sorting.

    The classes keep their places in one such order; within each class the members, shuffled once, are taken in the
    sequence j → a·j + b modulo their number, with `a` coprime to it. Over random a and b any two members are as likely
    to come together as in a full shuffle (exactly so if the number is prime), so sums have the right mean and variance.
    """
    circle = spread_order(classes, rows, stream)
    kinds = np.zeros(rows, np.uint16) if classes is None else classes[circle]
    by_kind = np.argsort(kinds, kind="stable")
    counts = np.bincount(kinds)
    starts = np.cumsum(counts) - counts
    members = circle[by_kind]
    turns = np.empty(rows, np.int64)
    turns[by_kind] = np.arange(rows) - np.repeat(starts, counts)
    for _ in range(count):
        steps = _coprimes(counts, stream)
        shifts = (stream.fractions(len(counts)) * counts).astype(np.int64)
        yield members[starts[kinds] + (steps[kinds] * turns + shifts[kinds]) % counts[kinds]]


def _coprimes(counts: Indices, stream: Stream) -> Indices:
    """Return for each count a random number coprime to it, or 1 where a class has no more than two members."""
    numbers = 1 + (stream.fractions(len(counts)) * np.maximum(counts - 1, 1)).astype(np.int64)
    while (bad := np.gcd(numbers, counts) > 1).any():
        numbers[bad] = numbers[bad] % counts[bad] + 1
    return numbers


def _windows(stream: Stream, scoring: Scoring, rows: int, size: int, orders: int) -> tuple[Indices, Indices]:
    """Return the order and the first place of each test of each resample, both (resamples, tests)."""
    shape = (RESAMPLES, scoring.tests)
    if are_separate(scoring, rows):
        which = np.repeat(np.arange(RESAMPLES) % orders, scoring.tests).reshape(shape)
        first = stream.integers(rows, RESAMPLES)[:, None]
        return which, (first + size * np.arange(scoring.tests)) % rows
    total = RESAMPLES * scoring.tests
    return stream.integers(orders, total).reshape(shape), stream.integers(rows, total).reshape(shape)


def _shares(passed: NDArray[Any], tests: int) -> Floats:
    return np.bincount(passed, minlength=tests + 1) / len(passed)
