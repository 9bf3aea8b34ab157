"""The tool windows of the exam screen: a record each, from which stripe, chips, keys, sizes and focus are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from graders.sentences import Sentence, sentence

Side = Literal["left", "right", "bottom", "page"]

NARROW, WIDE = 100, 160
LOW, TALL = 30, 40
"""Columns and rows of a terminal: below the first it is narrow or low, from the second on wide or tall."""


@dataclass(frozen=True)
class Sizes:
    """Columns of a window at a side, or rows of one at the bottom, in narrow, normal, wide and low terminals."""

    narrow: int
    normal: int
    wide: int
    low: int | None = None
    least: int = 4

    def fitting(self, columns: int, rows: int) -> int:
        """The size in a terminal of `columns` by `rows`."""
        if columns >= WIDE:
            return self.wide
        if self.low is not None and rows < LOW:
            return self.low
        return self.narrow if columns < NARROW else self.normal


@dataclass(frozen=True)
class ToolWindow:
    """One window. Its widget has the same `id`, and the exam screen makes it.

    A side shows one of its windows at a time; `page` means in place of the code. `focus` is the selector of what
    takes the keys, the window itself when that isn't there. `listed` is its name among actions, where the title would
    mean another. `opens` is whether it is open in a first sitting.
    """

    id: str
    title: Sentence
    glyph: str
    key: str
    about: Sentence
    side: Side
    sizes: Sizes = Sizes(0, 0, 0)
    focus: str = "*"
    listed: Sentence | None = None
    opens: bool = True

    @property
    def action(self) -> str:
        """The name of the row of the key table that shows and hides it."""
        return f"window_{self.id}"


WINDOWS: tuple[ToolWindow, ...] = (
    ToolWindow(
        "project",
        sentence("Project"),
        "▤",
        "alt+1",
        sentence("Show or hide the project tree"),
        "left",
        Sizes(narrow=34, normal=24, wide=32, least=14),
        focus="#tree",
    ),
    ToolWindow(
        "notes",
        sentence("Notes"),
        "¶",
        "alt+2",
        sentence("Show or hide notes of your own"),
        "left",
        Sizes(narrow=44, normal=30, wide=40, least=20),
        focus="TextArea",
        opens=False,
    ),
    ToolWindow(
        "run",
        sentence("Run"),
        "▷",
        "alt+4",
        sentence("Show or hide the output of programs"),
        "bottom",
        Sizes(narrow=8, normal=10, wide=15, low=7),
        focus=".run-view.-shown ConsoleView",
        listed=sentence("Run Window"),
    ),
    ToolWindow(
        "plots",
        sentence("Plots"),
        "▨",
        "alt+5",
        sentence("Show or hide the figures of programs"),
        "bottom",
        Sizes(narrow=12, normal=16, wide=24, low=10),
        focus="#plots",
        opens=False,
    ),
    ToolWindow("problem", sentence("Problem"), "≡", "alt+6", sentence("Show or hide the statement"), "page"),
    ToolWindow(
        "inspections",
        sentence("Problems"),
        "▲",
        "alt+7",
        sentence("Show or hide what is wrong in the open files"),
        "bottom",
        Sizes(narrow=8, normal=10, wide=15, low=7),
        focus="OptionList",
        listed=sentence("Problems in the Code"),
        opens=False,
    ),
    ToolWindow(
        "exam",
        sentence("Exam"),
        "✓",
        "alt+0",
        sentence("Show or hide the problems and submissions"),
        "right",
        Sizes(narrow=48, normal=38, wide=56, least=36),
        focus="#problems",
    ),
)
"""In the order of their keys, which is the order everywhere."""

DOCKED = tuple(window for window in WINDOWS if window.side != "page")
"""Those with a place of their own."""

_BY_ID = {window.id: window for window in WINDOWS}


def find(id: str) -> ToolWindow:
    """The window of an id. Raises KeyError when there is none."""
    return _BY_ID[id]


def at(*sides: Side) -> Iterator[ToolWindow]:
    """The windows of these sides, side by side in this order."""
    return (window for side in sides for window in WINDOWS if window.side == side)
