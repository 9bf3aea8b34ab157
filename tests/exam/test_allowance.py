"""What a pack's limits leave of a category, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from graders.verdict import Verdict
from mockexam.exam.allowance import Allowance, allowance, breaches, told, told_of
from mockexam.exam.rules import Rules

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
SCORED, FAILED = Verdict(outcome="scored"), Verdict(outcome="failed")
REFUSED, UNABLE = Verdict(outcome="refused"), Verdict(outcome="unable")


@dataclass(frozen=True)
class Press:
    number: int
    verdict: Verdict | None
    pressed_at: datetime


def presses(*verdicts: Verdict | None, apart: float = 60.0) -> list[Press]:
    return [Press(at, one, NOON + timedelta(seconds=apart * at)) for at, one in enumerate(verdicts)]


def test_no_rule_no_limit() -> None:
    assert allowance(Rules(), 1, presses(SCORED, None)) == Allowance(None, 1, 1, None)
    assert Allowance().left is None
    assert Allowance().wait(NOON) == 0.0


def test_what_counts_uses_one_up_and_what_is_tested_may() -> None:
    rules = Rules(max_submissions={1: 4})
    found = allowance(rules, 1, presses(SCORED, REFUSED, UNABLE, FAILED, None))
    assert (found.used, found.pending, found.left) == (2, 1, 1)
    assert allowance(rules, 2, presses(SCORED)).left is None
    assert allowance(rules, 1, presses(*[SCORED] * 9)).left == 0


def test_the_wait_runs_from_the_latest_press() -> None:
    rules = Rules(cooldown={1: 90})
    found = allowance(rules, 1, list(reversed(presses(SCORED, REFUSED))))
    assert found.next_at == NOON + timedelta(seconds=150)
    assert found.wait(NOON + timedelta(seconds=140)) == 10.0
    assert found.wait(NOON + timedelta(seconds=150)) == 0.0
    assert allowance(rules, 1, ()).next_at is None


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (Rules(), []),
        (Rules(max_submissions={1: 2}, cooldown={1: 60}), []),
        (Rules(max_submissions={1: 1}), ["2 tested submissions in category 1, which takes 1"]),
        (Rules(cooldown={1: 61}), ["a submission in category 1 60 s after the one before, where 61 s have to pass"]),
        (Rules(max_submissions={2: 1}, cooldown={2: 600}), []),
    ],
)
def test_breaches_are_told_once_each(rules: Rules, found: list[str]) -> None:
    assert [one.english for one in breaches(rules, 1, presses(SCORED, REFUSED, UNABLE, SCORED))] == found


def test_a_wait_that_no_calendar_holds_is_no_crash() -> None:
    assert allowance(Rules(cooldown={1: 10**18}), 1, presses(SCORED)).next_at is not None


def said(**rules: object) -> str:
    return " ".join(one.english for one in told(Rules(**rules)))  # type: ignore[arg-type]


def test_the_rule_that_holds_is_told() -> None:
    assert said() == "Submit as often as you like: the last graded submission counts."
    every = dict.fromkeys(range(1, 6), 1)
    assert "Each problem takes 1 tested submission: the last" in said(max_submissions=every)
    text = said(max_submissions=dict.fromkeys(range(1, 6), 20), counts="best", cooldown=dict.fromkeys(range(1, 6), 90))
    assert text.startswith("Each problem takes 20 tested submissions: the best graded submission counts.")
    assert "doesn't use one up" in text
    assert "at least 90 seconds" in text
    assert "as often as you like" not in text
    text = said(max_submissions={1: 20, 5: 3}, cooldown={5: 600})
    assert "category 1: 20, category 2: any number" in text
    assert "category 5: 3" in text
    assert "category 4: no wait, category 5: 10 minutes" in text
    assert "rounded to 2 digits" in said(precision=2)
    assert "rounded to 1 digit before" in said(precision=1)
    assert "only when it beats the best" in said(metric_shown="improvement")


def test_one_categorys_limits_are_told_in_few_words() -> None:
    rules = Rules(max_submissions={1: 3}, cooldown={1: 60, 2: 45})
    assert [one.english for one in told_of(rules, 1)] == ["3 tested submissions", "1 minute apart"]
    assert [one.english for one in told_of(rules, 2)] == ["45 seconds apart"]
    assert list(told_of(rules, 3)) == []
