"""Finding, replacing and going to a line, with the keys of the bar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.look import theme
from mockexam.tui.terminal import compat


class OneBar(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.register_theme(theme.app_theme(theme.DEFAULT))
        self.theme = theme.DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield FindBar()
        yield Editor(self.text, language="python")


@asynccontextmanager
async def finding(text: str, what: str) -> AsyncIterator[tuple[FindBar, Editor, Pilot[None]]]:
    compat.apply()
    app = OneBar(text)
    async with app.run_test(size=(100, 24)) as pilot:
        bar, editor = app.query_one(FindBar), app.query_one(Editor)
        editor.cursor_blink = False
        bar.open(editor, what)
        await pilot.pause()
        yield bar, editor, pilot


def words(bar: FindBar) -> str:
    """What the bar says beside its fields."""
    return " ".join(str(bar.query_one(one, Static).render()) for one in ("#find-count", "#find-fault"))


async def test_replace_all_is_one_step_of_undo_and_takes_groups() -> None:
    async with finding("f(1)\ng(2)\n", "replace") as (bar, editor, pilot):
        await pilot.press("alt+x")
        bar.query_one("#find-text", Input).value = r"(\w)\((\d)\)"
        bar.query_one("#replace-text", Input).value = r"\2\1"
        await pilot.pause()
        await pilot.press("alt+a")
        assert editor.text == "1f\n2g\n"
        assert "2 replaced" in words(bar)
        editor.undo()
        assert editor.text == "f(1)\ng(2)\n"


async def test_next_goes_on_from_an_empty_place_and_round_again() -> None:
    async with finding("a\nb\nc", "replace") as (bar, editor, pilot):
        await pilot.press("alt+x", "$")
        rows = []
        for _ in range(3):
            await pilot.press("down")
            rows.append(editor.cursor_location[0])
        assert rows == [1, 2, 0]
        bar.query_one("#replace-text", Input).value = ";"
        for _ in range(3):
            bar.action_replace_one()
        assert editor.text == "a;\nb;\nc;"


async def test_a_pattern_without_end_says_so_and_is_not_tried_again_at_each_key() -> None:
    async with finding("a" * 10_000 + "b", "find") as (bar, editor, pilot):
        await pilot.press("alt+x")
        bar.query_one("#find-text", Input).value = "(a+)+$"
        await pilot.pause()
        assert "too long" in words(bar)
        editor.insert("x", (0, 0))
        bar.refresh_places()
        assert "too long" in words(bar)
        bar.query_one("#find-text", Input).value = "b$"
        await pilot.pause()
        assert "1 of 1" in words(bar)


@pytest.mark.parametrize(("text", "row"), [("0", 0), ("2", 1), ("999999", 2)])
async def test_a_line_is_kept_inside_the_file(text: str, row: int) -> None:
    async with finding("a\nb\nc", "line") as (bar, editor, pilot):
        bar.query_one("#line-text", Input).value = text
        await pilot.press("enter")
        assert editor.cursor_location[0] == row
        assert not bar.display


async def test_what_is_no_line_says_what_is_wanted() -> None:
    async with finding("a\nb\nc", "line") as (bar, editor, pilot):
        bar.query_one("#line-text", Input).value = "-5"
        await pilot.press("enter")
        assert "12:5" in words(bar)
        assert editor.cursor_location == (0, 0)
