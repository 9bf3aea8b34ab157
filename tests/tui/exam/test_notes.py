"""The Notes window: text that is kept with the attempt."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import TextArea

from mockexam.sitting.service import Attempt, ExamService
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from mockexam.tui.app import MockExamApp
from mockexam.workspace import layout
from tests.tui.exam_room import NARROW, NORMAL, WIDE, Room, sitting


def kept(attempt: Attempt) -> str:
    path = layout.notes(attempt.project)
    return path.read_text("utf-8") if path.exists() else ""


def told(app: MockExamApp) -> str:
    return "\n".join(f"{note.title}: {note.message}" for note in app._notifications)


async def open_notes(room: Room) -> TextArea:
    await room.press("alt+2")
    await room.until(lambda: room.screen.query("#notes TextArea"), "the notes")
    area = room.screen.query_one("#notes TextArea", TextArea)
    await room.until(lambda: area.has_focus, "the focus")
    return area


@pytest.mark.parametrize("size", [NARROW, NORMAL, WIDE])
async def test_what_is_typed_is_saved_by_itself(app: MockExamApp, running: Attempt, size: tuple[int, int]) -> None:
    async with sitting(app, running, size) as room:
        await open_notes(room)
        await room.type("lr 0.01\nwas best")
        await room.until(lambda: kept(running) == "lr 0.01\nwas best", "the file")
        assert "lr 0.01" in room.text
        await room.press("escape")
        await room.until(lambda: room.editor.has_focus, "the code")


async def test_notes_come_back_and_leaving_saves_the_last_key(app: MockExamApp, running: Attempt) -> None:
    layout.notes(running.project).write_text("from before ", encoding="utf-8")
    async with sitting(app, running) as room:
        area = await open_notes(room)
        assert area.text == "from before "
        area.move_cursor(area.document.end)
        await room.type("now")
        await room.screen.leave()
        assert kept(running) == "from before now"


async def test_nothing_is_written_by_looking(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await open_notes(room)
        await room.press("alt+2")
        await room.until(lambda: not room.screen.query_one("#notes").display, "closed")
    assert not layout.notes(running.project).exists()


async def test_a_side_shows_one_window_at_a_time(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await open_notes(room)
        assert not room.screen.query_one("#project").display
        await room.click("#stripe-project")
        assert room.screen.query_one("#project").display
        assert not room.screen.query_one("#notes").display


async def test_two_writers_lose_nothing(app: MockExamApp, running: Attempt) -> None:
    path = layout.notes(running.project)
    async with sitting(app, running) as room:
        await open_notes(room)
        await room.type("mine")
        path.write_text("theirs", encoding="utf-8")
        await room.until(lambda: kept(running) == "mine", "the file")
        await room.until(lambda: "notes-other.txt" in told(app), "where the other is")
    assert path.with_name("notes-other.txt").read_text("utf-8") == "theirs"


async def test_what_another_program_wrote_is_there_when_the_window_opens_again(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running) as room:
        area = await open_notes(room)
        await room.press("alt+2")
        layout.notes(running.project).write_text("from a shell", encoding="utf-8")
        await room.press("alt+2")
        await room.until(lambda: area.text == "from a shell", "the text")


async def test_a_disk_that_refuses_is_told_and_the_text_waits(app: MockExamApp, running: Attempt) -> None:
    path = layout.notes(running.project)
    async with sitting(app, running) as room:
        await open_notes(room)
        path.mkdir()
        await room.type("kept")
        await room.until(lambda: "Your notes are not saved" in told(app), "why")
        path.rmdir()
        await room.type("!")
        await room.until(lambda: kept(running) == "kept!", "the file")


async def test_notes_that_cannot_be_read_are_told(app: MockExamApp, running: Attempt) -> None:
    layout.notes(running.project).write_bytes(b"\xff\xfe\x00")
    async with sitting(app, running) as room:
        await room.press("alt+2")
        await room.until(lambda: "Your notes can't be read" in told(app), "why")
        assert not room.screen.query("#notes TextArea")
    assert layout.notes(running.project).read_bytes() == b"\xff\xfe\x00"


async def test_notes_are_exported_with_the_attempt(
    app: MockExamApp, running: Attempt, exams: ExamService, tmp_path: Path
) -> None:
    async with sitting(app, running) as room:
        await open_notes(room)
        await room.type("take this along")
        await room.until(lambda: kept(running) == "take this along", "the file")
    export(exams, running.id, tmp_path / "attempt.zip")
    brought = bring(exams, tmp_path / "attempt.zip", tmp_path / "elsewhere")
    assert brought.project == tmp_path / "elsewhere"
    assert kept(brought) == "take this along"
