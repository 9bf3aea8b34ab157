from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.verdict import TestScore, Verdict
from mockexam.exam.form import WEIGHTS
from mockexam.exam.rules import Rules, counted, retake_from
from mockexam.exam.scoring import points, standing

TITLES = {category: f"Problem {category}" for category in WEIGHTS}
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Press:
    number: int
    verdict: Verdict | None


def scored(passed: int) -> Verdict:
    return Verdict(outcome="scored", tests=tuple(TestScore(passed=n < passed, values={}) for n in range(5)))


REFUSED, FAILED, UNABLE = (Verdict(outcome=outcome) for outcome in ("refused", "failed", "unable"))


def presses(*verdicts: Verdict | None) -> list[Press]:
    return [Press(number, verdict) for number, verdict in enumerate(verdicts, start=1)]


@pytest.mark.parametrize(
    ("verdicts", "counts", "number"),
    [
        ((), "last", None),
        ((scored(5), scored(3)), "last", 2),
        ((scored(5), scored(3)), "best", 1),
        ((scored(4), scored(4)), "best", 2),
        ((scored(5), REFUSED), "last", 1),
        ((scored(5), UNABLE), "last", 1),
        ((scored(5), FAILED), "last", 2),
        ((scored(5), None), "last", 1),
        ((REFUSED, UNABLE, None), "last", None),
    ],
)
def test_which_submission_counts(verdicts: tuple[Verdict | None, ...], counts: str, number: int | None) -> None:
    best = counted(presses(*verdicts), counts)  # type: ignore[arg-type]
    assert (best.number if best else None) == number


def test_the_presses_may_come_in_any_order() -> None:
    assert counted(list(reversed(presses(scored(1), scored(2))))).number == 2  # type: ignore[union-attr]


def test_a_perfect_exam_is_100_points() -> None:
    total = standing(TITLES, {category: presses(scored(5)) for category in TITLES}, Rules())
    assert total.total == 100
    assert total.passed


def test_a_category_never_submitted_scores_nothing() -> None:
    result = standing(TITLES, {category: presses(scored(5)) for category in (1, 2, 3, 4)}, Rules())
    assert result.total == 70
    assert not result.passed
    assert not result.categories[4].graded


def test_the_pass_mark_is_met_at_90() -> None:
    passed = {1: 5, 2: 5, 3: 5, 4: 3, 5: 5}
    result = standing(TITLES, {category: presses(scored(n)) for category, n in passed.items()}, Rules())
    assert result.total == 90
    assert result.passed


def test_pending_submissions_are_counted_as_such() -> None:
    result = standing(TITLES, {2: presses(scored(5), None, None)}, Rules())
    assert result.pending == 2
    assert result.categories[1].points == 15
    assert result.categories[1].submissions == 3


def test_weights_that_are_no_whole_numbers_still_reach_the_mark() -> None:
    rules = Rules(weights={1: 100 / 3, 2: 100 / 3, 3: 100 / 3}, pass_mark=99.99)
    result = standing({1: "a", 2: "b", 3: "c"}, {n: presses(scored(5)) for n in (1, 2, 3)}, rules)
    assert result.total == pytest.approx(100, abs=0.01)
    assert result.passed


@given(st.floats(0, 100), st.integers(0, 5))
def test_points_are_a_share_of_the_weight(weight: float, passed: int) -> None:
    assert 0 <= points(weight, passed) <= weight + 1e-3
    assert points(weight, 5) == pytest.approx(weight, abs=1e-3)


@pytest.mark.parametrize(
    ("outcomes", "days"),
    [
        ([], None),
        ([True], None),
        ([False], 14),
        ([False, False], 60),
        ([False, False, False], 365),
        ([False] * 4, 365),
        ([False, True, False], 14),
    ],
)
def test_the_wait_grows_with_failures_in_a_row(outcomes: list[bool], days: int | None) -> None:
    results = [(NOON + timedelta(days=400 * number), passed) for number, passed in enumerate(outcomes)]
    day = retake_from(results)
    assert day == (None if days is None else results[-1][0] + timedelta(days=days))
