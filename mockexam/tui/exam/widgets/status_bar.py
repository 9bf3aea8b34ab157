"""The status bar: where the cursor is on the left, the file's format and the grader's state on the right."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from graders.sentences import Sentence, Words, sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap, tool_windows
from mockexam.tui.look import glyphs
from mockexam.tui.look.chip import Chip

"""What is shown until the choice has been read."""
INTERPRETER = f"Python {sys.version_info.major}.{sys.version_info.minor}"  # untranslated: a name and its version

REST = 0.1
"""Seconds without a move after which the cursor rests."""

_GRADER: dict[str, tuple[str, str, Words]] = {
    "stopped": ("○", "$text-faint", sentence("grader stopped")),
    "warming": ("◌", "$amber", sentence("grader starting")),
    "ready": ("●", "$run", sentence("grader ready")),
    "broken": ("●", "$stop", sentence("grader broken")),
}


@dataclass(frozen=True)
class FileFacts:
    """The format of an open file and the place in it; row and column are counted from 0."""

    row: int
    column: int
    line_end: str
    encoding: str
    indent: str
    selected: int = 0


class Crumbs(Static):
    """Where the cursor is, from the project to the function; what is near the cursor stays when there is no room."""

    def __init__(self) -> None:
        super().__init__(id="crumbs")
        self.parts: list[Content] = []

        self.hint: Content | None = None

    def show(self, parts: Sequence[Content | str]) -> None:
        """Show other parts."""
        self.parts = [part if isinstance(part, Content) else Content(part) for part in parts]
        self.refresh(layout=False)

    def render(self) -> Content:
        """Leave out what doesn't fit into the width at the time of drawing; a hint takes the place of everything."""
        width = self.size.width
        return shortened(self.parts, width) if self.hint is None else self.hint.truncate(width, ellipsis=True)


def shortened(parts: Sequence[Content], width: int) -> Content:
    """Return the parts with signs between them, leaving out the first ones when `width` cells can't hold all."""
    between = Content.styled(" › ", "$text-faint")
    for first in range(len(parts)):
        kept = [Content.styled("…", "$text-faint"), *parts[first:]] if first else list(parts)
        joined = between.join(kept)
        if joined.cell_length <= width:
            return joined
    return parts[-1] if parts else Content("")


class WindowChips(Horizontal):
    """The way to the windows on a narrow screen, which has no stripe."""

    def __init__(self) -> None:
        super().__init__(id="window-chips")

    def compose(self) -> ComposeResult:
        """A chip for each window, with its key; the first says Alt+ for all, since the row has no room for more."""
        for at, window in enumerate(tool_windows.DOCKED):
            key = keymap.shown(window.action)
            printed = key if at == 0 else glyphs.sign(key.rpartition("+")[2], key)
            yield self._chip(f"open-{window.id}", window.action, printed, window.title)
        yield self._chip("open-help", "help", keymap.shown("help"), sentence("Keys"))

    @staticmethod
    def _chip(name: str, action: str, key: str, title: Sentence) -> Chip:
        return Chip(Content.assemble((f"{key} ", "$link"), shown(title)), id=name, tooltip=keymap.find(action).about)


class StatusBar(Horizontal):
    """One row at the bottom; its chips are `position`, `interpreter` and `grader-state`."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._seen: tuple[object, ...] = ()
        self._hint: Words | None = None
        self._hinting: Timer | None = None

    def compose(self) -> ComposeResult:
        """Breadcrumbs, then facts about the file and the grader."""
        yield WindowChips()
        yield Crumbs()
        yield Chip("", id="position", tooltip=sentence("Go to line"))
        yield Static("", id="line-end")
        yield Static("", id="encoding")
        yield Static("", id="indent")
        tooltip = keymap.find("interpreter").about
        yield Chip(INTERPRETER, id="interpreter", tooltip=tooltip, key=keymap.shown("interpreter"))
        yield Chip("", id="grader-state")

    def show_crumbs(self, parts: list[Content | str]) -> None:
        """Show where the cursor is, from the project to the function."""
        self.query_one(Crumbs).show(parts)

    def show_hint(self, words: Words | None) -> None:
        """Show what is wrong at the cursor in place of where that is, once it rests: no key waits for a layout."""
        if words is not self._hint and words != self._hint:
            self._hint = words
            if self._hinting is not None:
                self._hinting.stop()
            self._hinting = self.set_timer(REST, self._draw_hint)

    def _draw_hint(self) -> None:
        crumbs, words, key = self.query_one(Crumbs), self._hint, keymap.shown("remedies")
        hint = Content.assemble((f"{key} ", "$link"), (shown(words), "$amber")) if words is not None else None
        crumbs.hint = hint
        self.set_class(hint is not None, "-hint")
        crumbs.refresh(layout=False)

    def show_file(self, facts: FileFacts | None) -> None:
        """Show the position and the file's format; nothing for what isn't text."""
        position = self.query_one("#position", Chip)
        for name in ("line-end", "encoding", "indent"):
            self.query_one(f"#{name}").set_class(facts is None, "-empty")
        if facts is None:
            position.update("", layout=False)
            return
        chosen = f" ({facts.selected})" if facts.selected else ""
        # Laying out the whole screen at each key would be noticeably slow: the chip has a fixed width.
        position.update(f"{facts.row + 1}:{facts.column + 1}{chosen}", layout=False)
        written = (facts.line_end, facts.encoding, facts.indent)
        if written != self._seen:
            self._seen = written
            self.query_one("#line-end", Static).update(facts.line_end)
            self.query_one("#encoding", Static).update(facts.encoding)
            self.query_one("#indent", Static).update(facts.indent)

    def show_interpreter(self, name: Sentence) -> None:
        """Show which Python programs run in."""
        self.query_one("#interpreter", Chip).update(shown(name))

    def show_grader(self, state: str) -> None:
        """Show what the grader is doing."""
        sign, style, words = _GRADER.get(state, ("●", "$amber", state))
        self.query_one("#grader-state", Chip).update(Content.assemble((glyphs.sign(f"{sign} "), style), shown(words)))
