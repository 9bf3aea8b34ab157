"""The window in which the Python for programs is chosen, in the exam."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters import discovery
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.description import Description
from mockexam.interpreters.installation import installation_at
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.reading import Reader
from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.interpreters import exam_interpreter, offers
from mockexam.tui.interpreters.before_programs import BeforePrograms
from mockexam.tui.interpreters.offers import packages
from mockexam.tui.interpreters.project_interpreter import ProjectInterpreter
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.dialogs import Question
from mockexam.tui.look.formatting import ending
from mockexam.tui.pages.search_everywhere import SearchEverywhere
from tests.tui.conftest import found
from tests.tui.exam_room import NARROW, WIDE, Room, sitting

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
KERAS_2, KERAS_3 = f"Python {PYTHON} · Keras 2", f"Python {PYTHON} · Keras 3"
Make = Callable[[Path], Path]


@pytest.fixture
def venv() -> Make:
    """Makes an environment whose files tell of TensorFlow 2.10; its Python is a real one, which nobody runs."""

    def make(folder: Path) -> Path:
        packages = folder / "lib" / f"python{PYTHON}" / "site-packages"
        for name in ("tensorflow-2.10.1", "keras-2.10.0", "numpy-1.23.5", "absl_py-1.4.0"):
            (packages / f"{name}.dist-info").mkdir(parents=True)
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
        base = Path(os.path.realpath(sys.executable)).parent
        (folder / "pyvenv.cfg").write_text(f"home = {base}\nversion = {PYTHON}.9\n", "utf-8")
        return folder

    return make


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The environments that are found: none but those that a test adds."""
    folders: list[Path] = []

    def look(project: Path | None) -> list[Interpreter]:
        installations = [installation_at(folder, Reader()) for folder in folders]
        return [offer for one in installations if one is not None for offer in discovery.offers(one)]

    monkeypatch.setattr(offers, "found", look)
    return folders


async def opened(room: Room) -> ProjectInterpreter:
    """The window, once it has looked everywhere."""
    await room.press("f7")
    await room.until(lambda: isinstance(room.app.screen, ProjectInterpreter), "the window")
    window = room.app.screen
    assert isinstance(window, ProjectInterpreter)
    await room.until(lambda: not window._looking, "the end of the search")
    await room.pilot.pause()
    return window


def chip(room: Room) -> str:
    return str(room.screen.query_one("#interpreter", Chip).render())


async def closed(room: Room) -> None:
    await room.until(lambda: room.app.screen is room.screen, "the window to close")
    await room.app.workers.wait_for_complete([one for one in room.app.workers if one.group == "dialog"])
    await room.pilot.pause()


def kept(exams: ExamService, attempt: Attempt) -> Interpreter:
    return Choices(exams.home).chosen(attempt.id, attempt.rules.programs, attempt.project).interpreter


async def test_the_kerases_of_this_python_come_first_and_one_is_chosen(
    app: MockExamApp, exams: ExamService, running: Attempt
) -> None:
    async with sitting(app, running) as room:
        await room.until(lambda: chip(room) == KERAS_3, "the chip")
        await room.click("#interpreter")
        await room.until(lambda: isinstance(app.screen, ProjectInterpreter), "the window")
        await room.press("down", "escape")
        await closed(room)
        assert chip(room) == KERAS_3
        await room.press("ctrl+p")
        await room.until(lambda: isinstance(app.screen, SearchEverywhere), "the search")
        await room.type("interpreter")
        assert found(app)[0].title == "Project Interpreter…"
        await room.press("escape")
        window = await opened(room)
        assert [offer.interpreter.keras for offer in window.offered] == [3, 2]
        assert f"● {KERAS_3}" in room.text
        assert "as in the exam" in room.text
        await room.press("down", "enter")
        await closed(room)
        assert chip(room) == KERAS_2
        assert kept(exams, running).legacy
        tasks = json.loads((running.project / ".vscode" / "launch.json").read_text("utf-8"))
        assert tasks["configurations"][0]["env"]["TF_USE_LEGACY_KERAS"] == "1"
        assert KERAS_2 in (running.project / "README.md").read_text("utf-8")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_packages_are_listed_at_every_size(
    app: MockExamApp, running: Attempt, size: tuple[int, int], venv: Make, on_this_machine: list[Path], tmp_path: Path
) -> None:
    on_this_machine.append(venv(tmp_path / "tf210"))
    async with sitting(app, running, size) as room:
        await opened(room)
        await room.press("down", "down", "down")
        for part in (
            "tensorflow     2.10.1",
            "keras          2.10.0",
            "tf-keras       not installed",
            "Cancel   Esc",
            "Choose   Enter",
        ):
            assert part in room.text


