"""The header of a tool window: a title that can be dragged to change the window's size, and a dash that hides it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.glyphs import sign
from mockexam.tui.tool_windows import ToolWindow

HIDE = sentence("Hide")


class Handle(Static):
    """Says how far it was dragged; `window` is the window whose size that changes."""

    ALLOW_SELECT = False

    @dataclass
    class Dragged(Message):
        """The mouse moved by a number of cells with the button down."""

        handle: Handle
        by_x: int
        by_y: int

    def __init__(self, text: str, window: str, *, classes: str) -> None:
        super().__init__(text, classes=f"handle {classes}")
        self.window = window
        self._from: tuple[int, int] | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold."""
        self._from = (event.screen_x, event.screen_y)
        self.capture_mouse()
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag."""
        if self._from is None:
            return
        x, y = event.screen_x, event.screen_y
        by_x, by_y = x - self._from[0], y - self._from[1]
        if by_x or by_y:
            self._from = (x, y)
            self.post_message(self.Dragged(self, by_x, by_y))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        self._from = None
        self.release_mouse()


def hide_chip(window: ToolWindow) -> Chip:
    """The dash at the right end of a title, which hides the window."""
    key = keymap.shown(window.action)
    return Chip(sign("–", shown(HIDE)), id=f"{window.id}-hide", classes="hide", tooltip=HIDE, key=key)


def header(window: ToolWindow, *facts: Widget) -> Horizontal:
    """The first row of a tool window: its title, facts about its content, the dash."""
    title = Handle(shown(window.title), window.id, classes="tool-title" if facts else "tool-title -alone")
    return Horizontal(title, *facts, hide_chip(window), classes="tool-header")
