"""The mode for people who have the screen read to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest

from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam.widgets.tabs import Tab, TabStrip
from mockexam.tui.interpreters import offers
from mockexam.tui.look import formatting
from mockexam.tui.pages.new_exam import NewExamScreen
from tests.tui.conftest import Reading, Until
from tests.tui.exam_room import sitting

SIGNS = set("×●○◆▷≡▤✓✗━╌┃▄▀│─╭╮╰╯■")


@pytest.fixture(autouse=True)
def silent_again() -> Iterator[None]:
    yield
    formatting.speak(False)


@pytest.fixture
def spoken(app: MockExamApp) -> MockExamApp:
    app.settings.set("screen_reader", True)
    app.speak()
    return app


def signs_in(text: str) -> set[str]:
    drawn = {character for character in text if unicodedata.name(character, "").startswith(("BOX DRAWINGS", "BLOCK"))}
    return (SIGNS & set(text)) | drawn


async def test_pages_are_words(
    spoken: MockExamApp, exams: ExamService, running: Attempt, until: Until, reading: Reading
) -> None:
    async with spoken.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Resume" in reading(pilot))
        assert signs_in(reading(pilot)) == set()
        spoken.open_page("take")
        await until(pilot, lambda: isinstance(spoken.screen, NewExamScreen) and "Your name" in reading(pilot))
        assert "Step 1 of 5: Name and folder" in reading(pilot)
        assert signs_in(reading(pilot)) == set()
        spoken.show_result(running.id, "candidate")
        await until(pilot, lambda: "Not passed, 0 of 100 points. The pass mark is 90." in reading(pilot))


async def test_the_window_of_the_interpreter_is_words(
    spoken: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "found", lambda project: [])
    async with sitting(spoken, running) as room:
        await room.press("f7")
        await room.until(lambda: "now: Python" in room.text and "as in the exam" in room.text, "the window")
        window = [line for line in room.text.splitlines() if "Keras" in line or "tensorflow" in line]
        assert signs_in("\n".join(window)) == set()


async def test_the_terminals_cursor_follows_the_focus(spoken: MockExamApp, until: Until) -> None:
    async with spoken.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: spoken.office_open.is_set())
        await pilot.press("down")
        await until(pilot, lambda: spoken.cursor_position == spoken.screen.query_one("#results").region.offset)


async def test_it_is_switched_and_remembered(app: MockExamApp, until: Until) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.action_screen_reader()
        assert formatting.spoken()
        assert app.settings.get("screen_reader") is True
        app.action_screen_reader()
        assert not formatting.spoken()
        assert app.has_class("-spoken") is False


async def test_the_exam_is_words(spoken: MockExamApp, running: Attempt, until: Until) -> None:
    async with sitting(spoken, running) as room:
        assert "starter.py close" in room.text
        room.editor.focus()
        await room.type("x")
        await room.until(lambda: "starter.py unsaved" in room.text, "the tab says so")
        room.screen.query_one(FindBar).open(room.editor, "find")
        await room.until(lambda: "Close" in room.text, "the find bar")
        assert "×" not in room.text
        await room.until(lambda: "starter.py close" in room.text, "saved")
        tab = room.screen.query(Tab).first()
        await room.click(tab, offset=(tab.size.width - 5, 0))
        await room.until(lambda: not room.screen.query_one(TabStrip).paths, "closed by its word")
