"""Selecting and editing whole lines: indent, comment, duplicate, delete, move; and changes in several places."""

from __future__ import annotations

from collections.abc import Sequence

from textual.document._document import Location, Selection

from mockexam.inspections.findings import Edit
from mockexam.tui.code import editing, syntax
from mockexam.tui.code.marks import moved
from mockexam.tui.code.painting import PaintedArea


class LineEditing(PaintedArea):
    """A painted area whose actions change the lines of the selection; each is one step of undo."""

    def __init__(self, text: str, *, language: str | None) -> None:
        self._widened: list[Selection] = []  # the selection that was extended, and what it became each time
        super().__init__(text, language=language)

    @property
    def unit(self) -> str:
        """One level of indent."""
        return "\t" if self.indent_type == "tabs" else " " * self.indent_width

    def selected_rows(self) -> tuple[int, int]:
        """Return the first and last row of the selection; a selection that ends at column 0 leaves that row out."""
        (top, _), (bottom, column) = sorted(self.selection)
        return top, bottom - 1 if bottom > top and column == 0 else bottom

    def select_row(self, row: int) -> None:
        """Select a line and its end."""
        if row < self.document.line_count:
            last = row + 1 >= self.document.line_count
            end: Location = (row, len(self.document[row])) if last else (row + 1, 0)
            self.selection = Selection((row, 0), end)

    def select_word(self) -> None:
        """Select the word at the cursor."""
        row, column = self.cursor_location
        start, end = editing.word(self.document[row], column)
        self.selection = Selection((row, start), (row, end))

    def action_extend_selection(self) -> None:
        """Select the smallest part of the program around what is selected."""
        if not self._widened or self._widened[-1] != self.selection:
            self._widened = [self.selection]
        start, end = self.selection
        document = self.document
        parts = document.around(*sorted((start, end))) if isinstance(document, syntax.PythonLines) else None
        self.selection = Selection(*editing.wider(document.lines, (start, end), parts))
        if self._widened[-1] != self.selection:
            self._widened.append(self.selection)

    def action_shrink_selection(self) -> None:
        """Go back to what was selected before the selection was extended."""
        if len(self._widened) > 1 and self._widened[-1] == self.selection:
            self._widened.pop()
            self.selection = self._widened[-1]

    def replace_lines(self, top: int, bottom: int, lines: list[str], *, keep_selection: bool = False) -> None:
        """Put lines in place of the rows `top` to `bottom`, as a single step of undo."""
        old = self.document.lines[top : bottom + 1]
        if old == lines:
            return
        self.history.checkpoint()
        text = self.document.newline.join(lines)
        self.replace(text, (top, 0), (bottom, len(old[-1])), maintain_selection_offset=keep_selection)
        self.history.checkpoint()

    def apply_edits(self, edits: Sequence[Edit]) -> bool:
        """Make changes in several places as a single step of undo; the cursor stays on the text it was on.

        False, with nothing changed, when the text isn't the one that the edits are for.
        """
        ordered = sorted(edits, key=lambda one: (one.row, one.column))
        lines = editing.edited(self.document.lines, ordered)
        if self.read_only or lines is None:
            return False
        marks, selection = self.marks.copy(), self.selection
        for edit in reversed(ordered):
            start, end, new_end = editing.extent(edit)
            marks.shift(start, end, new_end)
            selection = Selection(*(moved(place, start, end, new_end, sticks=False) for place in selection))
        scroll = self.scroll_offset
        top, bottom, new = editing.changed_lines(self.document.lines, lines)
        self.replace_lines(top, bottom, new)
        self.marks = marks
        self.selection = Selection(*map(self.clamp_visitable, selection))
        self.scroll_to(*scroll, animate=False)
        self.scroll_cursor_visible()
        return True

    def _change_lines(self, change: list[str], top: int, bottom: int) -> None:
        """Replace rows one for one, and keep the selection on the text it was on."""
        old = self.document.lines[top : bottom + 1]
        start, end = self.selection
        self.replace_lines(top, bottom, change)
        shifts = {top + i: len(new) - len(before) for i, (before, new) in enumerate(zip(old, change, strict=True))}

        def moved(location: Location) -> Location:
            row, column = location
            return row, max(0, column + shifts.get(row, 0)) if column else column

        self.selection = Selection(moved(start), moved(end))

    def action_indent(self) -> None:
        """Indent the lines of a selection; without one, go to the next tab stop."""
        if self.selection.is_empty:
            width = self._find_columns_to_next_tab_stop()
            self._replace_via_keyboard("\t" if self.indent_type == "tabs" else " " * width, *self.selection)
            return
        top, bottom = self.selected_rows()
        self._change_lines(editing.indent_lines(self.document.lines[top : bottom + 1], self.unit), top, bottom)

    def action_dedent(self) -> None:
        """Take one indent from the lines of the selection."""
        top, bottom = self.selected_rows()
        self._change_lines(editing.dedent_lines(self.document.lines[top : bottom + 1], self.indent_width), top, bottom)

    def action_comment(self) -> None:
        """Comment or uncomment the lines; from a single line the cursor moves on to the next."""
        top, bottom = self.selected_rows()
        alone = self.selection.is_empty
        self._change_lines(editing.toggle_comments(self.document.lines[top : bottom + 1]), top, bottom)
        if alone and top + 1 < self.document.line_count:
            self.move_cursor((top + 1, self.cursor_location[1]))

    def action_duplicate(self) -> None:
        """Duplicate the selection, or the line when nothing is selected."""
        if self.selection.is_empty:
            row, column = self.cursor_location
            self.replace_lines(row, row, [self.document[row]] * 2)
            self.move_cursor((row + 1, column))
            return
        start, end = sorted(self.selection)
        self.history.checkpoint()
        result = self.replace(self.get_text_range(start, end), end, end, maintain_selection_offset=False)
        self.selection = Selection(end, result.end_location)

    def action_delete_line(self) -> None:
        """Delete the lines of the selection; the cursor keeps its column."""
        top, bottom = self.selected_rows()
        column = self.cursor_location[1]
        last = self.document.line_count - 1
        self.history.checkpoint()
        if bottom < last:
            self.replace("", (top, 0), (bottom + 1, 0), maintain_selection_offset=False)
        elif top > 0:
            self.replace("", (top - 1, len(self.document[top - 1])), self.document.end, maintain_selection_offset=False)
        else:
            self.replace("", (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        row = min(top, self.document.line_count - 1)
        self.move_cursor((row, min(column, len(self.document[row]))))

    def action_move_line_up(self) -> None:
        """Move the lines of the selection above the line before them."""
        top, bottom = self.selected_rows()
        if top > 0:
            lines = self.document.lines
            self._move_lines(top - 1, bottom, [*lines[top : bottom + 1], lines[top - 1]], -1)

    def action_move_line_down(self) -> None:
        """Move the lines of the selection below the line after them."""
        top, bottom = self.selected_rows()
        lines = self.document.lines
        if bottom + 1 < len(lines):
            self._move_lines(top, bottom + 1, [lines[bottom + 1], *lines[top : bottom + 1]], 1)

    def _move_lines(self, top: int, bottom: int, lines: list[str], by: int) -> None:
        start, end = self.selection
        self.replace_lines(top, bottom, lines)
        last = self.document.line_count - 1

        def moved(location: Location) -> Location:
            # A selection up to the start of the line below ends with the last line when there is none below any more.
            row, column = location[0] + by, location[1]
            return (row, column) if row <= last else (last, len(self.document[last]))

        self.selection = Selection(moved(start), moved(end))
