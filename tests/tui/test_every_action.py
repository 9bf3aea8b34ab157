"""Every row of the key table, by each of its keys and by the mouse: a new row is tried here without a new test."""

from __future__ import annotations

from typing import Any

import pytest
from textual.actions import parse
from textual.widgets import OptionList

from mockexam.sitting.service import Attempt
from mockexam.tui import keymap
from mockexam.tui.app import MockExamApp
from mockexam.tui.pages.search_everywhere import SearchEverywhere, entries
from tests.tui.exam_room import WIDE, Room, sitting

# What the palette leaves out is reached by the mouse in another way, named here.
WITHOUT_PALETTE = {"search_everywhere"}


async def ready(room: Room) -> None:
    """A program has run, so that the Run window's actions have something to work on."""
    room.starter(1).write_text("print('done')\n")
    await room.until(lambda: "done" in room.text, "the starter")
    await room.press("f5")
    await room.until(lambda: "exit code 0" in room.text, "the end of the program")


def holder(room: Room, row: keymap.Action) -> Any:
    """Who does a row's action; it has the focus afterwards where that matters."""
    if row.scope == "app":
        return room.app
    if row.scope == "exam":
        return room.screen
    if row.scope == "editor":
        room.screen.set_focus(room.editor)
        return room.editor
    # Both are at the bottom, where one is shown at a time.
    room.screen.windows.open(row.scope)
    if row.scope == "plots":
        room.screen.set_focus(room.screen.parts.plots_window)
        return room.screen.parts.plots_window
    assert room.screen.run_window.view is not None
    room.screen.set_focus(room.screen.run_window)
    return room.screen.run_window


def note(holder: Any, row: keymap.Action, done: list[str]) -> None:
    """Have a row's action note that it was called, in place of doing anything."""
    if not row.call:
        setattr(holder, f"action_{row.name}", lambda name=row.name: done.append(name))
        return
    _, action, _ = parse(row.call)
    rows = {parse(one.call)[2]: one.name for one in keymap.TABLE if one.call and parse(one.call)[1] == action}
    assert callable(getattr(holder, f"action_{action}"))

    # Textual hands on as many values as there are parameters.
    def called(first: object, second: object = None) -> None:
        done.append(rows[(first,) if second is None else (first, second)])

    setattr(holder, f"action_{action}", called)


async def test_each_key_of_each_row_does_its_action_and_no_other(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, WIDE) as room:
        await ready(room)
        done: list[str] = []
        for row in keymap.TABLE:
            note(holder(room, row), row, done)
        for row in keymap.TABLE:
            for key in row.keys + row.pycharm:
                holder(room, row)
                done.clear()
                await room.press(key)
                assert done == [row.name], f"{key} of {row.name}"


async def test_the_palette_lists_each_row_and_a_click_does_it(app: MockExamApp, running: Attempt) -> None:
    clicked = {"app": "themes", "exam": "end_exam", "editor": "comment", "run": "clear_output", "plots": "plot_whole"}
    async with sitting(app, running, WIDE) as room:
        await ready(room)
        done: list[str] = []
        for row in (one for one in keymap.TABLE if one.name not in WITHOUT_PALETTE):
            note(holder(room, row), row, done)
        for scope in clicked:
            rows = [row for row in keymap.TABLE if row.scope == scope and row.name not in WITHOUT_PALETTE]
            holder(room, rows[0])
            await room.pilot.pause()
            listed = {one.title: one for one in entries(app, room.screen)}
            for row in rows:
                done.clear()
                await listed[str(row.title)].run()  # type: ignore[misc]
                assert done == [row.name]
            await click_in_palette(room, str(keymap.find(clicked[scope]).title))
            await room.until(lambda: len(done) == 2, f"{clicked[scope]} by the mouse")
            assert done[1] == clicked[scope]


async def click_in_palette(room: Room, title: str) -> None:
    """Open the palette, scroll to a row without typing, and click on it."""
    await room.press("ctrl+p")
    await room.until(lambda: isinstance(room.app.screen, SearchEverywhere) and room.app.screen.found, "the palette")
    palette = room.app.screen
    assert isinstance(palette, SearchEverywhere)
    place = next(i for i, one in enumerate(palette.found) if one.title == title)
    options = palette.query_one(OptionList)
    options.highlighted = place
    await room.pilot.pause()
    options.scroll_to_highlight(top=True)
    await room.pilot.pause()
    await room.click(OptionList, offset=(4, place - int(options.scroll_y)))


def test_what_the_palette_leaves_out_is_known() -> None:
    assert {row.name for row in keymap.TABLE if not row.palette} == WITHOUT_PALETTE


@pytest.mark.parametrize("row", keymap.TABLE, ids=lambda row: row.name)
def test_each_row_has_words_and_a_group(row: keymap.Action) -> None:
    assert row.title
    assert row.about
    assert row.group in keymap.GROUPS
