"""The score as an oracle: how many submissions it takes to learn the labels of a hidden set from what is told of each.

Nothing here is about learning from data: it counts what answers can carry, from a model that knows nothing to one that
was told the labels. All counts are of bits, logarithms to the base 2 (Shannon, "A Mathematical Theory of
Communication", 1948): N answers that each are one of A can't tell apart more than A^N cases, so labels that hold B bits
take at least B / log A submissions, whatever the attack.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from graders.contract import Scoring, Threshold
from graders.metrics.record import Metric
from graders.metrics.table import METRICS
from mockexam.exam.rules import MetricShown

LADDER_DIGITS = 2
"""Digits of what is told on improvement, where the rules state no precision."""
LADDER_START = 10.0
"""Of a metric that is better when lower: nothing is told of values this many times the threshold."""
COUNTS = frozenset({"accuracy", "binary_accuracy", "top_5_accuracy"})
"""Metrics that count rows: a test of n rows has n + 1 values."""
FLOAT_BITS = 64
DECADES = 617
"""Powers of ten that a double may have, 1e-308 to 1e308."""
MOST = 1_000_000_000
"""Beyond this many submissions the number says nothing more."""


class Labels(NamedTuple):
    """What an attack is to learn: `total` labels of a hidden set of `rows` rows, which hold `bits` in all.

    `classes` is how many classes there are, 0 for a regression; `spread` is the standard deviation of its labels.
    """

    rows: int
    total: int
    bits: float
    classes: int = 0
    spread: float = 0.0

    @property
    def bits_each(self) -> float:
        """Bits of one label."""
        return self.bits / self.total


class Attack(NamedTuple):
    """What an attack through the score needs, in submissions.

    `bits_each` is the most that one submission tells, on average over `all_labels` submissions; `all_labels` and
    `to_pass` are lower bounds, to know every label and to meet every threshold by what was told alone (None where no
    bound is known for the metrics). `known` is what the best attack that is published takes for all labels, None where
    there is none.
    """

    bits_each: float
    all_labels: int
    to_pass: int | None
    known: int | None


def labels_of(counts: Sequence[int], rows: int, *, regression: bool = False, spread: float = 0.0) -> Labels:
    """The labels of a hidden set in which the distinct values (or classes) occur so often.

    They hold the logarithm of how many orders they have, n! / Π counts!: what is left to learn for somebody who knows
    how often each value occurs. Raises ValueError without rows or labels.
    """
    total = sum(counts)
    if rows < 1 or total < rows:
        raise ValueError(f"{total} labels of {rows} rows")
    bits = (math.lgamma(total + 1) - sum(math.lgamma(count + 1) for count in counts)) / math.log(2)
    return Labels(rows, total, max(0.0, bits), 0 if regression else len(counts), spread)


def attack(
    scoring: Scoring, labels: Labels, *, precision: int | None = None, metric_shown: MetricShown = "value"
) -> Attack:
    """What learning the labels takes when each submission is answered by these rules; see `Attack`."""

    def told(submissions: int) -> float:
        return told_bits(scoring, labels, submissions, precision=precision, metric_shown=metric_shown)

    least = _fewest(told, labels.bits)
    enough = [_bits_to_meet(threshold, labels) for threshold in scoring.thresholds]
    met = [bits for bits in enough if bits is not None]
    return Attack(
        bits_each=told(least) / least if least else told(1),
        all_labels=least,
        to_pass=_fewest(told, labels.total * max(met)) if met else None,
        known=_known(scoring, labels, precision) if metric_shown == "value" else None,
    )


def told_bits(
    scoring: Scoring,
    labels: Labels,
    submissions: int,
    *,
    precision: int | None = None,
    metric_shown: MetricShown = "value",
) -> float:
    """The most that so many submissions can tell of the labels, in bits.

    "value": each test's metrics, from which follows what passed. "improvement": how many of the tests passed, and what
    the Ladder tells (`ladder_bits`).
    """
    if metric_shown == "improvement":
        rungs = [ladder_bits(threshold, precision, submissions) for threshold in scoring.thresholds]
        return submissions * math.log2(scoring.tests + 1) + sum(rungs)
    names = {threshold.metric for threshold in scoring.thresholds}
    values = sum(_value_bits(METRICS[name], _test_labels(scoring, labels), labels, precision) for name in names)
    return submissions * values * (1 if scoring.mode == "ladder" else scoring.tests)


def ladder_step(threshold: Threshold, precision: int | None) -> float:
    """By how much a value has to be better than the best one told: a unit in the last digit of such a threshold.

    The η of the Ladder (Blum and Hardt, "The Ladder: A Reliable Leaderboard for Machine Learning Competitions", ICML
    2015), for `precision` significant digits.
    """
    return float(f"1e{-ladder_places(threshold, precision)}")


def ladder_places(threshold: Threshold, precision: int | None) -> int:
    """The decimal place of the step, 2 for 0.01."""
    limit = _limit(threshold)
    exponent = math.floor(math.log10(abs(limit))) if limit else 0
    return (precision or LADDER_DIGITS) - 1 - exponent


def ladder_start(threshold: Threshold) -> float:
    """What counts as the best value before any was told (R₀ of the Ladder), so that its range is bounded."""
    metric = METRICS[threshold.metric]
    return metric.constant if metric.better == "higher" else LADDER_START * _limit(threshold)


def ladder_bits(threshold: Threshold, precision: int | None, submissions: int) -> float:
    """The most that the Ladder tells in so many submissions, in bits.

    What it tells only ever improves, in steps: of L steps and k submissions there are C(L + k, k) such sequences. Less
    than the bound (L + 2)·log(4k·L) + 1 of Blum and Hardt (2015, proof of theorem 3.1), which it replaces.
    """
    metric = METRICS[threshold.metric]
    best = metric.range[1] if metric.better == "higher" else metric.range[0]
    steps = abs(ladder_start(threshold) - best) / ladder_step(threshold, precision)
    return (math.lgamma(steps + submissions + 1) - math.lgamma(steps + 1) - math.lgamma(submissions + 1)) / math.log(2)


def _limit(threshold: Threshold) -> float:
    limit = threshold.at_most if threshold.at_most is not None else threshold.at_least
    assert limit is not None  # `Threshold` has exactly one of the two
    return limit


def _test_labels(scoring: Scoring, labels: Labels) -> int:
    """How many labels a test compares."""
    rows = labels.rows if scoring.mode == "ladder" else scoring.rows_per_test(labels.rows)
    return rows * labels.total // labels.rows


def _value_bits(metric: Metric, size: int, labels: Labels, precision: int | None) -> float:
    """The logarithm of how many values a metric of `size` labels can take, as far as it is told."""
    if metric.name in COUNTS:
        bits = math.log2(size + 1)
    else:
        bits = min(FLOAT_BITS, size * math.log2(labels.classes)) if labels.classes else FLOAT_BITS
    if precision is None:
        return bits
    # A bounded metric is a ratio of counts of labels or pairs of labels; any other may have any exponent and sign.
    bounded = math.isfinite(metric.range[0]) and math.isfinite(metric.range[1])
    decades = math.ceil(math.log10(2 * size * size)) + 1 if bounded else 2 * DECADES
    return min(bits, math.log2(9 * 10 ** (precision - 1) * decades + 1))


def _fewest(told: Callable[[int], float], wanted: float) -> int:
    """The fewest submissions that can tell `wanted` bits; at most MOST."""
    if wanted <= 0:
        return 0
    low, high = 0, 1
    while told(high) < wanted:
        low, high = high, 2 * high
        if high > MOST:
            return MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if told(middle) >= wanted else (middle, high)
    return high


def _bits_to_meet(threshold: Threshold, labels: Labels) -> float | None:
    """The bits a label that predictions need to meet a threshold on all rows: the rate-distortion function, or a bound.

    Accuracy a: H − h(1 − a) − (1 − a)·log(K − 1), Fano's inequality (Cover and Thomas, "Elements of Information
    Theory", 2006, 2.10). Crossentropy c: H − c / ln 2 (Courtade and Weissman 2014). Squared error D or R²: ½·log(σ²/D)
    for normal labels (Cover and Thomas, 10.3.2). Absolute error D: ½·log(2πe·σ²) − log(2e·D), Shannon's lower bound.
    """
    limit, metric = _limit(threshold), METRICS[threshold.metric]
    if metric.name in ("accuracy", "binary_accuracy") and labels.classes > 1:
        return _least_of_accuracy(limit, labels)
    if metric.name.endswith("crossentropy"):
        return max(0.0, labels.bits_each - limit / math.log(2))
    if metric.kind != "regression" or labels.spread <= 0 or limit <= 0:
        return None
    if metric.name == "mae":
        normal = math.log2(labels.spread * math.sqrt(2 * math.pi * math.e))
        return min(labels.bits_each, max(0.0, normal - math.log2(2 * math.e * limit)))
    distortion = {"mse": limit, "rmse": limit**2, "r2": (1 - limit) * labels.spread**2}.get(metric.name)
    if distortion is None:
        return None
    if distortion <= 0:
        return labels.bits_each
    return min(labels.bits_each, max(0.0, math.log2(labels.spread**2 / distortion) / 2))


def _least_of_accuracy(accuracy: float, labels: Labels) -> float:
    wrong = 1 - accuracy
    if wrong >= 1 - 1 / labels.classes:
        return 0.0
    doubt = -(wrong * math.log2(wrong) + accuracy * math.log2(accuracy)) if 0 < wrong < 1 else 0.0
    return max(0.0, labels.bits_each - doubt - wrong * math.log2(max(1, labels.classes - 1)))


def _known(scoring: Scoring, labels: Labels, precision: int | None) -> int | None:
    """What a published attack takes for all labels of a classification.

    Metrics that are means of losses: the predictions of a few rows at a time are such that each combination of their
    labels has a loss of its own, as many rows as the digits told can hold (Aggarwal, Kasiviswanathan, Xu, Feyisetan and
    Teissier, "Label Inference Attacks from Log-loss Scores", ICML 2021); a row that is not in the test is one case
    more. Counts of hits: 2n / log n weighings find n binary labels (Lindström, "On a combinatorial problem in number
    theory", 1965), and about log K times as many those of K classes (Chvátal, "Mastermind", 1983).
    """
    if labels.classes < 2:
        return None
    names = {threshold.metric for threshold in scoring.thresholds}
    found: list[int] = []
    if any(name.endswith("crossentropy") for name in names):
        digits = precision * math.log2(10) if precision is not None else 52.0
        found.append(math.ceil(labels.total / max(1, math.floor(digits / math.log2(labels.classes + 1)))))
    coarse = precision is not None and 10**precision < _test_labels(scoring, labels)  # a single hit isn't told
    if names & COUNTS and labels.total > 2 and not coarse:
        weighings = 2 * labels.total / math.log2(labels.total) * max(1.0, math.log2(labels.classes))
        found.append(math.ceil(min(weighings, labels.total * (labels.classes - 1))))
    return min(found, default=None)
