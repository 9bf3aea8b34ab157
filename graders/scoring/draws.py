"""The five draws: which rows of the hidden set make up each test.

The same key gives the same rows on every machine and with every NumPy: only the raw bits of a counter-based generator
(Philox, Salmon et al. 2011) are used, whose stream NumPy guarantees, and a stable sort.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.contract import MetricName, Scoring
from graders.metrics.table import METRICS

Indices = NDArray[np.int64]
Classes = NDArray[np.uint16]


class Stream:
    """A stream of uniform 64-bit numbers that depends on `name` alone."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(name.encode()).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "little"))

    def words(self, count: int) -> NDArray[np.uint64]:
        """Return `count` uniform 64-bit integers."""
        return np.atleast_1d(self._bits.random_raw(count))

    def fractions(self, count: int) -> NDArray[np.float64]:
        """Return `count` uniform numbers in [0, 1) with 53 bits each."""
        return (self.words(count) >> np.uint64(11)).astype(np.float64) * np.float64(2.0**-53)

    def integers(self, bound: int, count: int) -> Indices:
        """Return `count` integers in 0..bound-1, uniform to within bound / 2^53."""
        return (self.fractions(count) * bound).astype(np.int64)


def draw_size(scoring: Scoring, rows: int) -> int:
    """Return how many rows each test takes. Raises ValueError when there are fewer than the problem asks for."""
    size = scoring.rows_per_test(rows)
    if not 1 <= size <= rows:
        raise ValueError(f"draws of {size} rows from a hidden set of {rows}")
    return size


def strata(labels: NDArray[Any], scoring: Scoring) -> Classes | None:
    """Return the class of each row where the labels are classes, otherwise None: then draws are not stratified."""
    if not all(METRICS[threshold.metric].kind == "classification" for threshold in scoring.thresholds):
        return None
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and not np.array_equal(labels.sum(axis=1), np.ones(len(labels))):
        return None
    if labels.ndim > 2:
        return None
    classes: NDArray[Any] = labels.argmax(axis=1) if labels.ndim == 2 else labels
    return np.unique(classes, return_inverse=True)[1].reshape(-1).astype(np.uint16)  # short ones sort fastest


def undefined_metrics(labels: NDArray[Any], scoring: Scoring) -> list[MetricName]:
    """Return the metrics that a test may leave undefined, because all the labels that it draws may be alike.

    A regression needs labels that vary at each position, a classification at any. Raises ValueError, see `draw_size`.
    """
    wanted = [
        METRICS[name]
        for name in dict.fromkeys(threshold.metric for threshold in scoring.thresholds)
        if METRICS[name].labels_vary
    ]
    if not wanted or _hold_two_classes(labels, scoring):
        return []
    rows = len(labels)
    size = rows if scoring.mode == "ladder" else draw_size(scoring, rows)
    ordered = np.sort(labels.reshape(rows, -1), axis=0)
    alike = (ordered[size - 1 :] == ordered[: rows - size + 1]).any(axis=0)  # some label occurs often enough
    return [metric.name for metric in wanted if (alike.all() if metric.kind == "classification" else alike.any())]


def _hold_two_classes(labels: NDArray[Any], scoring: Scoring) -> bool:
    """Whether the draws are stratified, and hold some of the second largest class."""
    classes = strata(labels, scoring) if scoring.mode != "ladder" else None
    if classes is None:
        return False
    counts = np.sort(np.bincount(classes))
    # A stratified draw holds each class in proportion, to within two examples.
    return len(counts) > 1 and bool(counts[-2] * draw_size(scoring, len(labels)) > 2 * len(labels))


def draw(classes: Classes | None, rows: int, scoring: Scoring, key: str, press: int) -> Indices:
    """Return the rows of each test, (tests, size).

    The draws share no row when the hidden set has enough of them; otherwise each is drawn afresh from all of it. A
    draw never holds a row twice, and holds each class in proportion.
    """
    size = draw_size(scoring, rows)
    name = f"draws\0{key}\0{press}" if scoring.mode == "redraw" else f"draws\0{key}"
    if are_separate(scoring, rows):
        order = spread_order(classes, rows, Stream(name))
        return order[: scoring.tests * size].reshape(scoring.tests, size)
    return np.stack([spread_order(classes, rows, Stream(f"{name}\0{n}"))[:size] for n in range(scoring.tests)])


def are_separate(scoring: Scoring, rows: int) -> bool:
    """Whether the draws share no row."""
    return scoring.tests * draw_size(scoring, rows) <= rows


def spread_order(classes: Classes | None, rows: int, stream: Stream) -> Indices:
    """Return a random order of the rows in which every run, even across the end, holds each class in proportion.

    Systematic sampling: the members of a class, in random order, are placed at equal distances round a circle.
    """
    ranks = np.argsort(stream.words(rows), kind="stable")
    if classes is None:
        return ranks
    grouped = ranks[np.argsort(classes[ranks], kind="stable")]
    counts = np.bincount(classes)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    places = np.arange(rows) - starts + np.repeat(stream.fractions(len(counts)), counts)
    return grouped[np.argsort(places / np.repeat(counts, counts), kind="stable")]
