"""A result as a page of text: total, table, what was lost and why, and when the original exam could be taken again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from graders.metrics import table as metrics
from graders.sentences import Sentence, sentence
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.rules import Rules, counted, retake_from
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting

if TYPE_CHECKING:
    from graders.verdict import Verdict
    from mockexam.exam.attempt import CategoryResult, Result
    from mockexam.store.records import Submission

INDENT = 9
ROOMY = 11  # cells of "12 h 05 min"

MONTHS = (
    sentence("January"), sentence("February"), sentence("March"), sentence("April"), sentence("May"), sentence("June"),
    sentence("July"), sentence("August"), sentence("September"), sentence("October"), sentence("November"),
    sentence("December"),
)  # fmt: skip
SHORT_MONTHS = (
    sentence("Jan"), sentence("Feb"), sentence("Mar"), sentence("Apr"), sentence("May"), sentence("Jun"),
    sentence("Jul"), sentence("Aug"), sentence("Sep"), sentence("Oct"), sentence("Nov"), sentence("Dec"),
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A result and what explains it: the rules it was judged by, its submissions, and all results, oldest first.

    `interpreters` are those that the candidate's programs were run with.
    """

    result: Result
    rules: Rules
    submissions: Mapping[int, Sequence[Submission]] = field(default_factory=dict)
    history: Sequence[tuple[datetime, bool]] = ()
    interpreters: Sequence[InterpreterRecord] = ()

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
    word, style = (shown(sentence("Passed")), "$run") if result.passed else (shown(sentence("Not passed")), "$stop")
    score = shown(sentence("{points} of 100 points", points=f"{result.total:g}"))
    gap = " " * max(2, width - len(word) - len(score))
    if formatting.spoken():
        said = sentence(
            "{outcome}, {score}. The pass mark is {mark}.", outcome=word, score=score, mark=f"{result.pass_mark:g}"
        )
        return Content(shown(said))
    mark = round(result.pass_mark / 100 * width)
    filled = min(width, round(result.total / 100 * width))
    line = [("━" if cell < filled else "╌", style if cell < filled else "$progress-rest") for cell in range(width)]
    line[min(mark, width - 1)] = ("┃", "$text-strong")
    label = shown(sentence("pass mark {mark}", mark=f"{result.pass_mark:g}"))
    return Content.assemble(
        Content.styled(word, style).stylize("bold"),
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
    heading = sentence("Time") if time == ROOMY else sentence("h:mm")
    problem, tests, points, spent, tried = (
        shown(one) for one in (sentence("Problem"), sentence("Tests"), sentence("Points"), heading, sentence("Tries"))
    )
    head = gap.join((f"   {problem:<{title}}", f"{tests:<9}", f"{points:>7}", f"{spent:>{time}}", tried))
    seconds, tries = sum(line.seconds for line in lines), sum(line.submissions for line in lines)
    total = gap.join(
        (f"   {shown(sentence('Total')):<{title}}", " " * 9, _tail(report.result.total, 100, seconds, tries, width))
    )
    rows = [_row(line, title, width) for line in lines]
    return Content("\n").join([Content.styled(head, "$text-faint"), *rows, Content.styled(total, "bold $text-strong")])


def _column(width: int) -> tuple[str, int]:
    """What separates columns, and the cells for the time: on a narrow page titles take its space."""
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
        words = why(line, verdict, report.submissions.get(line.category, ()))
        if lost <= 0 and not words:
            continue
        sign = (f"−{lost:<4g}", "$amber") if lost > 0 else ("     ", "")
        words = formatting.hanging(words, width, INDENT)
        rows.append(Content.assemble((f"{line.category}  ", "$text-soft"), sign, " ", (words, "$text-body")))
    if not rows:
        return Content("")
    head = shown(sentence("What was lost, and what luck had to do with it"))
    return Content("\n").join([Content.styled(head, "bold $text-strong"), *rows])


def why(line: CategoryResult, verdict: Verdict | None, submissions: Sequence[Submission]) -> str:
    """Why a category hasn't full points, and how certain its verdict is, in one or two sentences."""
    if verdict is None:
        return shown(_nothing_counts(submissions))
    if verdict.outcome == "failed":
        if verdict.reason is None:
            return shown(sentence("The model stopped."))
        return shown(sentence("The model stopped while it was tested: {found}.", found=verdict.reason.words("found")))
    said = [_passed(line, verdict)] if line.tests_passed < line.tests else []
    if (probability := _pass_probability(verdict, line.tests)) is not None:
        said.append(probability)
    return " ".join(map(shown, said))


def _nothing_counts(submissions: Sequence[Submission]) -> Sentence:
    if not submissions:
        return sentence("Never submitted: a category without a submission is worth nothing.")
    last = submissions[-1].verdict
    if last is None or last.reason is None:
        return sentence("Nothing counts; the last submission was refused.")
    return sentence(
        "Nothing counts; the last submission was refused: expected {expected}, found {found}.",
        expected=last.reason.words("expected"),
        found=last.reason.words("found"),
    )


def _passed(line: CategoryResult, verdict: Verdict) -> Sentence:
    names = list(verdict.tests[0].values) if verdict.tests else []
    if not names:
        return sentence("{passed} of {tests} tests passed.", passed=line.tests_passed, tests=line.tests)
    values = [test.values[names[0]] for test in verdict.tests if names[0] in test.values]
    low, high = min(values), max(values)
    metric = metrics.label(names[0])
    if low == high:
        return sentence(
            "{passed} of {tests} tests passed, {metric} {value}.",
            passed=line.tests_passed,
            tests=line.tests,
            metric=metric,
            value=f"{low:.4g}",
        )
    return sentence(
        "{passed} of {tests} tests passed, {metric} {low} to {high}.",
        passed=line.tests_passed,
        tests=line.tests,
        metric=metric,
        low=f"{low:.4g}",
        high=f"{high:.4g}",
    )


def _pass_probability(verdict: Verdict, tests: int) -> Sentence | None:
    if len(verdict.pass_probabilities) <= tests:
        return None
    percent = round(verdict.pass_probabilities[tests] * 100)
    if percent >= 99:
        return None
    chance = sentence("less than 1") if percent < 1 else str(percent)
    if verdict.pass_probability_sets:
        return sentence(
            "Fresh draws would give this model {tests}/{tests} in {chance} of 100 presses, as counted in "
            "{sets} of them.",
            tests=tests,
            chance=chance,
            sets=f"{verdict.pass_probability_sets:,}",
        )
    return sentence(
        "Fresh draws would give this model {tests}/{tests} in {chance} of 100 presses.", tests=tests, chance=chance
    )


def _fine_print(report: Report, width: int) -> Content:
    result = report.result
    rows = [shown(_end(result)), *map(shown, result.remarks)]
    rows += [shown(one.use) for one in report.interpreters]
    again = retake_from(list(report.history) or [(result.ended_at, result.passed)], report.rules.retake_days)
    if again is not None and not result.passed:
        rows.append(shown(_again(again, report.rules)))
    return Content.styled("\n".join(formatting.hanging(row, width, 0) for row in rows), "$text-soft")


def _end(result: Result) -> Sentence:
    date, clock = day(result.ended_at), f"{result.ended_at.astimezone():%H:%M}"
    took = formatting.span((result.ended_at - result.started_at).total_seconds())
    if result.end_reason == "time":
        return sentence(
            "Ended by the clock on {day} at {time}, after {span}. Candidate: {candidate}.",
            day=date,
            time=clock,
            span=took,
            candidate=result.candidate,
        )
    return sentence(
        "Ended by you on {day} at {time}, after {span}. Candidate: {candidate}.",
        day=date,
        time=clock,
        span=took,
        candidate=result.candidate,
    )


def _again(again: datetime, rules: Rules) -> Sentence:
    if rules.retake == "enforced":
        return sentence(
            "You may sit again from {day}, {time}: this pack keeps to the original's wait.",
            day=day(again),
            time=f"{again.astimezone():%H:%M}",
        )
    return sentence("The original would have let you sit again from {day}; here you may at once.", day=day(again))


def day(moment: datetime, *, short: bool = False) -> str:
    """A date in the candidate's own time zone, as in "7 December 2026" or "7 Dec 2026"."""
    local = moment.astimezone()
    month = (SHORT_MONTHS if short else MONTHS)[local.month - 1]
    return shown(sentence("{day} {month} {year}", day=local.day, month=month, year=local.year))
