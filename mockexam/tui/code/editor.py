"""The code editor: Textual's text area with PyCharm's behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Selection
from textual.geometry import Size
from textual.message import Message

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.code import editing, syntax
from mockexam.tui.code.line_editing import LineEditing
from mockexam.tui.code.marks import Mark
from mockexam.workspace.dropped import model_dropped


class Popup(Protocol):
    """Something over the editor that wants some of its keys and clicks first."""

    def take_key(self, event: events.Key) -> bool:
        """Use a key; False when it is the editor's."""

    def take_click(self, line: int) -> None:
        """Use a click on one of its lines."""

    def move(self, by: int) -> None:
        """Use a turn of the mouse wheel over it."""


class Editor(LineEditing, inherit_bindings=False):
    """One open file.

    Of the text area's keys it takes only those that mean the same everywhere: Ctrl+W, Ctrl+K and Ctrl+U would delete.
    """

    DEFAULT_CSS = """
    Editor, Editor:focus {
        border: none;
        padding: 0;
        height: 1fr;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, action, show=False) for key, action in keymap.TEXT_KEYS.items()),
        *keymap.bindings("editor"),
    ]

    @dataclass
    class RunPressed(Message):
        """The run arrow in the gutter was clicked."""

        editor: Editor

    @dataclass
    class ModelDropped(Message):
        """The path of a model file was pasted, or dropped on the terminal."""

        path: Path

    @dataclass
    class CompletionRequested(Message):
        """Names that fit at the cursor are wanted; `asked` when a key asked for them, not a typed dot."""

        editor: Editor
        asked: bool

    @dataclass
    class FindRequested(Message):
        """One of the finding actions was asked for: "find", "replace", "next", "previous" or "line"."""

        editor: Editor
        what: str

    @dataclass
    class RemediesRequested(Message):
        """What can be done about what is wrong at the cursor is wanted."""

        editor: Editor

    @dataclass
    class TallyPressed(Message):
        """The count in the corner was clicked."""

        editor: Editor

    def __init__(self, text: str, *, path: Path | None = None, language: str | None = None) -> None:
        self.path = path
        self.popup: Popup | None = None
        self._awaited_place: tuple[int, int, int | None] | None = None
        self._rows = 0
        super().__init__(text, language=language)
        self.run_row = editing.run_line(self.document.lines) if language == "python" else None
        if "\t" in text and "\n    " not in text:
            self.indent_type = "tabs"

    # ── keys ──

    async def _on_key(self, event: events.Key) -> None:
        if self.read_only:
            return
        self.call_next(self.show_now)
        if self.popup is not None and self.popup.take_key(event):
            event.stop()
            event.prevent_default()
            return
        if event.key == "escape":
            # The text area would move the focus; the screen's own binding brings it where it belongs.
            event.prevent_default()
            return
        if self._handled(event) or await self._acted(event.key):
            event.stop()
            event.prevent_default()
            self._restart_blink()

    def _handled(self, event: events.Key) -> bool:
        if event.key == "tab":
            self.action_indent()
            return True
        if event.key == "enter":
            return self._break_line()
        if event.is_printable and event.character is not None:
            if event.character == "." and self.language == "python":
                self.call_later(self.post_message, self.CompletionRequested(self, False))
            return self._typed(event.character)
        return False

    async def _acted(self, key: str) -> bool:
        """Act on a key of the editor before anything else does.

        Textual lets it bubble to the app before acting; text that follows closely would be inserted first.
        """
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                return True
        return False

    def _around_cursor(self) -> tuple[str, str]:
        row, column = self.cursor_location
        line = self.document[row]
        return line[:column], line[column:]

    def _break_line(self) -> bool:
        start, end = self.selection
        if start != end:
            return False
        if self.language != "python":
            insertion = editing.line_break(editing.indent_of(self._around_cursor()[0]), "", self.unit)
        else:
            above = editing.above(self.document.lines, *self.cursor_location, self.unit)
            insertion = editing.line_break(*self._around_cursor(), self.unit, above)
        self._insert_at_cursor(insertion)
        return True

    def _insert_at_cursor(self, insertion: editing.Insertion) -> None:
        row, column = self.cursor_location
        self._replace_via_keyboard(insertion.text, (row, column), (row, column))
        lines = insertion.text[: insertion.cursor].split("\n")
        self.move_cursor((row + len(lines) - 1, len(lines[-1]) + (column if len(lines) == 1 else 0)))

    def _typed(self, char: str) -> bool:
        """Pair brackets and quotes; return False to let the text area insert the character itself."""
        if self.language != "python":
            return False
        if not self.selection.is_empty:
            around = editing.surround(char)
            return around is not None and self._surround_selection(*around)
        if char not in editing.PAIRED:
            return False
        quote = editing.open_quote(self.document.lines[: self.cursor_location[0]])
        what = editing.typed_pair(char, *self._around_cursor(), quote)
        if what is None:
            return False
        if what == "skip":
            self.move_cursor_relative(columns=1)
        else:
            self._insert_at_cursor(what)
        return True

    def _surround_selection(self, before: str, after: str) -> bool:
        start, end = sorted(self.selection)
        self.history.checkpoint()
        self.replace(before + self.get_text_range(start, end) + after, start, end, maintain_selection_offset=False)
        self.history.checkpoint()
        shifted = end[1] + 1 if start[0] == end[0] else end[1]
        self.selection = Selection((start[0], start[1] + 1), (end[0], shifted))
        return True

    def action_delete_left(self) -> None:
        """Delete to the left: a character, an empty pair, or an indent."""
        before, after = self._around_cursor()
        span = editing.backspace_span(before, after, self.indent_width) if self.selection.is_empty else None
        if span is None or self.read_only:
            super().action_delete_left()
            return
        row = self.cursor_location[0]
        self._delete_via_keyboard((row, span.start), (row, span.end))

    # ── movement ──

    def action_smart_home(self, select: bool = False) -> None:
        """Go to the first character of the line, then to its start."""
        row, column = self.cursor_location
        self.move_cursor((row, editing.smart_home(self.document[row], column)), select=select)

    def action_document_start(self, select: bool = False) -> None:
        """Go to the start of the file."""
        self.move_cursor((0, 0), select=select)

    def action_document_end(self, select: bool = False) -> None:
        """Go to the end of the file."""
        self.move_cursor(self.document.end, select=select)

    def go_to(self, row: int, column: int = 0, *, top: int | None = None) -> None:
        """Put the cursor on a row and column, counted from 0 and kept inside the file.

        `top` is the first row to show; without it the cursor's row is centred in the window.
        """
        if not self.size.height:
            # Before its first layout an editor has no width, and the cursor would scroll it sideways.
            self._awaited_place = (row, column, top)
            return
        self._awaited_place = None
        self.move_cursor(self.clamp_visitable((row, column)), center=top is None)
        if top is not None:
            self.scroll_to(0, top, animate=False)
            # The window may have been higher when the first row was noted.
            self.call_after_refresh(self.scroll_cursor_visible)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Go where the cursor was sent before there was a window to show it in, in time for the first paint."""
        told = super()._size_updated(size, virtual_size, container_size, layout)
        if self._awaited_place is not None and size.height:
            row, column, top = self._awaited_place
            self.go_to(row, column, top=top)
        return told

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in view."""
        rows, self._rows = self._rows, event.size.height
        self.call_after_refresh(self._settle, rows)

    def _settle(self, rows: int) -> None:
        """Keep the cursor in view if it was among the `rows` shown before a resize.

        Scrolls back to the start of the lines when the resize moved them for a moment and the cursor fits.
        """
        if self.size.height <= self._cursor_offset[1] - self.scroll_offset.y < rows:
            self.scroll_cursor_visible()
        room = self.scrollable_content_region.width - self.gutter_width - 1
        if self.scroll_offset.x and self._cursor_offset[0] < room:
            self.scroll_to(0, self.scroll_offset.y, animate=False)

    def action_next_error(self) -> None:
        """Go to the next place where something is wrong, wrapping round after the last."""
        self._go_to_mark(self.marks.beside(self.cursor_location, forwards=True))

    def action_previous_error(self) -> None:
        """Go to the place before where something is wrong, wrapping round after the first."""
        self._go_to_mark(self.marks.beside(self.cursor_location, forwards=False))

    def _go_to_mark(self, mark: Mark | None) -> None:
        if mark is None:
            self.notify(shown(sentence("Nothing is marked in this file.")))
        else:
            self.go_to(*mark.start)

    def action_remedies(self) -> None:
        """Offer what can be done about what is wrong here."""
        self.post_message(self.RemediesRequested(self))

    def action_complete(self) -> None:
        """Offer names that fit here."""
        self.post_message(self.CompletionRequested(self, True))

    def action_find(self) -> None:
        """Open the find bar."""
        self.post_message(self.FindRequested(self, "find"))

    def action_replace(self) -> None:
        """Open the find bar with a replacement."""
        self.post_message(self.FindRequested(self, "replace"))

    def action_find_next(self) -> None:
        """Go to the next match."""
        self.post_message(self.FindRequested(self, "next"))

    def action_find_previous(self) -> None:
        """Go to the previous match."""
        self.post_message(self.FindRequested(self, "previous"))

    def action_go_to_line(self) -> None:
        """Ask for a line to go to."""
        self.post_message(self.FindRequested(self, "line"))

    # ── mouse and paste ──

    async def _on_mouse_down(self, event: events.MouseDown) -> None:
        row = event.y + self.scroll_offset.y
        if self.popup is not None and (line := self.line_over(event.x, event.y)) is not None:
            event.prevent_default()
            event.stop()
            self.popup.take_click(line)
        elif self.in_corner(event.x, event.y):
            event.prevent_default()
            event.stop()
            self.post_message(self.TallyPressed(self))
        elif event.x < self.gutter_width:
            event.prevent_default()
            event.stop()
            self.focus()
            if row == self.run_row:
                self.post_message(self.RunPressed(self))
            elif marks := [mark for mark in self.marks.of_row(row) if mark.start[0] == row]:
                self.go_to(*marks[0].start, top=self.scroll_offset.y)
                self.action_remedies()
            else:
                self.select_row(row)

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn(event, 1)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn(event, -1)

    def _turn(self, event: events.MouseEvent, by: int) -> None:
        if self.popup is not None and self.line_over(event.x, event.y) is not None:
            event.prevent_default()
            event.stop()
            self.popup.move(by)

    async def _on_click(self, event: events.Click) -> None:
        if event.x < self.gutter_width:
            return
        if event.chain == 2:
            self.select_word()
        elif event.chain == 3:
            self.select_row(self.cursor_location[0])

    async def _on_paste(self, event: events.Paste) -> None:
        # Text copied from a terminal brings control characters along; with a zero byte the file would never open again.
        event.text = editing.NO_TEXT.sub("", event.text)
        model = model_dropped(event.text)
        row, column = self.cursor_location
        # After a quote it is meant for the code.
        if model is not None and self.document[row][:column][-1:] not in ("'", '"'):
            event.prevent_default()
            event.stop()
            self.post_message(self.ModelDropped(model))

    # ── the file ──

    def edit_done(self) -> None:
        """Look for the run arrow's line again after the text changed."""
        if self.language == "python":
            self.run_row = editing.run_line(self.document.lines)

    def reload(self, text: str) -> None:
        """Take a new text from the disk; undo still leads back to the old one, and the cursor keeps its line.

        Only the lines that differ are replaced, so what is on the screen stays where it is.
        """
        top, bottom, lines = editing.changed_lines(self.document.lines, text.split("\n"))
        if not lines:
            return
        row, column = self.cursor_location
        scroll = self.scroll_offset
        if row > bottom:
            row += len(lines) - (bottom - top + 1)
        with self.prevent(self.Changed):
            self.replace_lines(top, bottom, lines, keep_selection=True)
        self.edit_done()
        self.move_cursor(self.clamp_visitable((row, column)))
        self.scroll_to(*scroll, animate=False)

    def scope(self) -> tuple[str, ...]:
        """Return the classes and functions around the cursor, outermost first."""
        document = self.document
        return document.enclosing(self.cursor_location[0]) if isinstance(document, syntax.PythonLines) else ()
