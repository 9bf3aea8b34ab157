"""Text fields on every screen: what is typed can be seen, however long it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

import mockexam.tui
from mockexam.tui.look import theme

_LOOK = Path(mockexam.tui.__file__).parent


class OneField(App[None]):
    CSS_PATH = [_LOOK / "app.tcss", _LOOK / "exam" / "screen.tcss"]  # noqa: RUF012 - as Textual declares it

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def __init__(self, compact: bool) -> None:
        super().__init__()
        self.compact = compact

    def compose(self) -> ComposeResult:
        with Horizontal(id="find-bar"):
            yield Input(compact=self.compact)


@pytest.mark.parametrize("compact", [True, False])
async def test_a_field_shows_the_end_of_a_text_that_is_longer(compact: bool) -> None:
    app = OneField(compact)
    async with app.run_test(size=(30, 6)) as pilot:
        field = app.query_one(Input)
        field.focus()
        await pilot.press(*("abcdefghij" * 9 + "END"))
        await pilot.pause()
        lines = ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]
        assert any("END" in line for line in lines), lines
