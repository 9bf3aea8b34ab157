"""The list of names at the cursor: what it takes and what it leaves to the editor."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from textual.app import App, ComposeResult
from textual.events import Key
from textual.pilot import Pilot

from mockexam.tui.code.completion_list import CompletionList
from mockexam.tui.code.editor import Editor
from mockexam.tui.look import theme


class OneEditor(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield Editor("model.fi", language="python")


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    async with OneEditor().run_test() as pilot:
        yield pilot


async def offered(pilot: Pilot[None]) -> tuple[CompletionList, Editor]:
    editor = pilot.app.query_one(Editor)
    editor.focus()
    editor.move_cursor((0, 8))
    names = CompletionList()
    names.offer(editor, ["fit", "fit_generator"], "fi")
    await pilot.pause()
    return names, editor


@pytest.mark.parametrize("key", ["enter", "tab"])
async def test_a_name_that_was_seen_is_taken(pilot: Pilot[None], key: str) -> None:
    names, editor = await offered(pilot)
    assert names.take_key(Key(key, None))
    assert editor.text == "model.fit"


@pytest.mark.parametrize("key", ["enter", "tab"])
async def test_a_key_from_before_the_list_was_seen_is_the_editors(pilot: Pilot[None], key: str) -> None:
    pressed = Key(key, None)
    names, editor = await offered(pilot)
    assert not names.take_key(pressed)
    assert (editor.text, editor.popup) == ("model.fi", None)


@pytest.mark.parametrize("typed", ["()", "t(", "t", " = 1"])
async def test_enter_is_the_editors_when_text_came_after_what_the_list_was_for(pilot: Pilot[None], typed: str) -> None:
    names, editor = await offered(pilot)
    editor.insert(typed)
    assert not names.take_key(Key("enter", None))
    assert editor.text == f"model.fi{typed}"
    assert editor.popup is None


async def test_a_list_that_narrowed_takes_the_name_once_it_is_seen(pilot: Pilot[None]) -> None:
    names, editor = await offered(pilot)
    editor.insert("t_")
    names.narrow()
    assert names.shown == ["fit_generator"]
    await pilot.pause()
    assert names.take_key(Key("enter", None))
    assert editor.text == "model.fit_generator"
