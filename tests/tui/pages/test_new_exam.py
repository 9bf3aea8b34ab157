"""The form of a new exam: what it accepts, and what it says about the rest."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select

from mockexam.exam.program_rules import ProgramRules
from mockexam.exam.rules import Rules
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.interpreter import this_python
from mockexam.tui.app import MockExamApp
from mockexam.tui.interpreters import offers
from mockexam.tui.interpreters.project_interpreter import ProjectInterpreter
from mockexam.tui.launch_options import LaunchOptions
from mockexam.tui.pages import new_exam
from mockexam.tui.pages.new_exam import folder_fault, free_folder
from tests.tui.conftest import Reading, Until


async def fill(app: MockExamApp, pilot: Pilot[int], until: Until, reading: Reading, **fields: str) -> None:
    await until(pilot, lambda: app.office_open.is_set())
    app.open_page("take")
    await until(pilot, lambda: "Project folder" in reading(pilot))
    await until(pilot, lambda: isinstance(app.screen.query_one("#pack", Select).value, str))
    for field, value in fields.items():
        app.screen.query_one(f"#{field}", Input).value = value


async def test_next_needs_a_name(app: MockExamApp, until: Until, reading: Reading, tmp_path: Path) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await fill(app, pilot, until, reading, folder=str(tmp_path / "exam"))
        await until(pilot, lambda: "The name is printed on the result." in reading(pilot))
        assert app.screen.query_one("#next").disabled
        app.screen.query_one("#name", Input).value = "  "
        await pilot.pause(0.1)
        assert app.screen.query_one("#next").disabled
        app.screen.query_one("#name", Input).value = "Ada"
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)


async def test_folder_with_something_in_it_is_named_and_refused(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    async with app.run_test(size=(120, 36)) as pilot:
        await fill(app, pilot, until, reading, name="Ada", folder=str(tmp_path / "full"))
        await until(pilot, lambda: "thesis.tex" in reading(pilot))
        assert app.screen.query_one("#next").disabled
        await pilot.press("enter")
        assert app.exams.attempts() == ()


async def test_wishes_of_the_command_line_are_filled_in(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path
) -> None:
    app.launch_options = LaunchOptions(project=tmp_path / "wanted", name="Ada Lovelace", pack="small")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        assert app.screen.query_one("#name", Input).value == "Ada Lovelace"
        assert app.screen.query_one("#folder", Input).value == str(tmp_path / "wanted")
        assert app.screen.query_one("#pack", Select).value == "small"


async def test_unknown_pack_of_the_command_line_is_said(app: MockExamApp, until: Until, reading: Reading) -> None:
    app.launch_options = LaunchOptions(pack="nonesuch")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "no pack “nonesuch”" in reading(pilot))


async def test_name_is_remembered_for_the_next_exam(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await fill(app, pilot, until, reading, name="Ada", folder=str(tmp_path / "exam"))
        app.screen.query_one("#pack", Select).value = "small"
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
    assert app.settings.get("name") == "Ada"


def test_default_folder_is_new_and_says_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    first = free_folder(date(2026, 3, 28))
    assert first == tmp_path / "mockexam" / "2026-03-28-exam"
    first.mkdir(parents=True)
    assert free_folder(date(2026, 3, 28)).name == "2026-03-28-exam-2"


def test_good_folders_have_no_fault(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert folder_fault(tmp_path / "empty") == ""
    assert folder_fault(tmp_path / "not" / "yet" / "there") == ""


def test_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    said = folder_fault(tmp_path / "file" / "exam")
    assert str(tmp_path / "file") in said
    assert said.endswith(".")


async def test_the_language_asked_for_on_the_command_line_is_chosen(app: MockExamApp, until: Until) -> None:
    app.launch_options = LaunchOptions(pack="tensorflow-developer", language="ko")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.screen.query("#language"))
        select = app.screen.query_one("#language", Select)
        await until(pilot, lambda: select.value == "ko")
        assert select.display


async def test_enter_pressed_while_the_form_is_still_looked_at_is_not_lost(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(folder: Path) -> str:
        gate.wait(10)
        return folder_fault(folder)

    monkeypatch.setattr(new_exam, "folder_fault", slow)
    app.launch_options = LaunchOptions(project=tmp_path / "wanted", name="Ada Lovelace", pack="small")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await pilot.press("enter")
        assert app.screen.query_one("#next").disabled
        gate.set()
        await until(pilot, lambda: app.exams.attempts())


async def test_programs_of_a_new_exam_run_in_the_python_that_was_asked_for(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path
) -> None:
    app.launch_options = LaunchOptions(tmp_path / "exam", "Ada", "small", python=this_python(2))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: len(app.exams.attempts()) == 1)
        (attempt,) = app.exams.attempts()
        choices = Choices(app.exams.home)
        await until(pilot, lambda: choices.chosen(attempt.id, ProgramRules()).interpreter.legacy)


async def test_a_python_that_the_pack_doesnt_allow_is_refused_before_the_exam_begins(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.launch_options = LaunchOptions(tmp_path / "exam", "Ada", "small", python=this_python(2))
    strict = msgspec.structs.replace(Rules(), programs=ProgramRules(keras=3))
    monkeypatch.setattr("mockexam.sitting.registration.rules_of", lambda pack: strict)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: "as the rules of this exam ask" in reading(pilot))
        assert app.exams.attempts() == ()


async def test_the_python_for_programs_is_chosen_in_the_form(
    app: MockExamApp, until: Until, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "found", lambda project: [])
    async with app.run_test(size=(120, 36)) as pilot:
        await fill(app, pilot, until, reading, name="Ada", folder=str(tmp_path / "exam"))
        await until(pilot, lambda: "Keras 3" in reading(pilot))
        await pilot.click("#interpreter")
        await until(pilot, lambda: isinstance(app.screen, ProjectInterpreter) and not app.screen._looking)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Keras 2" in reading(pilot) and not app.screen.is_modal)
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: app.exams.attempts())
        (attempt,) = app.exams.attempts()
        choices = Choices(app.exams.home)
        await until(pilot, lambda: choices.chosen(attempt.id, attempt.rules.programs).interpreter.legacy)
