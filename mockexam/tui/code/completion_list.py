"""The list of names at the cursor. The editor draws it over its rows, keeps the focus and passes on keys and clicks.

A separate widget would have the whole screen laid out again at nearly every key, which is noticeably slow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual._time import get_time

from mockexam.tui.code.colours import Overlay, OverlayLine
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.knowledge import completion

ROWS = 8
WIDEST = 48


class CompletionList:
    """Closed until `offer`; narrows as typing goes on, and closes when the cursor leaves the word."""

    def __init__(self) -> None:
        self.editor: Editor | None = None
        self.shown: list[str] = []
        self._names: list[str] = []
        self._start = (0, 0)
        self._typed = ""
        self._seen_at = math.inf  # when the list as it is was on the screen
        self._chosen = 0
        self._first = 0

    def offer(self, editor: Editor, names: Sequence[str], typed: str) -> None:
        """Offer names that continue what is typed before the cursor."""
        row, column = editor.cursor_location
        self._start = (row, column - len(typed))
        self._names = list(names)
        self.editor = editor
        editor.popup = self
        self.narrow()

    def narrow(self) -> None:
        """Show what still fits; close when nothing does, or the cursor is elsewhere."""
        editor = self.editor
        if editor is None:
            return
        typed = self._typed_in(editor)
        self.shown = [] if typed is None else completion.fitting(self._names, typed)
        self._typed = typed or ""
        self._chosen = self._first = 0
        if self.shown:
            self._draw(editor)
        else:
            self.close()

    def _typed_in(self, editor: Editor) -> str | None:
        """The part of a name between the list's start and the cursor; None when the cursor is elsewhere."""
        row, column = editor.cursor_location
        if row != self._start[0] or column < self._start[1]:
            return None
        typed = editor.document[row][self._start[1] : column]
        return typed if typed.isidentifier() or not typed else None

    def _draw(self, editor: Editor) -> None:
        self._seen_at = math.inf
        editor.call_after_refresh(self._seen)
        row, column = self._start
        y = row - editor.scroll_offset.y
        below = editor.size.height - y - 1
        wanted = min(ROWS, len(self.shown))
        downwards = wanted <= below or below >= y
        rows = max(1, min(wanted, below if downwards else y))
        self._first = min(max(self._first, self._chosen - rows + 1), self._chosen)
        width = min(WIDEST, max(map(cell_len, self.shown)), max(1, editor.size.width - 3))
        # The names stand under what is typed, unless that is too far right.
        typed_at = editor.gutter_width + cell_len(editor.document[row][:column]) - editor.scroll_offset.x
        left = max(0, min(typed_at - 1, editor.size.width - width - 3))
        lines = tuple(self._line(index, width, rows) for index in range(self._first, self._first + rows))
        editor.show_over(Overlay(left, row + 1 if downwards else row - rows, width + 3, lines))

    def _seen(self) -> None:
        self._seen_at = get_time()

    def _line(self, index: int, width: int, rows: int) -> OverlayLine:
        more = len(self.shown) > rows
        at = self._first * rows // len(self.shown)
        thumb = more and at <= index - self._first <= at + rows * rows // len(self.shown)
        return OverlayLine(f" {set_cell_size(self.shown[index], width)} ", index == self._chosen, thumb)

    def close(self) -> None:
        """Close the list."""
        self.shown = []
        if self.editor is not None:
            self.editor.popup = None
            self.editor.show_over(None)
            self.editor = None

    def take_key(self, event: events.Key) -> bool:
        """Use a key of the editor; False when it isn't one for the list.

        Enter and Tab take a name only as it could be seen when they were pressed: who types on doesn't mean the list.
        """
        if event.key in ("up", "down"):
            self.move(-1 if event.key == "up" else 1)
        elif event.key in ("enter", "tab"):
            if self.editor is None or event.time < self._seen_at or self._typed_in(self.editor) != self._typed:
                self.close()
                return False
            self._insert(self._chosen)
        elif event.key == "escape":
            self.close()
        else:
            return False
        return True

    def move(self, by: int) -> None:
        """Choose another name, wrapping round after the last."""
        if self.editor is not None:
            self._chosen = (self._chosen + by) % len(self.shown)
            self._draw(self.editor)

    def take_click(self, line: int) -> None:
        """Take the name in a line of the list."""
        self._insert(self._first + line)

    def _insert(self, index: int) -> None:
        """Put a name in place of what is typed."""
        editor = self.editor
        if editor is None or index >= len(self.shown):
            return
        name = self.shown[index]
        self.close()
        end = editor.cursor_location
        result = editor.replace(name, self._start, end, maintain_selection_offset=False)
        editor.move_cursor(result.end_location)
