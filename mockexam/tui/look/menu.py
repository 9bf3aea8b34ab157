"""A drop-down menu: a short list over the screen that returns what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import Words
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dialog


@dataclass(frozen=True)
class Item:
    """One line of a menu: the value it returns, its words, and a note on the right such as a key."""

    name: str
    label: Words | Content
    note: str = ""
    enabled: bool = True


class Menu(Dialog[str | None]):
    """A list of items at a place on the screen, or in its middle when no place is given."""

    DEFAULT_CSS = """
    Menu > OptionList {
        width: auto;
        min-width: 20;
        max-width: 90%;
        height: auto;
        max-height: 80%;
        color: $text-strong;
    }
    Menu > .menu-title {
        width: auto;
        height: 1;
        padding: 0 1;
        color: $text-soft;
        background: $chrome;
    }
    Menu.-centred {
        align: center middle;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(
        self,
        items: Sequence[Item],
        *,
        at: Offset | None = None,
        right: bool = False,
        title: Words = "",
        chosen: str = "",
    ) -> None:
        super().__init__(classes="-centred" if at is None else None)
        self.items = items
        self.at = at
        self.right = right
        self.menu_title = title
        self.chosen = chosen

    def compose(self) -> ComposeResult:
        """The list alone."""
        if self.menu_title:
            yield Static(shown(self.menu_title), classes="menu-title")
        width = max((_width(item) for item in self.items), default=0)
        yield OptionList(
            *(Option(_line(item, width), id=item.name, disabled=not item.enabled) for item in self.items),
            compact=True,
        )

    def on_mount(self) -> None:
        """Put the list where it belongs and highlight the present choice."""
        options = self.query_one(OptionList)
        names = [item.name for item in self.items]
        if self.chosen in names:
            options.highlighted = names.index(self.chosen)
        elif self.items:
            options.action_first()
        if self.at is not None:
            self._place(options, self.at)

    def _place(self, options: OptionList, at: Offset) -> None:
        width = max((_width(item) for item in self.items), default=0) + 8  # padding and borders from app.tcss
        x = at.x - width if self.right else at.x
        x = max(0, min(x, self.app.size.width - width))
        y = max(0, min(at.y, self.app.size.height - len(self.items) - 2))
        options.styles.offset = (x, y)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Return the item."""
        event.stop()
        self.dismiss(event.option_id)

    def on_click(self, event: events.Click) -> None:
        """Close when the click was beside the list."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)


def _label(item: Item) -> Content:
    return item.label if isinstance(item.label, Content) else Content(shown(item.label))


def _width(item: Item) -> int:
    return _label(item).cell_length + (len(item.note) + 3 if item.note else 0)


def _line(item: Item, width: int) -> Content:
    label = _label(item)
    gap = width - label.cell_length - len(item.note)
    return Content.assemble(label, " " * gap, (item.note, "$text-faint")) if item.note else label
