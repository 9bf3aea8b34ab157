"""A word or sign that can be clicked."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.visual import VisualType
from textual.widgets import Static

from graders.sentences import Words
from mockexam.language.catalogue import shown


class Chip(Static):
    """A static text that posts a message when clicked; its id tells what it does."""

    DEFAULT_CSS = """
    Chip {
        width: auto;
        height: 1;
        pointer: pointer;
    }
    """

    ALLOW_SELECT = False

    @dataclass
    class Pressed(Message):
        """The chip was clicked, at a column of its own."""

        chip: Chip
        x: int

        @property
        def control(self) -> Chip:
            """The chip, so that handlers can name it by a selector."""
            return self.chip

    def __init__(
        self,
        content: VisualType = "",
        *,
        id: str | None = None,
        classes: str | None = None,
        tooltip: Words = "",
        key: str = "",
    ) -> None:
        """`key` does the same and is shown after the tooltip."""
        super().__init__(content, id=id, classes=classes)
        if tooltip:
            self.tooltip = f"{shown(tooltip)}  {key}".rstrip()

    def on_click(self, event: events.Click) -> None:
        """Say that it was clicked."""
        event.stop()
        if not self.disabled:
            self.post_message(self.Pressed(self, event.x))