async def test_looking_blocks_nothing(app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(project: Path | None) -> list[Interpreter]:
        go_on.wait(10)
        return []

    monkeypatch.setattr(offers, "found", slow)
    async with sitting(app, running) as room:
        await room.press("f7")
        await room.until(lambda: "Looking on this machine" in room.text, "that it is looking")
        await room.until(lambda: isinstance(app.screen, ProjectInterpreter) and app.screen.offered, "ours")
        await room.press("down", "enter")
        await closed(room)
        assert chip(room) == KERAS_2
        go_on.set()
        await asyncio.sleep(0.05)


async def test_one_inside_the_project_asks_first(
    app: MockExamApp, exams: ExamService, running: Attempt, venv: Make, on_this_machine: list[Path]
) -> None:
    on_this_machine.append(venv(running.project / ".venv"))
    async with sitting(app, running) as room:
        await opened(room)
        await room.press("down", "down", "down")
        assert "Did you put it there?" in room.text.replace("\n", " ")
        await room.press("enter")
        await room.until(lambda: isinstance(app.screen, Question), "the question")
        await room.press("n")
        await room.until(lambda: isinstance(app.screen, ProjectInterpreter), "the window")
        assert kept(exams, running).ours
        await room.press("enter")
        await room.until(lambda: isinstance(app.screen, Question), "the question again")
        await room.press("y")
        await closed(room)
        assert kept(exams, running).prefix == running.project / ".venv"
        assert chip(room) == KERAS_2


async def test_a_path_is_typed(
    app: MockExamApp, exams: ExamService, running: Attempt, venv: Make, tmp_path: Path
) -> None:
    folder = venv(tmp_path / "tf210")
    async with sitting(app, running) as room:
        window = await opened(room)
        await room.press("down", "down", "enter")
        field = window.query_one(Input)
        await room.until(lambda: field.has_focus, "the field")
        field.value = str(tmp_path / "nothing")
        await room.press("enter")
        await room.until(lambda: "no such file or folder" in room.text, "a complaint")
        field.value = str(folder)
        await room.press("enter")
        await room.until(lambda: window.query_one(OptionList).has_focus, "the list")
        highlighted = window.highlighted
        assert highlighted is not None
        assert highlighted.interpreter.prefix == folder
        await room.press("enter")
        if isinstance(app.screen, Question):  # others may write to the folder of the tests
            await room.press("y")
        await closed(room)
        assert kept(exams, running).prefix == folder
        window = await opened(room)  # nothing looks for it where it lies
        assert window.highlighted is not None
        assert window.highlighted.interpreter.prefix == folder
        assert f"● {KERAS_2}" in room.text


class TestWithRules:
    @pytest.fixture
    def rules(self) -> str:
        return "[programs]\nkeras = 2\nothers = false\n"

    @pytest.fixture
    def running(self, exams: ExamService, tmp_path: Path, rules: str) -> Attempt:
        file = next(tmp_path.glob("**/small/pack.toml"))
        file.write_text(file.read_text("utf-8") + rules, "utf-8")
        attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
        exams.provision(attempt.id)
        return exams.start(attempt.id)

    async def test_what_the_exam_fixes_is_said_and_kept(
        self, app: MockExamApp, exams: ExamService, running: Attempt
    ) -> None:
        async with sitting(app, running) as room:
            assert chip(room) == KERAS_2
            window = await opened(room)
            assert "ask for Keras 2, in mockexam's own Python" in room.text
            assert "Type a path" not in room.text
            await room.press("up", "enter")
            assert app.screen is window
            assert "don't allow it" in room.text
            await room.press("escape")
            await closed(room)
            assert kept(exams, running).keras == 2


async def test_a_python_that_is_gone_is_told_at_the_start(
    app: MockExamApp, exams: ExamService, running: Attempt, venv: Make, tmp_path: Path
) -> None:
    folder = venv(tmp_path / "tf210")
    offer = offers.typed(str(folder), ProgramRules(), running.project)
    Choices(exams.home).choose(
        running.id, offer.interpreter, ProgramRules(), project=running.project, confirmed=offer.doubts
    )
    (folder / "bin" / "python").unlink()
    async with sitting(app, running) as room:
        await room.until(lambda: "isn't used" in " ".join(one.message for one in app._notifications), "a notice")
        assert chip(room) == KERAS_2


async def test_the_gpu_is_asked_for_on_request(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Interpreter] = []

    def answer(interpreter: Interpreter) -> Description:
        asked.append(interpreter)
        return Description(python=interpreter.python, tensorflow="2.21.0", gpus=("NVIDIA T4",))

    monkeypatch.setattr(exam_interpreter, "_described", answer)
    async with sitting(app, running) as room:
        window = await opened(room)
        assert not asked
        await room.press("down")
        assert window.query_one("#interpreter-ask").disabled
        await room.press("up")
        await room.click("#interpreter-ask")
        await room.until(lambda: "finds NVIDIA T4" in room.text, "the answer")
        assert [one.keras for one in asked] == [3]


def test_the_packages_that_matter_come_first() -> None:
    first, rest = packages({"zope": "1", "tensorflow-cpu": "2.10.1", "absl-py": "2", "numpy": "1.23.5"})
    assert first[0] == ("tensorflow-cpu", "2.10.1")
    assert dict(first)["numpy"] == "1.23.5"
    assert dict(first)["pandas"] is None
    assert rest == [("absl-py", "2"), ("zope", "1")]


def test_the_end_of_a_path_is_what_tells() -> None:
    assert ending("/home/ada/tf210", 20) == "/home/ada/tf210"
    assert ending("/home/ada/tf210", 8) == "…a/tf210"
    assert ending("시험/환경", 6) == "…/환경"


async def test_what_is_switched_off_is_off_in_editors_too(app: MockExamApp, running: Attempt) -> None:
    file = running.project / ".vscode" / "launch.json"
    async with sitting(app, running) as room:
        await room.until(lambda: file.exists() and "MOCKEXAM_PRELOAD_RESCUE" in file.read_text("utf-8"), "the file")
        await opened(room)
        await room.click("#interpreter-before")
        await room.until(lambda: isinstance(app.screen, BeforePrograms), "the window")
        await room.press("escape", "escape")
        await closed(room)
        app.keep(rescue=False)
        room.screen.parts._look_around()
        await room.until(lambda: "MOCKEXAM_PRELOAD_RESCUE" not in file.read_text("utf-8"), "the file without it")


async def test_names_and_errors_follow_the_choice_and_its_packages(
    app: MockExamApp, running: Attempt, venv: Make, on_this_machine: list[Path], tmp_path: Path
) -> None:
    folder = venv(tmp_path / "tf210")
    on_this_machine.append(folder)
    async with sitting(app, running) as room:
        readers = room.screen.parts.area.completer._readers
        await opened(room)
        await room.press("down", "down", "down", "enter")
        if isinstance(app.screen, Question):  # others may write to the folder of the tests
            await room.press("y")
        await closed(room)
        await room.until(lambda: readers.python == str(folder / "bin" / "python"), "the readers")
        assert readers.interpreter is not None
        assert "pandas" not in readers.interpreter.versions
        assert (await readers._importer()).environment["VIRTUAL_ENV"] == str(folder)
        (folder / "lib" / f"python{PYTHON}" / "site-packages" / "pandas-1.5.3.dist-info").mkdir()
        room.screen.parts._look_around()
        await room.until(lambda: readers.interpreter and "pandas" in readers.interpreter.versions, "the new package")


async def test_files_that_were_edited_are_told_of_after_a_change_alone(app: MockExamApp, running: Attempt) -> None:
    runs = sorted((running.project / ".idea" / "runConfigurations").glob("*.xml"))
    for file in runs:
        file.write_text("<component/>\n", "utf-8")
    async with sitting(app, running) as room:
        await opened(room)
        assert "edited" not in " ".join(one.message for one in app._notifications)
        await room.press("down", "enter")
        await closed(room)
        await room.until(lambda: "edited" in " ".join(one.message for one in app._notifications), "a notice")
        notice = next(one.message for one in app._notifications if "edited" in one.message)
        assert notice.count(".xml") == 3
        assert f"and {len(runs) - 3} more" in notice
