"""The list of names at the cursor; the editor keeps the focus and hands it the keys it wants."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mockexam.tui.widgets import completion
from mockexam.tui.widgets.editor import Editor

ROWS = 8
WIDEST = 48


class CompletionList(OptionList, can_focus=False):
    """Hidden until `offer`; narrows down while the word is typed on, and goes when the cursor leaves it."""

    DEFAULT_CSS = """
    CompletionList {
        layer: over;
        position: absolute;
        width: auto;
        height: auto;
        padding: 0 1;
        border: none;
        background: $chrome;
        color: $text-strong;
    }
    CompletionList > .option-list--option {
        padding: 0;
    }
    CompletionList > .option-list--option-highlighted {
        background: $selection;
        color: $text-strong;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="completions", compact=True)
        self.display = False
        self.editor: Editor | None = None
        self._names: list[str] = []
        self._shown: list[str] = []
        self._start = (0, 0)

    def offer(self, editor: Editor, names: Sequence[str], typed: str) -> None:
        """Offer names that go on from what is typed before the cursor."""
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
        row, column = editor.cursor_location
        typed = editor.document[row][self._start[1] : column] if row == self._start[0] else ""
        inside = row == self._start[0] and column >= self._start[1] and (typed.isidentifier() or not typed)
        self._shown = completion.fitting(self._names, typed) if inside else []
        if not self._shown:
            self.close()
            return
        self.clear_options()
        width = min(WIDEST, max(map(len, self._shown)))
        self.add_options([Option(Content(name[:WIDEST])) for name in self._shown])
        self.highlighted = 0
        self._place(editor, width)
        self.display = True

    def _place(self, editor: Editor, width: int) -> None:
        rows = min(ROWS, len(self._shown))
        self.styles.width, self.styles.height = width + 3, rows
        x, y = editor.cursor_screen_offset
        x -= editor.cursor_location[1] - self._start[1]
        below = y + 1 + rows <= self.app.size.height - 1
        self.styles.offset = (max(0, min(x - 1, self.app.size.width - width - 3)), y + 1 if below else max(0, y - rows))

    def close(self) -> None:
        """Go away."""
        self.display = False
        if self.editor is not None:
            self.editor.popup = None
            self.editor = None

    def take_key(self, event: events.Key) -> bool:
        """Use a key of the editor; False when it isn't one for the list."""
        if event.key == "up":
            self.action_cursor_up()
        elif event.key == "down":
            self.action_cursor_down()
        elif event.key in ("enter", "tab"):
            self.insert(self.highlighted or 0)
        elif event.key == "escape":
            self.close()
        else:
            return False
        return True

    def insert(self, index: int) -> None:
        """Put a name in the place of what is typed."""
        editor = self.editor
        if editor is None or index >= len(self._shown):
            return
        name = self._shown[index]
        self.close()
        end = editor.cursor_location
        result = editor.replace(name, self._start, end, maintain_selection_offset=False)
        editor.move_cursor(result.end_location)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """A click takes a name."""
        event.stop()
        self.insert(event.option_index)
