"""The stripe at the left edge: a button for each window, with the digit of its key."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from mockexam.language.catalogue import shown
from mockexam.tui import keymap, tool_windows
from mockexam.tui.look.chip import Chip
from mockexam.tui.tool_windows import ToolWindow


class Stripe(Vertical):
    """Buttons `stripe-<window>`; those of open windows are lit, that of the window with the focus is blue."""

    def __init__(self) -> None:
        super().__init__(id="stripe")

    def compose(self) -> ComposeResult:
        """Windows on the left and in place of the code, a gap, windows at the bottom and on the right."""
        upper = [window for window in tool_windows.WINDOWS if window.side in ("left", "page")]
        yield from map(self._button, upper)
        yield Static("", classes="gap")
        yield from (self._button(window) for window in tool_windows.WINDOWS if window not in upper)

    def count_plots(self, unseen: int) -> None:
        """Say in the place of its sign how many figures of the Plots window nobody has seen."""
        window = tool_windows.find("plots")
        sign = f"{unseen}" if 0 < unseen < 100 else "99" if unseen else window.glyph
        self.query_one(f"#stripe-{window.id}", Chip).update(f"{sign}\n{window.key[-1]}")
        self.query_one(f"#stripe-{window.id}").set_class(unseen > 0, "-news")

    @staticmethod
    def _button(window: ToolWindow) -> Chip:
        action = keymap.find(window.action)
        digit = window.key[-1]
        tooltip = f"{shown(action.title)}  {keymap.shown(action.name)}"
        return Chip(f"{window.glyph}\n{digit}", id=f"stripe-{window.id}", classes="stripe", tooltip=tooltip)

    def show(self, opened: set[str], active: str | None) -> None:
        """Light the buttons of the open windows, and the one that has the focus."""
        for window in tool_windows.WINDOWS:
            button = self.query_one(f"#stripe-{window.id}")
            button.set_class(window.id in opened, "-open")
            button.set_class(window.id == active, "-active")
