"""The stripe at the left edge: a button for each window, with the digit of its key."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from mockexam.tui import keymap
from mockexam.tui.look.chip import Chip

Window = Literal["project", "problem", "run", "exam"]

_TOP: tuple[tuple[Window, str, str], ...] = (("project", "▤", "1"), ("problem", "≡", "6"))
_BOTTOM: tuple[tuple[Window, str, str], ...] = (("run", "▷", "4"), ("exam", "✓", "0"))


class Stripe(Vertical):
    """Buttons `stripe-<window>`; an open window's is lit, the one with the focus is blue."""

    def __init__(self) -> None:
        super().__init__(id="stripe")

    def compose(self) -> ComposeResult:
        """Windows of the top, a gap, windows of the bottom."""
        for window, sign, digit in _TOP:
            yield self._button(window, sign, digit)
        yield Static("", classes="gap")
        for window, sign, digit in _BOTTOM:
            yield self._button(window, sign, digit)

    def _button(self, window: Window, sign: str, digit: str) -> Chip:
        action = keymap.find(f"window_{window}")
        tooltip = f"{action.title}  {keymap.shown(action.name)}"
        return Chip(f"{sign}\n{digit}", id=f"stripe-{window}", classes="stripe", tooltip=tooltip)

    def show(self, opened: set[Window], active: Window | None) -> None:
        """Light the buttons of the open windows, and the one that has the focus."""
        for window, _, _ in _TOP + _BOTTOM:
            button = self.query_one(f"#stripe-{window}")
            button.set_class(window in opened, "-open")
            button.set_class(window == active, "-active")
