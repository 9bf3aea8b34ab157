"""The page of a result: its sums, its words, its width."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from graders.verdict import Verdict
from mockexam.exam.attempt import CategoryResult, Result
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.rules import Rules
from mockexam.store.records import Submission
from mockexam.tui.pages.outcomes.report import Report, day, page
from tests.sitting.fakes import NOON, failed, refused, scored

WEIGHTS = Rules().weights


def line(category: int, passed: int, *, graded: bool = True, seconds: float = 600, tries: int = 1) -> CategoryResult:
    return CategoryResult(
        category=category,
        title=f"Problem {category}",
        tests_passed=passed,
        points=WEIGHTS[category] * passed / 5,
        weight=WEIGHTS[category],
        seconds=seconds,
        submissions=tries,
        graded=graded,
    )


def result(*lines: CategoryResult, reason: str = "candidate", **more: object) -> Result:
    total = sum(one.points for one in lines)
    fields = {
        "attempt_id": "a",
        "candidate": "Ada Lovelace",
        "total": total,
        "passed": total >= 90,
        "pass_mark": 90.0,
        "categories": lines,
        "started_at": NOON,
        "ended_at": NOON + timedelta(hours=3, minutes=5),
        "end_reason": reason,
    }
    return msgspec.convert(fields | more, Result)


def submission(category: int, verdict: Verdict | None, number: int = 1) -> Submission:
    from pathlib import Path

    return Submission(
        id=f"{category}-{number}",
        attempt_id="a",
        category=category,
        number=number,
        pressed_at=NOON,
        source=Path("mymodel.h5"),
        sha256="00" * 32,
        bytes=4,
        state="done",
        verdict=verdict,
    )


def report(*lines: CategoryResult, **verdicts: Verdict) -> Report:
    kept = {int(name[1:]): (submission(int(name[1:]), verdict),) for name, verdict in verdicts.items()}
    return Report(result(*lines), Rules(), kept)


def with_pass_probabilities(verdict: Verdict, *probabilities: float) -> Verdict:
    return msgspec.structs.replace(verdict, pass_probabilities=probabilities)


def test_full_marks_pass_and_nothing_was_lost() -> None:
    full = [line(category, 5) for category in WEIGHTS]
    text = page(report(*full, **{f"c{n}": scored(5) for n in WEIGHTS}), 80).plain
    assert text.startswith("Passed")
    assert "100 of 100 points" in text
    assert "What was lost" not in text
    assert "sit again" not in text


def test_ninety_passes_and_less_does_not() -> None:
    ninety = [line(1, 0), *(line(category, 5) for category in (2, 3, 4, 5))]
    assert page(report(*ninety), 80).plain.startswith("Passed")
    less = [line(1, 5), line(2, 5), line(3, 5), line(4, 5), line(5, 3)]
    assert page(report(*less), 80).plain.startswith("Not passed")


def test_failure_names_the_day_of_the_original() -> None:
    text = page(report(*(line(category, 0, graded=False, tries=0) for category in WEIGHTS)), 80).plain
    assert "would have let you sit again from 11 April 2026; here you may at once" in " ".join(text.split())


def test_second_failure_waits_longer() -> None:
    failures = [(NOON - timedelta(days=30), False), (NOON + timedelta(hours=3, minutes=5), False)]
    base = report(*(line(category, 0, graded=False, tries=0) for category in WEIGHTS))
    text = page(Report(base.result, base.rules, {}, failures), 80).plain
    assert day(NOON + timedelta(days=60, hours=3)) in " ".join(text.split())


def test_lost_points_are_explained() -> None:
    lines = [line(1, 5), line(2, 3), line(3, 0), line(4, 0, graded=False), line(5, 0, graded=False, tries=0)]
    text = page(report(*lines, c1=scored(5), c2=scored(3), c3=failed(), c4=refused()), 80).plain
    flat = " ".join(text.split())
    assert "2 −6 3 of 5 tests passed, mae 0.1 to 0.14." in flat
    assert "3 −20 The model stopped while it was tested: more." in flat
    assert "4 −25 Nothing counts; the last submission was refused: expected (28, 28), found (28, 28, 1)." in flat
    assert "5 −30 Never submitted" in flat


def test_pass_probabilities_of_full_marks_are_told_unless_certain() -> None:
    lucky = with_pass_probabilities(scored(5), 0.0, 0.0, 0.0, 0.05, 0.33, 0.62)
    sure = with_pass_probabilities(scored(5), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    hopeless = with_pass_probabilities(scored(2), 0.4, 0.3, 0.3, 0.0, 0.0, 0.0)
    lines = [line(1, 5), line(2, 5), line(3, 2), line(4, 5), line(5, 5)]
    flat = " ".join(page(report(*lines, c1=lucky, c2=sure, c3=hopeless), 80).plain.split())
    assert "5/5 in 62 of 100 presses" in flat
    assert "5/5 in less than 1 of 100 presses" in flat
    assert flat.count("presses") == 2


def test_pass_probabilities_from_few_draws_say_so() -> None:
    few = msgspec.structs.replace(
        with_pass_probabilities(scored(5), 0.0, 0.0, 0.0, 0.05, 0.33, 0.62), pass_probability_sets=1000
    )
    lines = [line(1, 5), line(2, 5), line(3, 5), line(4, 5), line(5, 5)]
    flat = " ".join(page(report(*lines, c1=few), 80).plain.split())
    assert "5/5 in 62 of 100 presses, as counted in 1,000 of them." in flat


@pytest.mark.parametrize("width", [50, 51, 60, 72, 92, 140])
def test_page_keeps_to_its_width_and_columns_align(width: int) -> None:
    lines = [line(category, category % 6, seconds=3600 * 4 + 59 * 60, tries=99) for category in WEIGHTS]
    long = [
        msgspec.structs.replace(one, title="A title that is far too long for a column of the table") for one in lines
    ]
    rows = page(report(*long, c1=scored(1), c2=scored(2)), width).plain.splitlines()
    assert max(map(len, rows)) <= width
    table = [row for row in rows if row.endswith("99")]
    assert len(table) == 5
    assert len({len(row) for row in table}) == 1
    head = next(row for row in rows if row.endswith("Tries"))
    assert len(head) == len(table[0])


@pytest.mark.parametrize("width", [50, 72])
def test_titles_in_hangul_keep_the_columns(width: int) -> None:
    titles = ("가위, 바위, 보를 알아보는 모델과 그 밖의 것들", "숫자", "Rock, paper", "말", "옷")
    lines = [
        msgspec.structs.replace(line(category, 3, seconds=3600 + 60 * 5, tries=2), title=title)
        for category, title in zip(WEIGHTS, titles, strict=True)
    ]
    text = page(report(*lines), width)
    rows = [row for row in text.split("\n") if row.plain.endswith("    2")]
    assert {row.cell_length for row in rows} == {width if width < 60 else rows[0].cell_length}
    assert len(rows) == 5
    assert all(("1:05 " if width < 60 else "1 h 05 min ") in row.plain for row in rows)


def test_clock_remarks_and_reason_of_the_end_are_there() -> None:
    lines = [line(category, 5) for category in WEIGHTS]
    remarked = result(*lines, reason="time", remarks=["13:02 clock moved back 60 min; deadline kept"])
    text = page(Report(remarked, Rules()), 80).plain
    assert "Ended by the clock on 28 March 2026" in text
    assert "clock moved back 60 min" in text


def test_the_interpreters_of_programs_are_named() -> None:
    used = InterpreterRecord(kind="other", python="3.8.18", keras=2, versions={"tensorflow": "2.10.1"})
    base = report(*[line(category, 5) for category in WEIGHTS])
    text = page(replace(base, interpreters=(used,)), 100).plain
    assert "Programs were run with another Python 3.8.18, Keras 2: tensorflow 2.10.1." in text


def test_days_are_written_for_people() -> None:
    moment = datetime(2026, 12, 7, 12, tzinfo=UTC)
    assert day(moment) == "7 December 2026"
    assert day(moment, short=True) == "7 Dec 2026"
