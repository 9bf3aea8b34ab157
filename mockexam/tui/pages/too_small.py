"""The notice in a terminal too small to work in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dialog


class TooSmallScreen(Dialog[None]):
    """One line: how large the terminal is and how large it must be. The app takes it away."""

    DEFAULT_CSS = """
    TooSmallScreen { background: $editor; align: center middle; }
    TooSmallScreen Static { width: auto; max-width: 100%; height: auto; color: $text-strong; text-align: center; }
    """

    def __init__(self, smallest: tuple[int, int]) -> None:
        super().__init__()
        self.smallest = smallest

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(self._notice())

    def on_resize(self) -> None:
        """Keep the numbers true."""
        self.query_one(Static).update(self._notice())

    def _notice(self) -> str:
        width, height = self.app.size
        wide, high = self.smallest
        words = sentence(
            "Make this window larger: it is {width} × {height}, mockexam needs {wide} × {high}.",
            width=width,
            height=height,
            wide=wide,
            high=high,
        )
        return shown(words)
