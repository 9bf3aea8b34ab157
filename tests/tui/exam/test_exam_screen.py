"""The exam screen, by key and by mouse: windows, problems, clock, end."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import OptionList

from mockexam.sitting.service import Attempt, ExamService
from mockexam.transfer.exporting import export
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam import saved_layout
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.screen import ExamScreen
from mockexam.tui.exam.widgets.exam_panel import ProblemList
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.widgets.toolbar import Clock, Toolbar
from mockexam.tui.look import formatting
from mockexam.tui.look.menu import Menu
from mockexam.tui.pages.search_everywhere import SearchEverywhere
from mockexam.tui.pages.welcome import WelcomeScreen
from tests.sitting.fakes import FakeClock
from tests.tui.exam_room import NARROW, NORMAL, WIDE, Room, sitting


async def test_it_shows_the_exam(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        text = room.text
        assert "5:00:00" in text
        assert "0 of 100 points, 90 pass" in text
        for category in range(1, 6):
            assert f"Problem {category}" in text
        assert "Category1 ▾" in text
        assert "Submit and Test model" in text
        assert "YOUR CODE HERE" in text
        assert "mockexam" not in [child.label.plain for child in room.screen.query_one(ProjectTree).root.children]  # type: ignore[union-attr]
        assert ".mockexam" not in text
        assert "grader ready" in text


@pytest.mark.parametrize("size", [NARROW, NORMAL, WIDE])
@pytest.mark.parametrize(("key", "window"), [("alt+1", "project"), ("alt+4", "run"), ("alt+0", "exam")])
async def test_windows_open_and_close_by_key(
    app: MockExamApp, running: Attempt, size: tuple[int, int], key: str, window: str
) -> None:
    async with sitting(app, running, size) as room:
        windows = room.screen.windows
        if windows.is_open(window):
            await room.press(key)
            await room.until(lambda: windows.active == window, "the focus")
            await room.press(key)
        assert not windows.is_open(window)
        assert not room.screen.query_one(f"#{window}").display
        await room.press(key)
        await room.until(lambda: windows.active == window, "the focus")
        assert room.screen.query_one(f"#{window}").display
        await room.press("escape")
        await room.until(lambda: room.editor.has_focus, "the code")


async def test_late_word_of_the_code_does_not_close_a_window_opened_since(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        await room.until(lambda: room.editor.has_focus, "the code")
        room.screen.set_focus(None)
        room.screen.files.focus()
        room.screen.windows.toggle("project")
        await room.until(lambda: room.screen.windows.active == "project", "the focus")
        assert room.screen.windows.is_open("project")
        # The same, with the word already on its way.
        room.screen.set_focus(room.editor)
        room.screen.windows.open("exam", focus=True)
        await room.until(lambda: room.screen.windows.active == "exam", "the focus")
        assert room.screen.query_one("#exam").display


async def test_windows_open_and_close_by_mouse(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        for window in ("project", "run", "exam"):
            await room.click(f"#stripe-{window}")
            assert not room.screen.query_one(f"#{window}").display
            await room.click(f"#stripe-{window}")
            assert room.screen.query_one(f"#{window}").display
        await room.click("#run-hide")
        assert not room.screen.query_one("#run").display


async def test_side_windows_lie_over_the_code_when_it_is_narrow(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        width = room.editor.size.width
        assert width == 80
        await room.press("alt+0")
        await room.until(lambda: room.screen.query_one(ProblemList).has_focus, "the problems")
        assert room.editor.size.width == width
        assert "Problem 5" in room.text
        await room.press("escape")
        assert not room.screen.query_one("#exam").display


async def test_a_resize_moves_the_windows(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, WIDE) as room:
        assert room.screen.query_one("#exam").size.width == 56
        await room.pilot.resize_terminal(80, 24)
        await room.until(lambda: not room.screen.query_one("#exam").display, "narrow")
        await room.pilot.resize_terminal(120, 36)
        await room.until(lambda: room.screen.query_one("#exam").size.width == 38, "normal")


async def test_going_round_the_windows(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.until(lambda: room.editor.has_focus, "the code")
        seen = []
        for _ in range(4):
            await room.press("f6")
            await room.pilot.pause(0.05)
            seen.append(room.screen.windows.active)
        assert seen == ["exam", "run", "project", None]
        await room.press("f12")
        await room.until(lambda: room.screen.windows.active == "project", "the last window")
        await room.press("ctrl+shift+f12")
        assert not any(room.screen.query_one(f"#{name}").display for name in ("project", "run", "exam"))
        await room.press("ctrl+shift+f12")
        assert all(room.screen.query_one(f"#{name}").display for name in ("project", "run", "exam"))


async def test_choosing_a_problem_by_key_mouse_and_menu(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.press("alt+down")
        await room.until(lambda: room.screen.files.active == room.starter(2), "category 2")
        assert room.screen.category == 2
        await room.press("alt+up")
        await room.until(lambda: room.screen.files.active == room.starter(1), "category 1")
        await room.click(ProblemList, offset=(6, 2))
        await room.until(lambda: room.screen.category == 3, "category 3")
        await room.until(
            lambda: "Problem 3" in str(room.screen.query_one(".statement-title").render()), "its statement"
        )
        await room.click("#config")
        await room.until(lambda: isinstance(app.screen, Menu), "the menu")
        await room.press("down", "enter")
        await room.until(lambda: room.screen.category == 4, "category 4")
        assert room.screen.query_one(Toolbar).category == "Category4"


async def test_the_statement_and_back(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.press("alt+6")
        await room.until(lambda: room.screen.files.showing_statement, "the statement")
        assert "Fit the line." in room.text
        await room.press("alt+6")
        await room.until(lambda: room.screen.files.active == room.starter(1), "the code")


async def test_the_clock_counts_and_warns_once(app: MockExamApp, running: Attempt, clock: FakeClock) -> None:
    async with sitting(app, running) as room:
        clock.advance(minutes=239, seconds=59)
        await room.until(lambda: room.screen.query_one(Clock).left == 3601, "the clock")
        assert "1:00:01" in room.text
        assert not app._notifications
        clock.advance(seconds=2)
        await room.until(lambda: any("60 minutes left" in one.message for one in app._notifications), "the warning")
        clock.advance(seconds=60)
        await room.until(lambda: room.screen.query_one(Clock).left == 3539, "the clock")
        assert sum("minutes left" in one.message for one in app._notifications) == 1


async def test_a_warning_that_passed_before_is_not_given_on_resume(
    app: MockExamApp, running: Attempt, clock: FakeClock
) -> None:
    clock.advance(minutes=260)
    async with sitting(app, running) as room:
        await room.pilot.pause(1.2)
        assert not any("minutes left" in one.message for one in app._notifications)


async def test_the_exam_ends_by_itself(
    app: MockExamApp, running: Attempt, clock: FakeClock, exams: ExamService
) -> None:
    async with sitting(app, running) as room:
        await room.type("x = 1")
        clock.advance(minutes=301)
        await room.until(lambda: app.screen.query("#done"), "the result")
        assert exams.attempt(running.id).end_reason == "time"
        assert "x = 1" in room.starter().read_text()


async def test_time_is_counted_for_the_active_problem(
    app: MockExamApp, running: Attempt, clock: FakeClock, exams: ExamService
) -> None:
    async with sitting(app, running) as room:
        for _ in range(2):
            clock.advance(seconds=4)
            await room.pilot.pause(1.1)
        await room.press("alt+down")
        await room.until(lambda: room.screen.category == 2, "category 2")
        clock.advance(seconds=3)
        await room.screen.leave()
        times = exams.times(running.id)
        assert times[1] == pytest.approx(8, abs=0.1)
        assert times[2] == pytest.approx(3, abs=0.1)


async def test_end_exam_by_menu_asks_first(app: MockExamApp, running: Attempt, exams: ExamService) -> None:
    async with sitting(app, running) as room:
        await room.click("#end-exam")
        await room.until(lambda: isinstance(app.screen, Menu), "the menu")
        assert "5 h 00 min left" in room.text
        assert "View Instructions" in room.text
        options = app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("end_exam")
        await room.press("enter")
        await room.until(lambda: "End the exam?" in room.text, "the question")
        await room.press("n")
        await room.until(lambda: isinstance(app.screen, ExamScreen), "back")
        assert exams.attempt(running.id).state == "running"


async def test_instructions_by_menu(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.click("#end-exam")
        await room.until(lambda: isinstance(app.screen, Menu), "the menu")
        await room.press("enter")
        await room.until(lambda: type(app.screen).__name__ == "InstructionsScreen", "the instructions")
        await room.press("escape")
        await room.until(lambda: isinstance(app.screen, ExamScreen), "back")


async def test_an_exam_exported_from_the_shell_is_left_with_its_text_saved(
    app: MockExamApp, running: Attempt, exams: ExamService, tmp_path: Path
) -> None:
    async with sitting(app, running) as room:
        await room.type("x = 1")
        export(exams, running.id, tmp_path / "moved.zip")
        await room.until(lambda: "exported at" in room.text and "import-attempt" in room.text, "a sentence")
        await room.press("enter")
        await room.until(lambda: isinstance(app.screen, WelcomeScreen), "the welcome screen")
        assert "x = 1" in room.starter().read_text()
        assert app.welcome_state.attempt is None


async def test_an_end_from_the_shell_ends_it_here(app: MockExamApp, running: Attempt, exams: ExamService) -> None:
    async with sitting(app, running) as room:
        exams.end(running.id)
        await room.until(lambda: app.screen.query("#done"), "the result")


def test_the_screen_imports_no_heavy_library() -> None:
    heavy = "{'numpy', 'tensorflow', 'keras', 'h5py'}"
    code = f"import sys, mockexam.tui.app, mockexam.tui.exam.screen; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "set()"


async def test_windows_change_their_size_by_key_and_mouse_and_keep_it(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        run, project = room.screen.query_one("#run"), room.screen.query_one("#project")
        await room.press("ctrl+shift+up", "ctrl+shift+up")
        await room.until(lambda: run.size.height == 12, "higher")
        await room.press("ctrl+shift+down")
        await room.until(lambda: run.size.height == 11, "lower")
        await room.pilot.mouse_down("#project .handle", offset=(3, 0))
        await room.pilot.hover("#project .handle", offset=(9, 0))
        await room.pilot.mouse_up("#project .handle", offset=(9, 0))
        await room.until(lambda: project.size.width == 30, "wider")
    memory = saved_layout.recall(running.project)
    assert memory is not None
    assert memory.sizes == {"run-normal": 11, "project-normal": 30}


async def test_a_layout_that_a_stranger_made_up_opens_what_is_there(app: MockExamApp, running: Attempt) -> None:
    odd = ["a\0b", "x" * 5000, "/dev/zero", "/", "\ud800"]
    made_up = {
        "tabs": [{"path": path, "cursor": [10**9, 10**9], "top": 10**9} for path in (*odd, "Category1/starter.py")],
        "active": odd[1],
        "recent": odd,
        "folders": odd,
        "windows": ["run", "nosuch"],
        "last_window": "nosuch",
        "sizes": {f"{window}-normal": 10**18 for window in ("run", "project")},
        "category": 10**18,
    }
    saved_layout.place(running.project).write_text(json.dumps(made_up))
    async with sitting(app, running, NORMAL) as room:
        assert [path.name for path in room.screen.files.tabs.paths] == ["starter.py"]
        assert all(path.is_file() for path in room.screen.files.recent)
        assert room.screen.query_one("#run").size.height < 40


@pytest.mark.parametrize("cursor", [[-1, 0], [10**30, 0], [0]])
def test_a_place_in_a_text_that_can_be_none_is_no_layout(running: Attempt, cursor: list[int]) -> None:
    tab = {"path": "Category1/starter.py", "cursor": cursor}
    saved_layout.place(running.project).write_text(json.dumps({"tabs": [tab]}))
    assert saved_layout.recall(running.project) is None


async def test_the_screen_can_be_read_aloud(app: MockExamApp, running: Attempt) -> None:
    app.settings.set("screen_reader", True)
    app.speak()
    try:
        async with sitting(app, running) as room:
            await room.until(lambda: "difficulty 1 of 5" in room.text, "words for dots")
            assert set("●○◆▷≡■◷┃━─▕│✓▤") & set(room.text) == set(), [
                one for one in room.text.splitlines() if "─" in one
            ]
            assert "Run" in room.text
            assert "Stop" in room.text
    finally:
        formatting.speak(False)


async def test_a_fault_of_ours_is_told_and_the_exam_goes_on(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(app, running) as room:

        async def broken(*_: object) -> None:
            raise ZeroDivisionError("a fault")

        monkeypatch.setattr(room.screen.files, "step", broken)
        await room.press("ctrl+pagedown")
        await room.until(lambda: any("a fault" in one.message for one in app._notifications), "the word")
        await room.type("x = 1")
        assert "x = 1" in room.editor.text


async def test_escape_and_search_in_one_breath_leave_the_search_open(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        await room.press("alt+1")
        await room.until(lambda: room.screen.windows.over == "project", "the window")
        for key in ("escape", "ctrl+p"):
            app.post_message(Key(key, None))
        for letter in "theme":
            app.post_message(Key(letter, letter))
        await room.until(lambda: "Choose the colours" in room.text, "what was typed, found")
        assert isinstance(app.screen, SearchEverywhere)
        assert app.screen.query_one(OptionList).option_count < 20
        assert room.screen.windows.over is None


async def test_what_is_typed_before_the_code_stands_is_typed_into_it(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()
    load = Files._load

    async def slow(files: Files, path: Path) -> bool:
        await reading.wait()
        return await load(files, path)

    monkeypatch.setattr(Files, "_load", slow)
    async with app.run_test(size=NORMAL) as pilot:
        await app.office_open.wait()
        app.enter(running)
        room = Room(app, pilot, running)
        await room.until(lambda: isinstance(app.screen, ExamScreen) and app.screen.is_mounted, "the frame")
        await pilot.press("a", "b", "enter")
        await room.until(lambda: not app._batch_count, "a screen that is drawn though the disk hangs")
        reading.set()
        await room.until(lambda: room.screen.settled, "the code")
        row = room.editor.cursor_location[0]
        await room.until(lambda: "ab" in room.editor.document[row], "what was typed")
        assert row > 0, "at the first gap"


async def test_what_is_typed_while_the_grader_ends_is_saved_too(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, ended = threading.Event(), threading.Event()
    stop = app.stop_service

    def slow() -> None:
        ending.set()
        ended.wait(10)
        stop()

    monkeypatch.setattr(app.shutdown, "stop_service", slow)
    async with sitting(app, running) as room:
        room.editor.focus()
        app.shutdown.close()
        await room.until(ending.is_set, "the grader ends")
        await room.type("late")
        assert "late" not in room.starter().read_text("utf-8")
        ended.set()
        await room.until(lambda: app._exit, "the app ends")
    assert "late" in room.starter().read_text("utf-8")
