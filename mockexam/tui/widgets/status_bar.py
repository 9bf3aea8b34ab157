"""The status bar: where the cursor is at the left, how the file is written and the grader's state at the right."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from mockexam.tui.widgets import glyphs
from mockexam.tui.widgets.chip import Chip

INTERPRETER = f"Python {sys.version_info.major}.{sys.version_info.minor}"

_GRADER = {
    "stopped": ("○", "$text-faint", "grader stopped"),
    "warming": ("◌", "$amber", "grader starting"),
    "ready": ("●", "$run", "grader ready"),
    "broken": ("●", "$stop", "grader broken"),
}


@dataclass(frozen=True)
class FileFacts:
    """How an open file is written; row and column are counted from 0."""

    row: int
    column: int
    line_end: str
    encoding: str
    indent: str
    selected: int = 0


class StatusBar(Horizontal):
    """One row at the bottom; its chips are `position`, `line-end`, `grader-state`."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._seen: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Breadcrumbs, then facts from the general to the particular."""
        yield Static("", id="crumbs")
        yield Chip("", id="position", tooltip="Go to line")
        yield Static("", id="line-end")
        yield Static("", id="encoding")
        yield Static("", id="indent")
        yield Static(INTERPRETER, id="interpreter")
        yield Chip("", id="grader-state")

    def show_crumbs(self, parts: list[Content | str]) -> None:
        """Show where the cursor is, from the project to the function."""
        pieces: list[Content | tuple[str, str] | str] = []
        for part in parts:
            if pieces:
                pieces.append((" › ", "$text-faint"))
            pieces.append(part)
        self.query_one("#crumbs", Static).update(Content.assemble(*pieces), layout=False)

    def show_file(self, facts: FileFacts | None) -> None:
        """Show the position and how the file is written; nothing for what isn't text."""
        position = self.query_one("#position", Chip)
        for name in ("line-end", "encoding", "indent"):
            self.query_one(f"#{name}").set_class(facts is None, "-empty")
        if facts is None:
            position.update("", layout=False)
            return
        chosen = f" ({facts.selected})" if facts.selected else ""
        # A new layout of the whole screen at each key would be felt: the chip has a width of its own.
        position.update(f"{facts.row + 1}:{facts.column + 1}{chosen}", layout=False)
        written = (facts.line_end, facts.encoding, facts.indent)
        if written != self._seen:
            self._seen = written
            self.query_one("#line-end", Static).update(facts.line_end)
            self.query_one("#encoding", Static).update(facts.encoding)
            self.query_one("#indent", Static).update(facts.indent)

    def show_grader(self, state: str) -> None:
        """Show what the grader is doing."""
        sign, style, words = _GRADER.get(state, ("●", "$amber", state))
        self.query_one("#grader-state", Chip).update(Content.assemble((glyphs.sign(f"{sign} "), style), words))
