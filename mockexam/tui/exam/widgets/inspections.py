"""The Problems window: what is wrong in the open files, a line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import Words, sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap, tool_windows
from mockexam.tui.code import tally
from mockexam.tui.look.glyphs import sign
from mockexam.tui.look.handle import header


@dataclass(frozen=True)
class Row:
    """A line of the list: where something is wrong, counted from 1, and what."""

    place: str
    message: Words
    fault: bool
    go: Callable[[], None]
    """Goes there."""


class InspectionsWindow(Vertical, can_focus=True):
    """Enter, or a click, goes to the place of a line."""

    DEFAULT_CSS = """
    InspectionsWindow > OptionList, InspectionsWindow > OptionList:focus {
        height: 1fr;
        padding: 0 1;
        background: $editor;
        scrollbar-background: $editor;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    InspectionsWindow > OptionList > .option-list--option { padding: 0; }
    InspectionsWindow #inspections-count { width: 1fr; padding: 0 0 0 2; color: $text-soft; text-style: none; }
    InspectionsWindow #inspections-none { height: 1fr; padding: 1; background: $editor; color: $text-soft; }
    """

    def __init__(self) -> None:
        super().__init__(id="inspections")
        self.rows: tuple[Row, ...] = ()

    def compose(self) -> ComposeResult:
        """The title with the count, and the list."""
        yield header(tool_windows.find("inspections"), Static("", id="inspections-count"))
        yield Static(_nothing(), id="inspections-none")
        yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Draw what is known."""
        self._draw()

    def on_show(self) -> None:
        """Draw what became known while it was hidden."""
        self._draw()

    def on_focus(self) -> None:
        """Give the focus to the list."""
        if self.rows:
            self.query_one(OptionList).focus()

    def show(self, rows: Sequence[Row]) -> None:
        """List these; a hidden window draws them when it is seen."""
        if tuple(rows) != self.rows:
            self.rows = tuple(rows)
            if self.display:
                self._draw()

    def _draw(self) -> None:
        options, faults = self.query_one(OptionList), sum(row.fault for row in self.rows)
        highlighted = options.highlighted or 0
        options.clear_options()
        width = max((len(row.place) for row in self.rows), default=0)
        options.add_options([Option(_line(row, width)) for row in self.rows])
        if self.rows:
            options.highlighted = min(highlighted, len(self.rows) - 1)
        options.display = bool(self.rows)
        self.query_one("#inspections-none").display = not self.rows
        count = tally.in_words(faults, len(self.rows) - faults) if self.rows else ""
        self.query_one("#inspections-count", Static).update(count)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        event.stop()
        if event.option_index < len(self.rows):
            self.rows[event.option_index].go()


def _line(row: Row, width: int) -> Content:
    mark, style = (tally.FAULT, "$stop") if row.fault else (tally.FINDING, "$amber")
    place = row.place.ljust(width)
    return Content.assemble((sign(f"{mark} "), style), (f"{place}  ", "$link"), Content(shown(row.message)))


def _nothing() -> str:
    key = keymap.shown("remedies")
    return shown(
        sentence(
            "Nothing is wrong in the open files. Where something is marked in the code, {key} offers a fix.", key=key
        )
    )
