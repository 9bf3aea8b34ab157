"""Files on the exam screen: tabs, saving, other programs, kills, and what is remembered."""

from __future__ import annotations

import os
from pathlib import Path

from textual.widgets import Input

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam import saved_layout
from mockexam.tui.exam.documents.autosave import Rescue, digest
from mockexam.tui.exam.screen import ExamScreen
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.widgets.tabs import Tab
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.menu import Menu
from tests.tui.exam_room import sitting


async def test_text_is_saved_a_second_after_typing(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.type("x = 1")
        assert room.screen.files.page is not None
        assert room.screen.files.page.unsaved
        assert room.screen.query(Tab).first().unsaved
        await room.until(lambda: "x = 1" in room.starter().read_text(), "the file")
        await room.until(lambda: not room.screen.query(Tab).first().unsaved, "the tab")
        assert not room.screen.files.rescue.kept()


async def test_save_all_by_key(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.type("y = 2")
        await room.press("ctrl+s")
        await room.until(lambda: "y = 2" in room.starter().read_text(), "the file")


async def test_tabs_by_key_and_mouse(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        first, second = room.starter(1), room.starter(2)
        await room.open(second)
        for key, path in (
            ("ctrl+pageup", first),
            ("alt+right", second),
            ("alt+left", first),
            ("ctrl+pagedown", second),
        ):
            await room.press(key)
            await room.until(lambda path=path: room.screen.files.active == path, key)  # type: ignore[misc]
        await room.click(room.screen.query(Tab).first(), offset=(4, 0))
        await room.until(lambda: room.screen.files.active == first, "the click")
        await room.press("ctrl+f4")
        await room.until(lambda: room.screen.files.active == second, "closed by key")
        assert room.screen.files.tabs.paths == [second]
        tab = room.screen.query(Tab).last()
        await room.click(tab, offset=(tab.size.width - 0, 0))
        await room.until(lambda: room.screen.files.active is None, "closed by mouse")
        await room.press("ctrl+e")
        await room.until(lambda: isinstance(app.screen, Menu), "recent files")
        await room.press("enter")
        await room.until(lambda: room.screen.files.active == second, "opened again")


async def test_a_file_opens_from_the_tree(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        tree = room.screen.query_one(ProjectTree)
        tree.reveal(running.project / "README.md")
        await room.press("alt+1")
        await room.until(lambda: tree.has_focus and tree.cursor_node.label.plain == "README.md", "the cursor")  # type: ignore[union-attr]
        await room.press("enter")
        await room.until(lambda: room.screen.files.active == running.project / "README.md", "the file")


async def test_the_trees_cursor_stays_on_its_file_when_a_model_is_saved(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        tree = room.screen.query_one(ProjectTree)

        def chosen() -> Path | None:
            return tree.cursor_node.data.path if tree.cursor_node and tree.cursor_node.data else None

        await room.until(lambda: chosen() == room.starter(1), "the file that is shown")
        before = tree.cursor_line
        room.model(1)
        await room.until(lambda: tree.cursor_line == before + 1, "the model in the tree")
        assert chosen() == room.starter(1)


async def test_the_tree_follows_the_disk(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        (running.project / "Category1" / "notes.txt").write_text("a")
        await room.until(lambda: "notes.txt" in room.text, "the new file")
        (running.project / "Category1" / "notes.txt").unlink()
        await room.until(lambda: "notes.txt" not in room.text, "the file gone")


async def test_another_program_changes_a_file_that_is_clean(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.starter().write_text("z = 3\n")
        await room.until(lambda: room.editor.text == "z = 3\n", "the new text")
        await room.press("ctrl+z")
        assert "YOUR CODE HERE" in room.editor.text


async def conflict(app: MockExamApp, running: Attempt, answer: int) -> tuple[str, str]:
    """Change a file at both ends and choose; the text on the screen and on the disk."""
    async with sitting(app, running) as room:
        await room.type("mine = 1")
        room.starter().write_text("theirs = 1\n")
        await room.until(lambda: "Keep mine" in room.text, "the question")
        assert room.starter().read_text() == "theirs = 1\n"
        await room.click(list(room.screen.query(Banner).first().query(PushButton))[answer])
        await room.until(lambda: not room.screen.query(Banner), "the answer")
        await room.until(lambda: room.screen.files.page and not room.screen.files.page.unsaved, "peace")
        return room.editor.text, room.starter().read_text()


async def test_a_conflict_is_a_question_reload(app: MockExamApp, running: Attempt) -> None:
    assert await conflict(app, running, 0) == ("theirs = 1\n", "theirs = 1\n")


async def test_a_conflict_is_a_question_keep_mine(app: MockExamApp, running: Attempt) -> None:
    shown, written = await conflict(app, running, 1)
    assert shown == written
    assert "mine = 1" in shown


async def test_text_that_was_not_saved_comes_back_after_a_kill(app: MockExamApp, running: Attempt) -> None:
    starter = running.project / "Category1" / "starter.py"
    Rescue(running.project).keep(starter, "rescued = 1\n", digest(starter.read_text()))
    async with sitting(app, running) as room:
        await room.until(lambda: room.editor.text == "rescued = 1\n", "the text")
        await room.until(lambda: starter.read_text() == "rescued = 1\n", "the file")
        await room.until(lambda: not room.screen.files.rescue.kept(), "the net is empty")


async def test_text_kept_from_before_the_last_save_replaces_nothing_unasked(app: MockExamApp, running: Attempt) -> None:
    # A power cut may leave the net as it was before the last save; so does an editor used while the app was closed.
    starter = running.project / "Category1" / "starter.py"
    Rescue(running.project).keep(starter, "older = 1\n", digest(starter.read_text()))
    starter.write_text("newer = 2\n")
    async with sitting(app, running) as room:
        await room.until(lambda: "Keep mine" in room.text, "the question")
        assert room.editor.text == "older = 1\n"
        await room.screen.files.saving.save_all()
        assert starter.read_text() == "newer = 2\n"
    async with sitting(MockExamApp(app.office_factory, app.clock, app.service_factory), running) as room:
        await room.until(lambda: "Keep mine" in room.text, "the question again")
        await room.click(next(iter(room.screen.query(Banner).first().query(PushButton))))
        await room.until(lambda: room.editor.text == "newer = 2\n", "the text on the disk")
        await room.until(lambda: not room.screen.files.rescue.kept(), "the net is empty")


async def test_kill_between_a_save_and_its_end_brings_nothing_older_back(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        page = room.screen.files.page
        assert page is not None
        room.screen.files.rescue.keep(page.path, "older = 1\n", page.base)
        room.write("newer = 2\n")
        room.screen.files.rescue.forget = lambda path: None  # type: ignore[method-assign]
        await room.screen.files.saving.save_all()
    kept = Rescue(running.project).kept_of(room.starter())
    assert kept is not None
    assert kept.text == room.starter().read_text() == "newer = 2\n"


async def test_unsaved_text_is_kept_before_it_is_saved(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.type("x")
        await room.until(lambda: room.screen.files.rescue.kept_of(room.starter()), "the net")
        kept = room.screen.files.rescue.kept_of(room.starter())
        assert kept is not None
        assert "x" in kept.text


async def test_tabs_cursor_windows_and_problem_are_remembered(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.open(room.starter(3))
        room.editor.move_cursor((2, 4))
        await room.click("#stripe-project")
    memory = saved_layout.recall(running.project)
    assert memory is not None
    assert memory.category == 3
    assert [tab.path for tab in memory.tabs] == ["Category1/starter.py", "Category3/starter.py"]
    assert memory.tabs[1].cursor == (2, 4)
    assert "project" not in memory.windows


async def test_what_was_remembered_is_there_again(app: MockExamApp, running: Attempt) -> None:
    tabs = (saved_layout.OpenTab("Category1/starter.py"), saved_layout.OpenTab("Category2/starter.py", (2, 3)))
    saved_layout.remember(
        running.project,
        saved_layout.Memory(tabs=tabs, active="Category2/starter.py", category=2, windows=("exam",)),
    )
    async with sitting(app, running) as room:
        assert room.screen.category == 2
        await room.until(lambda: room.editor.cursor_location == (2, 3), "the cursor")
        assert len(room.screen.query(Tab)) == 2
        assert len(room.screen.files.pages) == 1
        assert not room.screen.query_one("#project").display


async def test_a_damaged_memory_is_no_memory(app: MockExamApp, running: Attempt) -> None:
    saved_layout.place(running.project).write_text('{"tabs": 7}')
    async with sitting(app, running) as room:
        assert room.screen.files.active == room.starter(1)


async def test_resetting_the_starter(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.type("x = 1")
        room.screen.action_ask("reset_starter")
        await room.until(lambda: "Reset the starter?" in room.text, "the question")
        await room.press("y")
        await room.until(lambda: isinstance(app.screen, ExamScreen), "back")
        await room.until(lambda: "x = 1" not in room.editor.text, "the original")
        backups = list((running.project / ".mockexam" / "backups").iterdir())
        assert len(backups) == 1
        assert "x = 1" in backups[0].read_text()


async def test_find_next_and_replace_all(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.write("one two\ntwo one\n")
        await room.press("ctrl+f")
        bar = room.screen.query_one(FindBar)
        await room.type("two")
        assert "1 of 2" in room.text
        await room.press("enter")
        assert room.editor.selected_text == "two"
        assert room.editor.cursor_location[0] == 1
        await room.press("escape")
        assert not bar.display
        await room.until(lambda: room.editor.has_focus, "the code")
        await room.press("ctrl+r")
        room.screen.query_one("#replace-text", Input).value = "2"
        await room.press("alt+a")
        assert room.editor.text == "one 2\n2 one\n"
        await room.press("escape", "ctrl+z")
        assert room.editor.text == "one two\ntwo one\n"


async def test_replace_goes_by_the_text_that_is_there_after_a_reload_and_in_another_tab(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running) as room:
        room.write("loss = 1\nx = loss\n")
        await room.press("ctrl+s")
        await room.until(lambda: not room.screen.files.pages[room.starter(1)].unsaved, "the save")
        await room.press("ctrl+r")
        await room.type("loss")
        room.screen.query_one("#replace-text", Input).value = "error"
        room.starter(1).write_text("my_loss = 1\nx = loss\n", encoding="utf-8")
        await room.until(lambda: "my_loss" in room.editor.text, "the reload")
        assert room.editor.found == {0: [(3, 7)], 1: [(4, 8)]}
        room.screen.query_one("#replace-text").focus()
        await room.press("enter", "enter")
        assert room.editor.text == "my_loss = 1\nx = error\n"

        await room.open(room.starter(2))
        room.write("a_loss = 2\n")
        room.screen.query_one("#replace-text").focus()
        await room.press("enter", "enter")
        assert room.editor.text == "a_error = 2\n"
        await room.open(room.starter(1))
        assert room.editor.found == {0: [(3, 7)]}


async def test_a_bad_pattern_is_named(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.press("ctrl+f", "alt+x")
        room.screen.query_one("#find-text", Input).value = "("
        await room.until(lambda: "bad pattern" in room.text, "the fault")


async def test_going_to_a_line(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.write("\n".join(f"line {n}" for n in range(1, 90)))
        await room.press("ctrl+g")
        room.screen.query_one("#line-text", Input).value = "42:3"
        await room.press("enter")
        await room.until(lambda: room.editor.cursor_location == (41, 2), "the line")
        assert "42:3" in room.text


async def test_a_syntax_error_is_underlined(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.write("x = 1\ny = = 2\n")
        await room.until(lambda: room.editor.marks.faults, "the fault")
        assert room.editor.marks.faults[0].start[0] == 1
        room.write("x = 1\n")
        await room.until(lambda: not room.editor.marks.faults, "no fault")


async def test_a_file_that_turns_into_something_unreadable_leaves_the_choice_open(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running) as room:
        before = room.editor.text
        room.starter().write_bytes(b"\xff\xfe = 1\n")
        await room.until(lambda: "Keep mine" in room.text, "the question")
        await room.click(next(iter(room.screen.query(Banner).first().query(PushButton))))
        await room.until(lambda: len(app._notifications) == 2, "why it can't be reloaded")
        await room.until(lambda: room.screen.query(Banner), "the question again")
        await room.screen.files.outside.answer(room.starter(), "keep")
        assert room.starter().read_text() == room.editor.text == before


async def test_a_key_pressed_while_the_disk_is_read_is_not_lost(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        page = room.screen.files.page
        assert page is not None
        assert page.file is not None
        load = page.file.load

        def typed_meanwhile() -> str:
            app.call_from_thread(room.editor.insert, "mine = 1\n", (0, 0))
            return load()

        page.file.load = typed_meanwhile  # type: ignore[method-assign]
        room.starter().write_text("theirs = 1\n")
        await room.until(lambda: "Keep mine" in room.text, "the question")
        assert "mine = 1" in room.editor.text
        assert room.starter().read_text() == "theirs = 1\n"


async def test_a_save_that_goes_on_failing_is_told_once_and_at_each_key(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        page = room.screen.files.page
        assert page is not None
        room.starter().unlink()
        room.starter().mkdir()
        page.gone = True
        await room.type("x")
        for _ in range(3):
            assert not await room.screen.files.saving.save(page, repeat=False)
        assert sum("not saved" in note.title for note in app._notifications) == 1
        await room.press("ctrl+s")
        await room.until(lambda: sum("not saved" in note.title for note in app._notifications) == 2, "told again")
        room.starter().rmdir()
        assert await room.screen.files.saving.save(page)
        assert room.starter().read_text() == room.editor.text


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    assert read_only_pages.kind_of(pipe) == "other"
