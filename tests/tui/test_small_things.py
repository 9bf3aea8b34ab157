"""Marks, progress and the welcome_state."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.exam.program_rules import ProgramRules
from mockexam.exam.rules import Rules
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting import registration
from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.look import formatting
from mockexam.tui.pages.instructions import instructions
from mockexam.tui.pages.provisioning import Progress, explained
from mockexam.tui.pages.welcome_state import BUILT_IN, BUILT_IN_FORM, gather, unsettled_attempt


@pytest.mark.parametrize(
    ("seconds", "text"), [(18000, "5:00:00"), (59.9, "0:00:59"), (0, "0:00:00"), (-3, "0:00:00"), (3661, "1:01:01")]
)
def test_clock(seconds: float, text: str) -> None:
    assert formatting.clock(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (60, "1 min"), (3599, "59 min"), (3900, "1 h 05 min")])
def test_span(seconds: float, text: str) -> None:
    assert formatting.span(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(640, "640 B"), (21_300, "21 kB"), (1_900_000, "1.9 MB"), (2_500_000_000, "2.5 GB")]
)
def test_size(count: int, text: str) -> None:
    assert formatting.size(count) == text


@pytest.mark.parametrize(("fraction", "filled"), [(-1, 0), (0, 0), (0.5, 10), (1, 20), (7, 20)])
def test_bar_is_always_as_wide_as_asked(fraction: float, filled: int) -> None:
    bar = formatting.bar(fraction, 20).plain
    assert len(bar) == 20
    assert bar.count("━") == filled


def test_dots() -> None:
    assert formatting.dots(3).plain == "●●●○○"
    assert formatting.dots(5).spans[0].style == "$run"
    assert formatting.dots(4).spans[0].style == "$amber"


def test_progress_never_goes_back_and_says_99_until_it_is_done() -> None:
    progress = Progress()
    progress.take("One", 0.5, "")
    progress.take("Two", 0.3, "detail")
    assert progress.percent() == 50
    progress.take("Two", 1.0, "detail")
    assert progress.percent() == 99
    progress.done = True
    assert progress.percent() == 100


def test_progress_ticks_what_is_done_and_marks_what_failed() -> None:
    progress = Progress()
    progress.take("One", 0.5, "")
    progress.take("Two", 0.6, "half way")
    assert progress.lines().plain == "✓  One\n●  Two   half way"
    progress.fault = OSError("disk full")
    assert progress.lines().plain == "✓  One\n✗  Two   half way"


def test_fault_without_parts_is_its_own_sentence() -> None:
    assert explained(OSError("disk full")).plain == "It stopped: disk full"


def test_outlook_of_an_empty_office(exams: ExamService) -> None:
    welcome_state = gather(exams)
    assert (welcome_state.attempt, welcome_state.ended, welcome_state.running) == (None, 0, False)
    assert unsettled_attempt(exams) is None


def test_outlook_prefers_what_runs(exams: ExamService, running: Attempt, tmp_path: Path) -> None:
    assert gather(exams).attempt == running
    assert gather(exams).running


def test_outlook_of_an_ended_attempt(exams: ExamService, running: Attempt) -> None:
    exams.end(running.id, "candidate")
    unsettled = unsettled_attempt(exams)
    assert unsettled is not None
    assert unsettled.id == running.id
    exams.settle(running.id)
    assert unsettled_attempt(exams) is None
    assert gather(exams).ended == 1


def test_paths_are_written_as_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert formatting.homely(tmp_path / "exam") == "~/exam"
    assert formatting.homely("/elsewhere/exam") == "/elsewhere/exam"


def test_what_the_welcome_screen_says_of_the_built_in_pack_is_so(tmp_path: Path) -> None:
    form = Catalogue(tmp_path).pack(BUILT_IN).form
    assert (len(form.weights), form.minutes, form.pass_mark) == BUILT_IN_FORM
    assert registration.BUILT_IN == BUILT_IN


@pytest.mark.parametrize(
    ("count", "minutes", "text"),
    [(5, 300, "Five problems, 300 minutes, 90 of 100 to pass"), (1, 1, "One problem, 1 minute, 90 of 100 to pass")],
)
def test_form_in_a_line(count: int, minutes: int, text: str) -> None:
    assert formatting.form(count, minutes, 90.0) == text


def test_instructions_say_what_the_pack_has() -> None:
    usual = instructions(Rules()).plain
    assert "Five problems, one of each category, in 300 minutes." in usual
    assert "10/15/20/25/30 is this exam's own choice" in usual
    assert "The original asked for a wait after each failure in a row (14, 60, 365 days);" in usual
    other = instructions(Rules(minutes=45, weights={2: 100.0}, retake_days=(1,), retake="enforced")).plain
    assert "One problem, in 45 minutes." in other
    assert "100 is this pack's." in other
    assert "This pack asks for a wait after each failure in a row (1 day); no exam of this pack begins" in other


def test_instructions_say_what_programs_may_have() -> None:
    usual = instructions(Rules()).plain
    assert "under Keras 2 as in the original exam" in usual
    other = instructions(Rules(programs=ProgramRules(keras=2, others=False, advice="none", rescue=False))).plain
    for part in ("under Keras 2, as in", "own Python only", "no advice stands", "saving it, is lost"):
        assert part in other
        assert part not in usual


def test_instructions_without_a_wait_say_so() -> None:
    text = instructions(Rules(retake_days=())).plain
    assert " ()" not in text
    assert "You may sit again at once." in text
