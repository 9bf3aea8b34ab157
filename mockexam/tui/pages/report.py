"""A result as a page of text: total, table, what was lost and why, when the original would let one sit again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from graders.metrics import table as metrics
from mockexam.exam.rules import Rules, counted, retake_from
from mockexam.language.verdicts import shown_reason
from mockexam.tui.look import formatting

if TYPE_CHECKING:
    from graders.verdict import Verdict
    from mockexam.exam.attempt import CategoryResult, Result
    from mockexam.store.records import Submission

INDENT = 9
ROOMY = 11  # cells of "12 h 05 min"

_END = {"candidate": "Ended by you", "time": "Ended by the clock"}


@dataclass(frozen=True)
class Report:
    """A result with what explains it: the rules it was judged by, its submissions, and all results, oldest first."""

    result: Result
    rules: Rules
    submissions: Mapping[int, Sequence[Submission]] = field(default_factory=dict)
    history: Sequence[tuple[datetime, bool]] = ()

    def verdict(self, category: int) -> Verdict | None:
        """The verdict that counts in a category."""
        best = counted(list(self.submissions.get(category, ())), self.rules.counts)
        return best.verdict if best is not None else None


def page(report: Report, width: int) -> Content:
    """The whole page, `width` cells wide."""
    parts = [_total(report, width), _table(report, width), _losses(report, width), _fine_print(report, width)]
    return Content("\n\n").join([part for part in parts if part.plain])


def _total(report: Report, width: int) -> Content:
    result = report.result
    word, style = ("Passed", "$run") if result.passed else ("Not passed", "$stop")
    score = f"{result.total:g} of 100 points"
    gap = " " * max(2, width - len(word) - len(score))
    if formatting.spoken():
        return Content(f"{word}, {score}. The pass mark is {result.pass_mark:g}.")
    mark = round(result.pass_mark / 100 * width)
    filled = min(width, round(result.total / 100 * width))
    line = [("━" if cell < filled else "╌", style if cell < filled else "$progress-rest") for cell in range(width)]
    line[min(mark, width - 1)] = ("┃", "$text-strong")
    label = f"pass mark {result.pass_mark:g}"
    return Content.assemble(
        (word, f"bold {style}"),
        gap,
        (score, "bold $text-strong"),
        "\n",
        *line,
        "\n",
        (f"{label:>{min(mark + 1, width)}}", "$text-faint"),
    )


def _table(report: Report, width: int) -> Content:
    gap, time = _column(width)
    title = max(11, min(44, width - 24 - time - 4 * len(gap)))
    lines = report.result.categories
    heading = "Time" if time == ROOMY else "h:mm"
    head = gap.join((f"   {'Problem':<{title}}", f"{'Tests':<9}", f"{'Points':>7}", f"{heading:>{time}}", "Tries"))
    seconds, tries = sum(line.seconds for line in lines), sum(line.submissions for line in lines)
    total = gap.join((f"   {'Total':<{title}}", " " * 9, _tail(report.result.total, 100, seconds, tries, width)))
    rows = [_row(line, title, width) for line in lines]
    return Content("\n").join([Content.styled(head, "$text-faint"), *rows, Content.styled(total, "bold $text-strong")])


def _column(width: int) -> tuple[str, int]:
    """What stands between columns, and the cells of the time: on a narrow page titles have its room."""
    return ("  ", ROOMY) if width >= 60 else (" ", 5)


def _row(line: CategoryResult, title: int, width: int) -> Content:
    gap, _ = _column(width)
    marks_of_tests = (
        formatting.dots(line.tests_passed, line.tests) if line.graded else Content.styled("○○○○○", "$text-faint")
    )
    score = f" {line.tests_passed}/{line.tests}" if line.graded else " –  "
    return Content.assemble(
        (f"{line.category}  ", "$text-soft"),
        (formatting.fitted(line.title, title) + gap, "$text-strong"),
        marks_of_tests,
        (score, "$text-strong" if line.graded else "$text-faint"),
        (gap + _tail(line.points, line.weight, line.seconds, line.submissions, width), "$text-body"),
    )


def _tail(points: float, weight: float, seconds: float, tries: int, width: int) -> str:
    gap, time = _column(width)
    spent = formatting.span(seconds) if time == ROOMY else formatting.clock(seconds)[: -len(":00")]
    return gap.join((f"{f'{points:g}/{weight:g}':>7}", f"{spent:>{time}}", f"{tries:>5}"))


def _losses(report: Report, width: int) -> Content:
    rows: list[Content] = []
    for line in report.result.categories:
        lost = line.weight - line.points
        verdict = report.verdict(line.category)
        sentence = why(line, verdict, report.submissions.get(line.category, ()))
        if lost <= 0 and not sentence:
            continue
        sign = (f"−{lost:<4g}", "$amber") if lost > 0 else ("     ", "")
        sentence = formatting.hanging(sentence, width, INDENT)
        rows.append(Content.assemble((f"{line.category}  ", "$text-soft"), sign, " ", (sentence, "$text-body")))
    if not rows:
        return Content("")
    return Content("\n").join(
        [Content.styled("What was lost, and what luck had to do with it", "bold $text-strong"), *rows]
    )


def why(line: CategoryResult, verdict: Verdict | None, submissions: Sequence[Submission]) -> str:
    """Why a category is not full, and how sure its verdict is, in one or two sentences."""
    if verdict is None:
        if not submissions:
            return "Never submitted: a category without a submission is worth nothing."
        last = submissions[-1].verdict
        found = (
            f": expected {shown_reason(last.reason).expected}, found {shown_reason(last.reason).found}"
            if last is not None and last.reason is not None
            else ""
        )
        return f"Nothing counts; the last submission was refused{found}."
    if verdict.outcome == "failed":
        return (
            f"The model stopped while it was tested: {shown_reason(verdict.reason).found}."
            if verdict.reason
            else "The model stopped."
        )
    said = (
        ""
        if line.tests_passed == line.tests
        else f"{line.tests_passed} of {line.tests} tests passed{_values(verdict)}. "
    )
    return said + _odds(verdict, line.tests)


def _values(verdict: Verdict) -> str:
    names = list(verdict.tests[0].values) if verdict.tests else []
    if not names:
        return ""
    values = [test.values[names[0]] for test in verdict.tests if names[0] in test.values]
    low, high = min(values), max(values)
    found = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return f", {metrics.label(names[0])} {found}"


def _odds(verdict: Verdict, tests: int) -> str:
    if len(verdict.odds) <= tests:
        return ""
    percent = round(verdict.odds[tests] * 100)
    if percent >= 99:
        return ""
    chance = "less than 1" if percent < 1 else str(percent)
    counted = f", as counted in {verdict.odds_sets:,} of them" if verdict.odds_sets else ""
    return f"Fresh draws would give this model {tests}/{tests} in {chance} of 100 presses{counted}."


def _fine_print(report: Report, width: int) -> Content:
    result = report.result
    took = formatting.span((result.ended_at - result.started_at).total_seconds())
    rows = [
        f"{_END[result.end_reason]} on {day(result.ended_at)} at {result.ended_at.astimezone():%H:%M}, after {took}. "
        f"Candidate: {result.candidate}."
    ]
    rows += list(result.remarks)
    again = retake_from(list(report.history) or [(result.ended_at, result.passed)], report.rules.retake_days)
    if again is not None and not result.passed:
        rows.append(
            f"You may sit again from {day(again)}, {again.astimezone():%H:%M}: this pack keeps to the original's wait."
            if report.rules.retake == "enforced"
            else f"The original would have let you sit again from {day(again)}; here you may at once."
        )
    return Content.styled("\n".join(formatting.hanging(row, width, 0) for row in rows), "$text-soft")


def day(moment: datetime, *, short: bool = False) -> str:
    """A date in the candidate's own time zone, as in "7 December 2026" or "7 Dec 2026"."""
    local = moment.astimezone()
    return f"{local.day} {local:%b %Y}" if short else f"{local.day} {local:%B %Y}"
