"""The bar above the editor that finds, replaces and goes to a line."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from graders.sentences import Words, sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.code import search
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.search import Found, PatternError, Place, Wanted
from mockexam.tui.look import glyphs
from mockexam.tui.look.chip import Chip

# A search that takes longer (seconds) would slow down typing: it waits for a pause, and runs in a thread.
AT_ONCE = 0.003
PAUSE = 0.1

_TOGGLES = (
    ("case", "Aa", sentence("Match case")),
    ("word", "W", sentence("Whole words")),
    ("regex", ".*", sentence("Regular expression")),
)


class FindBar(Vertical):
    """Works on one editor at a time; hidden until it is asked for.

    Enter or ↓ goes to the next place and ↑ to the one before; Enter in the second field replaces, Alt+Enter all.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down,f3", "go_next", show=False),
        Binding("up,shift+f3,f15", "go_previous", show=False),
        Binding("alt+c", "switch('case')", show=False, priority=True),
        Binding("alt+w", "switch('word')", show=False, priority=True),
        Binding("alt+x", "switch('regex')", show=False, priority=True),
        Binding("alt+enter,alt+a", "replace_all", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="find-bar")
        self.editor: Editor | None = None
        self.wanted = Wanted("")
        self.found = Found()
        self._searched: tuple[Wanted, list[str]] | None = None
        self._pausing: Timer | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """A row to find, a row to replace, a row for what is wrong, a row for a line number."""
        with Horizontal(id="find-row"):
            yield Input(placeholder=shown(sentence("Find")), id="find-text", compact=True)
            for name, sign, tooltip in _TOGGLES:
                yield Chip(sign, id=f"find-{name}", classes="toggle", tooltip=tooltip, key=f"Alt+{_letter(name)}")
            yield Static("", id="find-count")
            yield Chip("↑", id="find-previous", tooltip=sentence("Previous"), key="↑")
            yield Chip("↓", id="find-next", tooltip=sentence("Next"), key="↓")
            close = sentence("Close")
            yield Chip(glyphs.sign("×", shown(close)), id="find-close", tooltip=close, key="Esc")
        with Horizontal(id="replace-row"):
            yield Input(placeholder=shown(sentence("Replace with")), id="replace-text", compact=True)
            yield Chip(shown(sentence("Replace ⏎")), id="replace-one")
            yield Chip(shown(sentence("All  Alt+A")), id="replace-all")
        yield Static("", id="find-fault")
        with Horizontal(id="line-row"):
            yield Input(placeholder=shown(sentence("Line or line:column")), id="line-text", compact=True)

    # ── opening and closing ──

    def open(self, editor: Editor, what: str) -> None:
        """Open for "find", "replace" or "line"."""
        self.attach(editor)
        self.display = True
        self.query_one("#find-row").display = what != "line"
        self.query_one("#replace-row").display = what == "replace"
        self.query_one("#line-row").display = what == "line"
        self.query_one("#find-fault").display = False
        chosen = editor.selected_text
        if what == "line":
            field = self.query_one("#line-text", Input)
            field.remove_class("-invalid")
            field.value = f"{editor.cursor_location[0] + 1}"
        else:
            field = self.query_one("#find-text", Input)
            if chosen and "\n" not in chosen:
                field.value = chosen
        field.focus()
        field.action_select_all()
        self._search()

    def attach(self, editor: Editor | None) -> None:
        """Work on another editor, or on none."""
        if self.editor is not None and self.editor is not editor and self.editor.is_mounted:
            self.editor.show_found({}, None)
        self.editor = editor
        if editor is not None:
            self.watch(editor, "edits", self._text_edited, init=False)
        if self.display:
            self._search()

    def action_close(self) -> None:
        """Hide the bar and go back to the text."""
        self.display = False
        if self.editor is not None:
            self.editor.show_found({}, None)
            self.editor.focus()

    # ── finding ──

    @on(Input.Changed, "#find-text")
    def text_changed(self, event: Input.Changed) -> None:
        """Find while typing, from where the cursor is."""
        event.stop()
        self._search()
        if self.editor is not None and self.found.places:
            self._go(self.found.after(*min(self.editor.selection)))

    @property
    def _marking(self) -> bool:
        """Whether the places found are to be seen in the text."""
        return bool(self.display and self.query_one("#find-row").display)

    def _text_edited(self) -> None:
        """Find again without slowing down typing; a pattern that was given up is not tried again."""
        if not self._marking or self.found.slow:
            return
        if self.found.seconds <= AT_ONCE:
            self._renew()
            return
        if self._pausing is not None:
            self._pausing.stop()
        self._pausing = self.set_timer(PAUSE, self._renew_aside)

    @work(group="find", exclusive=True, exit_on_error=False)
    async def _renew_aside(self) -> None:
        """Find again in a thread, unless the text or what is wanted has moved on by then."""
        if self.editor is None or self._is_fresh():
            return
        wanted, lines = self._now(self.editor)
        try:
            found = await asyncio.to_thread(search.find, lines, wanted)
        except PatternError:
            return
        if self.editor is not None and self._now(self.editor) == (wanted, lines):
            self._take(found, wanted, lines)

    def _now(self, editor: Editor) -> tuple[Wanted, list[str]]:
        """Return what is wanted, and a copy of the lines to find it in."""
        text = self.query_one("#find-text", Input).value
        return replace(self.wanted, text=text), list(editor.document.lines)

    def _is_fresh(self) -> bool:
        """Whether the places found are those of the text as it stands."""
        return self.editor is not None and self._searched == self._now(self.editor)

    def _renew(self) -> None:
        """Find again if anything changed since."""
        if not self._is_fresh():
            self._search()

    def _search(self) -> None:
        if self.editor is None:
            self.found, self._searched = Found(), None
            self._count("")
            return
        wanted, lines = self._now(self.editor)
        try:
            found = search.find(lines, wanted)
        except PatternError as error:
            self.found, self.wanted, self._searched = Found(), wanted, (wanted, lines)
            self._refuse(error.words)
        else:
            self._take(found, wanted, lines)

    def _take(self, found: Found, wanted: Wanted, lines: list[str]) -> None:
        """Use what was found, and show it."""
        self.found, self.wanted, self._searched = found, wanted, (wanted, lines)
        if found.slow:
            self._refuse(search.TOO_SLOW)
            return
        self.query_one("#find-text").remove_class("-invalid")
        here = self._here()
        self._show_places(found.places.index(here) if here in found.places else None)

    def _refuse(self, words: Words) -> None:
        """Say what is wrong with what was typed, and mark nothing."""
        self.query_one("#find-text").add_class("-invalid")
        self._fault(words)
        if self.editor is not None:
            self.editor.show_found({}, None)

    def _here(self) -> Place | None:
        """Return the selection as a place, when it lies in one line."""
        assert self.editor is not None
        start, end = sorted(self.editor.selection)
        return Place(start[0], start[1], end[1]) if start[0] == end[0] else None

    def _show_places(self, index: int | None) -> None:
        assert self.editor is not None
        here = self.found.places[index] if index is not None else None
        if self._marking:
            self.editor.show_found(self.found.by_row(), here)
        else:
            self.editor.show_found({}, None)
        total = f"{len(self.found.places)}{'+' if self.found.cut else ''}"
        if not self.wanted.text:
            self._count("")
        elif not self.found.places:
            self._count(sentence("nothing found"))
        elif index is not None:
            self._count(sentence("{number} of {total}", number=index + 1, total=total))
        else:
            self._count(sentence("{total} found", total=total))

    def _count(self, words: Words) -> None:
        self._say("#find-count", words)
        self.query_one("#find-fault").display = False

    def _fault(self, words: Words) -> None:
        """Say what is wrong with a pattern, in a row of its own: the message is Python's and may be long."""
        self._say("#find-count", "")
        self._say("#find-fault", words)
        self.query_one("#find-fault").display = True

    def _say(self, where: str, words: Words) -> None:
        """Update the words only if they differ: each update has the whole screen laid out again."""
        place, text = self.query_one(where, Static), shown(words)
        if str(place.content) != text:
            place.update(Content(text))

    def _go(self, index: int | None) -> None:
        if self.editor is None or index is None:
            return
        place = self.found.places[index]
        self.editor.selection = type(self.editor.selection)((place.row, place.start), (place.row, place.end))
        self.editor.scroll_cursor_visible(center=True)
        self._show_places(index)

    def action_go_next(self) -> None:
        """Go to the next place."""
        if self.editor is not None:
            self._renew()
            row, column = max(self.editor.selection)
            # From an empty match, such as the start of a line, the next one is wanted, not the same one again.
            self._go(self.found.after(row, column + (Place(row, column, column) in self.found.places)))

    def action_go_previous(self) -> None:
        """Go to the place before."""
        if self.editor is not None:
            self._renew()
            self._go(self.found.before(*min(self.editor.selection)))

    def action_switch(self, name: str) -> None:
        """Switch one of case, word and regex."""
        wanted = self.wanted
        if name == "case":
            on = not wanted.case
            self.wanted = replace(wanted, case=on)
        elif name == "word":
            on = not wanted.word
            self.wanted = replace(wanted, word=on)
        else:
            on = not wanted.regex
            self.wanted = replace(wanted, regex=on)
        self.query_one(f"#find-{name}").set_class(on, "-on")
        self._search()

    # ── replacing ──

    def action_replace_one(self) -> None:
        """Replace the place at the cursor and go to the next; without one there, go to the next."""
        if self.editor is None:
            return
        self._renew()
        here = self._here()
        try:
            done = here in self.found.places and here is not None and self._replace(here)
        except PatternError as error:
            self._fault(error.words)
            return
        self._renew()
        row, column = max(self.editor.selection)
        self._go(self.found.after(row, column + (done and here is not None and here.start == here.end)))

    def _replace(self, place: Place) -> bool:
        """Replace the text of a place; False when it no longer matches."""
        assert self.editor is not None
        by = self.query_one("#replace-text", Input).value
        text = search.replacement(self.editor.document[place.row], place, self.wanted, by)
        if text is None:
            return False
        row, start, end = place
        result = self.editor.replace(text, (row, start), (row, end), maintain_selection_offset=False)
        self.editor.move_cursor(result.end_location)
        return True

    def action_replace_all(self) -> None:
        """Replace every place, as one step of undo."""
        if self.editor is None or not self.query_one("#replace-row").display:
            return
        by = self.query_one("#replace-text", Input).value
        wanted, lines = self._now(self.editor)
        if not wanted.text:
            return
        try:
            changed, count = search.replace_all(lines, wanted, by)
        except PatternError as error:
            self._fault(error.words)
            return
        cursor = self.editor.cursor_location
        self.editor.replace_lines(0, len(lines) - 1, changed)
        self.editor.move_cursor(self.editor.clamp_visitable(cursor))
        self._renew()
        self._count(sentences("{count} replaced", "{count} replaced", count=count))

    # ── keys and buttons ──

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Do what Enter means in the field."""
        event.stop()
        if event.input.id == "find-text":
            self.action_go_next()
        elif event.input.id == "replace-text":
            self.action_replace_one()
        else:
            self._go_to_line(event.value)

    def _go_to_line(self, text: str) -> None:
        target = search.parse_line_number(text)
        if target is None:
            self.query_one("#line-text").add_class("-invalid")
            self._fault(sentence("expected a line number such as 12, or a line and a column such as 12:5"))
            return
        editor = self.editor
        self.action_close()
        if editor is not None:
            editor.go_to(*target)

    @on(Chip.Pressed)
    def pressed(self, event: Chip.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        name = event.chip.id or ""
        if event.chip.has_class("toggle"):
            self.action_switch(name.removeprefix("find-"))
        else:
            {
                "find-previous": self.action_go_previous,
                "find-next": self.action_go_next,
                "find-close": self.action_close,
                "replace-one": self.action_replace_one,
                "replace-all": self.action_replace_all,
            }[name]()

    def on_key(self, event: events.Key) -> None:
        """Keep Tab inside the bar's fields."""
        if event.key == "tab" and self.query_one("#replace-row").display:
            event.stop()
            event.prevent_default()
            in_find = self.query_one("#find-text").has_focus
            self.query_one("#replace-text" if in_find else "#find-text").focus()


def _letter(name: str) -> str:
    return {"case": "C", "word": "W", "regex": "X"}[name]
