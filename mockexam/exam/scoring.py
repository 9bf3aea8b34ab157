"""From verdicts to points: pure functions of the rules and the submissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockexam.exam.attempt import CategoryResult, Standing
from mockexam.exam.form import TESTS
from mockexam.exam.rules import Judged, Rules, counted


def points(weight: float, passed: int, tests: int = TESTS) -> float:
    """weight × passed ÷ tests, to a thousandth of a point."""
    return round(weight * passed / tests, 3)


def category_result(
    category: int,
    title: str,
    submissions: Sequence[Judged],
    rules: Rules,
    *,
    seconds: float = 0.0,
    tests: int = TESTS,
) -> CategoryResult:
    """One category's line, made from all its submissions."""
    best = counted(submissions, rules.counts)
    verdict = best.verdict if best is not None else None
    passed = verdict.passed if verdict is not None else 0
    total = len(verdict.tests) if verdict is not None and verdict.tests else tests
    weight = rules.weights.get(category, 0.0)
    return CategoryResult(
        category=category,
        title=title,
        tests_passed=passed,
        tests=total,
        points=points(weight, passed, total),
        weight=weight,
        seconds=seconds,
        submissions=len(submissions),
        graded=verdict is not None,
        pending=sum(one.verdict is None for one in submissions),
    )


def standing(
    titles: Mapping[int, str],
    submissions: Mapping[int, Sequence[Judged]],
    rules: Rules,
    *,
    seconds: Mapping[int, float] | None = None,
) -> Standing:
    """The lines of all categories, in order, and their sum; a category never submitted has 0 points."""
    lines = tuple(
        category_result(
            number, titles[number], submissions.get(number, ()), rules, seconds=(seconds or {}).get(number, 0.0)
        )
        for number in sorted(titles)
    )
    return Standing(categories=lines, total=round(sum(line.points for line in lines), 3), pass_mark=rules.pass_mark)
