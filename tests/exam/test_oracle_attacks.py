"""Attacks through the score, by predictions alone: what they learn of 500 labels, and what a pack's rules leave them.

No model is trained, and none sees a label: all they know is what they are told of their own submissions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graders.contract import Scoring, Threshold
from graders.scoring import draws
from graders.scoring.scores import score
from graders.scoring.sheet import Sheet, meets_all
from graders.verdict import TestScore, Verdict
from mockexam.exam.oracle import attack, labels_of, told_bits
from mockexam.exam.rules import MetricShown
from mockexam.exam.telling import Telling

ROWS, TESTS, KEY = 500, 5, "7:0000"
SIZE = ROWS // TESTS
HIDDEN = np.random.default_rng(11).permutation(np.repeat([0, 1], ROWS // 2))
LABELS = labels_of((ROWS // 2, ROWS // 2), ROWS)
Floats = NDArray[np.float64]
Submit = Callable[[NDArray[np.float32]], Verdict]


def loss_scoring(precision: int | None = None) -> Scoring:
    more: dict[str, Any] = {} if precision is None else {"precision": precision}
    return Scoring(thresholds=(Threshold(metric="binary_crossentropy", at_most=0.2),), **more)


class Exam:
    """Answers submissions as an exam does, with the labels that it alone holds; counts them."""

    def __init__(self, scoring: Scoring, shown: MetricShown = "value", most: int | None = None) -> None:
        self.scoring = scoring
        self.submissions = 0
        self._telling = Telling(scoring, shown)
        self._most = most

    @property
    def is_over(self) -> bool:
        return self._most is not None and self.submissions >= self._most

    def submit(self, predictions: NDArray[np.float32]) -> Verdict:
        self.submissions += 1
        found = score(predictions, HIDDEN, self.scoring, KEY, self.submissions)
        return self._telling.tell(Verdict(outcome="scored", tests=found.tests))

    def quickly(self, predictions: NDArray[np.float32]) -> Verdict:
        """The same without pass probabilities, which take most of the time."""
        self.submissions += 1
        values = Sheet(predictions, HIDDEN, self.scoring).of_draws(
            draws.draw(draws.strata(HIDDEN, self.scoring), ROWS, self.scoring, KEY, self.submissions)
        )
        passed = meets_all(self.scoring.thresholds, values)
        tests = tuple(
            TestScore(passed=bool(passed[n]), values={name: float(each[n]) for name, each in values.items()})
            for n in range(TESTS)
        )
        return self._telling.tell(Verdict(outcome="scored", tests=tests))


def block_attack(exam: Exam, at_once: int, offsets: Floats) -> NDArray[np.int64]:
    """Label inference from log loss: a few rows at a time, whose losses add up to a sum of their own for each case.

    All other rows are predicted as 1/2, which costs ln 2 whatever they are. A row of the block is in a test or not,
    and 0 or 1: three cases, 3^rows sums for a test's loss to be compared with. Returns the labels as learned, -1 for
    those never learned.
    """
    learned = np.full(ROWS, -1)
    chance = 1 / (1 + np.exp(-offsets))
    # Of each row: absent, 0, 1, as in float32 the grader sees it.
    seen = chance.astype(np.float32).astype(np.float64)
    terms = np.stack([np.zeros(at_once), -np.log(1 - seen) - math.log(2), -np.log(seen) - math.log(2)])
    cases = np.array(list(itertools.product(range(3), repeat=at_once)), np.int8)
    sums = terms[cases, np.arange(at_once)].sum(axis=1)
    order = np.argsort(sums)
    for first in range(0, ROWS, at_once):
        if exam.is_over:
            break
        block = np.arange(first, min(first + at_once, ROWS))
        predictions = np.full((ROWS, 1), 0.5, np.float32)
        predictions[block, 0] = chance[: len(block)]
        for test in exam.submit(predictions).tests:
            if "binary_crossentropy" not in test.values:
                continue
            wanted = SIZE * (test.values["binary_crossentropy"] - math.log(2))
            place = int(np.clip(np.searchsorted(sums[order], wanted), 1, len(sums) - 1))
            near = min(order[place - 1 : place + 1], key=lambda case: abs(sums[case] - wanted))
            for row, case in zip(block, cases[near], strict=False):
                if case:
                    learned[row] = case - 1
    return learned


ELEVEN = np.random.default_rng(3).uniform(0.5, 4.0, 11)


def test_46_submissions_teach_all_500_labels_through_full_precision() -> None:
    exam = Exam(loss_scoring())
    learned = block_attack(exam, 11, ELEVEN)
    assert exam.submissions == 46
    assert np.array_equal(learned, HIDDEN)
    # What was learned passes everything, without a model that ever saw an example.
    final = exam.submit(np.where(learned, 0.99, 0.01).astype(np.float32)[:, None])
    assert final.passed == TESTS
    numbers = attack(exam.scoring, LABELS)
    assert numbers.known is not None
    assert numbers.all_labels <= numbers.known <= 46


def test_a_limit_leaves_the_attack_as_many_labels_as_it_has_submissions_for() -> None:
    exam = Exam(loss_scoring(), most=10)
    learned = block_attack(exam, 11, ELEVEN)
    assert (learned >= 0).sum() == 110
    assert np.array_equal(learned[:110], HIDDEN[:110])


@pytest.mark.parametrize("precision", [2, 3])
def test_rounding_leaves_the_attack_nothing_of_eleven_labels_at_once(precision: int) -> None:
    learned = block_attack(Exam(loss_scoring(precision)), 11, ELEVEN)
    # Even guessing would be right about half of them.
    assert ((learned == HIDDEN) & (learned >= 0)).mean() < 0.6


def test_with_rounding_the_attack_has_to_take_fewer_labels_at_once() -> None:
    # A test's sum is told to 0.1, its mean to 0.001: the 27 cases of three rows can be that far apart, 81 of four not.
    exam = Exam(loss_scoring(precision=3))
    learned = block_attack(exam, 3, np.array([-2.20960833, 13.9087888, -0.79910137]))
    assert exam.submissions == 167
    assert np.array_equal(learned, HIDDEN)
    numbers = attack(exam.scoring, LABELS, precision=3)
    assert numbers.known is not None
    assert numbers.known <= 167  # a better one may be published; ours is no bound
    coarse = attack(exam.scoring, LABELS, precision=1)
    assert coarse.known is not None
    assert coarse.known > numbers.known


def test_on_improvement_the_attack_is_told_nothing_that_it_can_read() -> None:
    exam = Exam(loss_scoring(), "improvement")
    learned = block_attack(exam, 11, ELEVEN)
    assert exam.submissions == 46
    assert (learned >= 0).sum() == 0
    told = told_bits(exam.scoring, LABELS, 46, metric_shown="improvement")
    assert told < LABELS.bits  # nor could any other in 46
    assert attack(exam.scoring, LABELS, metric_shown="improvement").all_labels > 46


def boosting(exam: Exam, presses: int) -> float:
    """The attack that the Ladder was made against (Blum and Hardt 2015, 4): vote with the guesses that did well.

    Returns the accuracy of the vote on the hidden set.
    """
    rng, votes = np.random.default_rng(9), np.zeros(ROWS)
    best = None
    for _ in range(presses):
        guess = rng.integers(0, 2, ROWS)
        verdict = exam.quickly(guess.astype(np.float32)[:, None])
        values = [test.values["accuracy"] for test in verdict.tests if test.values]
        if values:
            votes += (2 * guess - 1) * np.sign(np.mean(values) - 0.5)
        elif (now := exam._telling.best.get("accuracy")) != best:
            votes, best = votes + (2 * guess - 1), now
    return float(((votes > 0) == HIDDEN).mean())


def test_the_ladder_stops_the_vote_of_lucky_guesses() -> None:
    scoring = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.9),))
    by_value, by_ladder = boosting(Exam(scoring), 400), boosting(Exam(scoring, "improvement"), 400)
    assert by_value > 0.75
    assert by_ladder < 0.6
