"""What is told of verdicts: all of it, rounded odds, or only what improves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from graders.contract import Scoring, Threshold
from graders.verdict import TestScore, Verdict
from mockexam.exam.rules import Rules
from mockexam.exam.telling import Telling, number, told

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
ACCURACY = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.9),))
ERROR = Scoring(thresholds=(Threshold(metric="mae", at_most=0.038),))


def scored(
    *values: float, metric: str = "accuracy", passed: tuple[bool, ...] = (False, True, False, True, True)
) -> Verdict:
    tests = tuple(
        TestScore(passed=ok, values={metric: value})
        for ok, value in zip(passed, values * (5 if len(values) == 1 else 1), strict=True)
    )
    return Verdict(outcome="scored", tests=tests, pass_probabilities=(0.0, 0.0, 0.1234, 0.2, 0.3, 0.3766))


def notes(verdict: Verdict) -> list[str]:
    return [note.english if not isinstance(note, str) else note for note in verdict.notes_in_words]


def test_by_value_everything_is_told() -> None:
    verdict = scored(0.91)
    assert Telling(ACCURACY, "value").tell(verdict) is verdict
    assert Telling(None, "value").tell(verdict) is verdict
    rounding = msgspec.structs.replace(ACCURACY, precision=2)
    told = Telling(rounding, "value").tell(verdict)
    assert told.pass_probabilities == (0.0, 0.0, 0.12, 0.2, 0.3, 0.38)
    assert told.tests == verdict.tests


def test_on_improvement_only_a_better_value_is_told_and_which_tests_passed_is_not() -> None:
    telling = Telling(ACCURACY, "improvement")
    first = telling.tell(scored(0.80, 0.81, 0.82, 0.83, 0.84))
    assert first.passed == 3
    assert [test.passed for test in first.tests] == [True, True, True, False, False]
    assert all(test.values == {} for test in first.tests)
    assert first.pass_probabilities == ()
    assert notes(first) == ["accuracy 0.82: the best so far."]
    # By no more than a step, 0.01: not told; nor are worse ones.
    for value in (0.83, 0.8299, 0.82, 0.1):
        assert notes(telling.tell(scored(value))) == [
            "accuracy: the best told is still 0.82; one is told that beats it by more than 0.01."
        ]
    assert notes(telling.tell(scored(0.8301))) == ["accuracy 0.83: the best so far."]
    assert telling.best == {"accuracy": 0.83}


def test_lower_is_better_of_an_error_and_far_off_nothing_is_told() -> None:
    telling = Telling(ERROR, "improvement")
    assert notes(telling.tell(scored(5.0, metric="mae"))) == [
        "mae: nothing is told before one beats 0.380 by more than 0.001."
    ]
    assert notes(telling.tell(scored(0.3561, metric="mae"))) == ["mae 0.356: the best so far."]
    assert notes(telling.tell(scored(0.0377, metric="mae"))) == ["mae 0.038: the best so far."]


def test_the_step_follows_the_precision() -> None:
    fine = Telling(msgspec.structs.replace(ACCURACY, precision=3), "improvement")
    fine.tell(scored(0.9123))
    assert fine.best == {"accuracy": 0.912}
    fine.tell(scored(0.9129))
    assert fine.best == {"accuracy": 0.912}
    fine.tell(scored(0.9131))
    assert fine.best == {"accuracy": 0.913}
    large = Telling(Scoring(thresholds=(Threshold(metric="mse", at_most=1200.0),)), "improvement")
    large.tell(scored(1234.0, metric="mse"))
    assert large.best == {"mse": 1200.0}


@pytest.mark.parametrize("outcome", ["refused", "failed", "unable"])
def test_what_was_not_scored_is_told_as_it_is(outcome: str) -> None:
    telling = Telling(ACCURACY, "improvement")
    verdict = Verdict(outcome=outcome)  # type: ignore[arg-type]
    assert telling.tell(verdict) == verdict
    assert telling.best == {}


def test_without_the_scoring_no_metric_is_told() -> None:
    told = Telling(None, "improvement").tell(scored(0.99))
    assert (told.passed, notes(told), told.tests[0].values) == (3, [], {})


@dataclass(frozen=True)
class Made:
    id: str
    category: int
    number: int
    verdict: Verdict | None
    graded_at: datetime | None


def made(number: int, value: float | None, judged: int, category: int = 1) -> Made:
    verdict = None if value is None else scored(value)
    at = None if value is None else NOON + timedelta(seconds=judged)
    return Made(f"{category}-{number}", category, number, verdict, at)


def test_what_was_told_never_changes_when_an_earlier_one_is_judged_later() -> None:
    rules, scorings = Rules(metric_shown="improvement"), {1: ACCURACY, 2: ACCURACY}
    before = [made(1, 0.5, 0), made(2, None, 0), made(3, 0.6, 10)]
    after = [made(1, 0.5, 0), made(2, 0.7, 20), made(3, 0.6, 10)]
    first, then = told(rules, scorings, before), told(rules, scorings, after)
    assert [one.number for one in then] == [1, 2, 3]
    assert first[2] == then[2]
    assert first[1].verdict is None
    assert notes(then[1].verdict or Verdict(outcome="unable")) == ["accuracy 0.70: the best so far."]


def test_categories_have_a_best_of_their_own() -> None:
    both = told(Rules(metric_shown="improvement"), {1: ACCURACY, 2: ACCURACY}, [made(1, 0.9, 0), made(1, 0.5, 1, 2)])
    assert [notes(one.verdict) for one in both if one.verdict] == [
        ["accuracy 0.90: the best so far."],
        ["accuracy 0.50: the best so far."],
    ]


def test_old_rules_leave_submissions_alone() -> None:
    submissions = (made(1, 0.9, 0), made(2, None, 0))
    assert told(Rules(), {1: ACCURACY}, submissions) == submissions


@pytest.mark.parametrize(
    ("value", "precision", "shown"),
    [
        (0.95, None, "0.9500"),
        (0.95, 2, "0.95"),
        (0.9, 2, "0.90"),
        (0.0384, 2, "0.038"),
        (1234.0, 2, "1200"),
        (0.9996, 3, "1.00"),
        (0.0, 3, "0"),
        (12.34, 15, "12.3400000000000"),
        (float("inf"), 2, "inf"),
    ],
)
def test_values_are_shown_with_the_digits_that_they_have(value: float, precision: int | None, shown: str) -> None:
    assert number(value, precision) == shown
