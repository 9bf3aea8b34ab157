"""The editor's text and the colours of its words: both follow each key without reading the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from textual.document._document import Location
from textual.document._document_navigator import DocumentNavigator
from textual.geometry import Offset, Size
from textual.reactive import Reactive, var
from textual.timer import Timer
from textual.widgets import TextArea

from mockexam.tui.code import syntax

# An unmatched bracket would otherwise be searched for to the end of the file at each move.
BRACKET_REACH = 20_000

# Seconds without a key after which a tree that is behind is parsed further, and for how long at a time.
PAUSE = 0.1
SLICE = 0.004


class HighlightedArea(TextArea):
    """A text area that knows the highlights of the rows on the screen, and keeps them up with what is typed."""

    # The longest line and the number of lines change with the keys; nothing around the editor depends on them.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    # Counts every change of the text for its watchers, including changes that post no Changed.
    edits: var[int] = var(0)

    def __init__(self, text: str, *, language: str | None) -> None:
        self._rows_highlighted = (0, -1)
        self._unknown_rows: set[int] = set()
        self._parsing_on: Timer | None = None
        super().__init__(
            text, language=language, soft_wrap=False, tab_behavior="indent", show_line_numbers=True, max_checkpoints=500
        )

    def _set_document(self, text: str, language: str | None) -> None:
        self.document = syntax.document_for(text, language)
        self.wrapped_document = syntax.Unwrapped(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _refresh_size(self) -> None:
        """Fit the scroll bars to the text; the screen is laid out again only when one appears or disappears."""
        width, height = self.document.get_size(self.indent_width)
        before, self.virtual_size = self.virtual_size, Size(width + self.gutter_width + 1, height)
        if height != before.height:
            self._scroll_update(self.virtual_size)
        else:
            self._refresh_scrollbars()
            self.scroll_x = self.validate_scroll_x(self.scroll_x)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into view, in the middle if `center`; return by how much that scrolled.

        Sideways only as far as it must, and back to the start of the lines as soon as the cursor fits there.
        """
        if not self._has_cursor:
            return Offset()
        self._recompute_cursor_offset()
        x, y = self._cursor_offset
        left, top = before = self.scroll_offset
        width, height = self.scrollable_content_region.size
        room = max(1, width - self.gutter_width)
        left = 0 if x < room else min(max(left, x - room + 1), x)
        top = y - height // 2 if center else min(max(top, y - height + 1), y)
        target = Offset(min(left, self.max_scroll_x), max(0, min(top, self.max_scroll_y)))
        if target != before:
            self.scroll_to(*target, animate=animate, force=True)
        return target - before

    def watch_scroll_x(self, before: float, now: float) -> None:
        """Move the scroll bar if it can be seen: a hidden widget that changes has the whole screen measured."""
        if self.scrollbar_size_horizontal:
            self.horizontal_scrollbar.position = now
        if round(before) != round(now):
            self.refresh()

    def _build_highlight_map(self) -> None:
        # Textual calls this after each change: an edit, an undo, a redo, a new document.
        self._follow_changes()
        self.edits += 1

    def _follow_changes(self) -> None:
        """Apply edits to the highlights that are known; the others are found when they are drawn."""
        document = self.document
        if not isinstance(document, syntax.PythonLines) or not document.changes:
            self._highlights.clear()
            self._unknown_rows.clear()
            self._rows_highlighted = (0, -1)
            return
        changes, document.changes = document.changes, []
        for change in changes:
            self._follow(change)
        if document.behind:
            self._parse_on(PAUSE)
        self.refresh()

    def _parse_on(self, seconds: float) -> None:
        if self._parsing_on is not None:
            self._parsing_on.stop()
        self._parsing_on = self.set_timer(seconds, self._catch_up)

    def _catch_up(self) -> None:
        document = self.document
        if isinstance(document, syntax.PythonLines) and document.behind:
            if document.parse(SLICE):
                self._follow_changes()
            else:
                self._parse_on(0.001)

    def _follow(self, change: syntax.Change) -> None:
        top, last = self._rows_highlighted
        first_changed, bottom, new_bottom = change.start[0], change.end[0], change.new_end[0]
        by = new_bottom - bottom
        if by:
            known = {
                row + by if row > bottom else row: found
                for row, found in self._highlights.items()
                if not first_changed <= row <= bottom
            }
            self._highlights.clear()
            self._highlights.update(known)
            self._unknown_rows = {
                row + by if row > bottom else row for row in self._unknown_rows if not first_changed <= row <= bottom
            }
            last += by if last >= bottom else 0
            self._rows_highlighted = (top, last)
        rows = [(first_changed, new_bottom), *change.recoloured]
        if last - top > 400 or (by > 0 and new_bottom > last):
            self._rows_highlighted = (0, -1)
        for first, final in rows:
            self._unknown_rows.update(range(max(first, top), min(final, last) + 1))

    def _highlight_rows(self, first: int, last: int) -> None:
        """Make sure that the highlights of these rows are known."""
        document = self.document
        if not isinstance(document, syntax.PythonLines):
            return
        top, bottom = self._rows_highlighted
        if not (top <= first and last <= bottom):
            top, bottom = max(0, first - syntax.MARGIN), last + syntax.MARGIN
            self._highlights.clear()
            self._unknown_rows.clear()
            self._highlights.update(document.highlights(top, bottom))
            self._rows_highlighted = (top, bottom)
        elif self._unknown_rows:
            rows, self._unknown_rows = self._unknown_rows, set()
            low, high = min(rows), max(rows)
            for row in range(low, high + 1):
                self._highlights.pop(row, None)
            self._highlights.update(document.highlights(low, high))

    def _yield_character_locations(self, start: Location) -> Iterator[tuple[str, Location]]:
        return islice(super()._yield_character_locations(start), BRACKET_REACH)

    def _yield_character_locations_reverse(self, start: Location) -> Iterator[tuple[str, Location]]:
        return islice(super()._yield_character_locations_reverse(start), BRACKET_REACH)

    def _recompute_cursor_offset(self) -> None:
        # An undo that takes the scroll bar away asks for the cursor before it was put back into the shorter text.
        if self.cursor_location[0] < self.document.line_count:
            super()._recompute_cursor_offset()  # type: ignore[no-untyped-call]
