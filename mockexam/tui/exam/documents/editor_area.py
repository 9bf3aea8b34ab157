"""The middle of the exam screen: the tabs, the find bar, offers, and the file that is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.widget import Widget
from textual.widgets import TextArea

from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.code.knowledge.completion import Completer
from mockexam.tui.code.knowledge.readers import Readers
from mockexam.tui.exam.documents.checking import Checking
from mockexam.tui.exam.documents.completing import Completing
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.exam.widgets.banner import Banner, Offers
from mockexam.tui.exam.widgets.tabs import TabStrip

if TYPE_CHECKING:
    from mockexam.interpreters.interpreter import Interpreter


class EditorArea(Vertical):
    """Holds the open files, and does what its own widgets ask for.

    `on_cursor` is called when the cursor has moved, `on_remedies` when somebody wants to know what can be done about
    what is wrong at it, `on_tally` when the count of all that is wrong was clicked. `others` is whether other Pythons
    than the chosen one may be named.
    """

    def __init__(
        self, project: Path, notify: Notify, start: Start, put_focus: Callable[[Widget], None], *, others: bool = True
    ) -> None:
        super().__init__(id="centre")
        self.offers = Offers()
        self.on_cursor: Callable[[], None] = lambda: None
        self._tabs = TabStrip()
        self._find_bar = FindBar()
        self._views = Vertical(id="pages")
        self._start = start
        self._typed_ahead: list[Key] = []
        self.on_remedies: Callable[[Editor], None] = lambda editor: None
        self.on_tally: Callable[[], None] = lambda: None
        self._readers = Readers(others=others)
        self.completer = Completer(self._readers)
        self.completing = Completing(self.completer, notify, start)
        self.files = Files(
            project,
            self._tabs,
            self._find_bar,
            self.offers,
            self._views,
            notify=notify,
            put_focus=put_focus,
        )
        self.checking = Checking(self.files.pages, self._readers, start)
        self.files.saving.on_pause = self.checking.check

    def keep_key(self, key: Key) -> None:
        """Keep a key typed before there is code to type it into."""
        self._typed_ahead.append(key)

    def hand_on_keys(self) -> None:
        """Give the kept keys to the code that is there now."""
        editor, keys = self.files.editor, self._typed_ahead
        self._typed_ahead = []
        if editor is not None:
            for key in keys:
                editor.post_message(Key(key.key, key.character))

    def go_to_line(self) -> None:
        """Ask for a line to go to."""
        if self.files.editor is not None:
            self.files.editor.action_go_to_line()

    def compose(self) -> ComposeResult:
        """From the tabs down to the file."""
        yield self._tabs
        yield self._find_bar
        yield self.offers
        yield self._views

    @on(TextArea.Changed)
    def text_changed(self, event: TextArea.Changed) -> None:
        """A key was typed: note it, nothing more."""
        event.stop()
        if isinstance(event.text_area, Editor):
            self.files.saving.changed(event.text_area)

    @on(TextArea.SelectionChanged)
    def cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        """Show the new position."""
        event.stop()
        editor = self.files.editor
        if editor is not None and event.text_area is editor:
            self.on_cursor()
            self.completing.cursor_moved(editor)

    @on(Editor.FindRequested)
    def find_requested(self, event: Editor.FindRequested) -> None:
        """Open the find bar, or use what it found."""
        bar = self._find_bar
        if event.what in ("next", "previous") and bar.wanted.text:
            bar.attach(event.editor)
            bar.action_go_next() if event.what == "next" else bar.action_go_previous()
        else:
            bar.open(event.editor, "find" if event.what in ("next", "previous") else event.what)

    @on(Editor.CompletionRequested)
    def completion_requested(self, event: Editor.CompletionRequested) -> None:
        """Offer names at the cursor."""
        self.completing.request(event.editor, asked=event.asked)

    @on(Editor.RemediesRequested)
    def remedies_requested(self, event: Editor.RemediesRequested) -> None:
        """Have it offered what can be done."""
        self.on_remedies(event.editor)

    @on(Editor.TallyPressed)
    def tally_pressed(self) -> None:
        """Have the list of all that is wrong shown."""
        self.on_tally()

    async def follow(self, interpreter: Interpreter) -> None:
        """Complete and check for a Python from now on, as it is now."""
        await self.completer.follow(interpreter)
        self.checking.check_all()

    async def stop(self) -> None:
        """End the processes that read code."""
        await self.completer.stop()

    @on(TabStrip.Chosen)
    def tab_chosen(self, event: TabStrip.Chosen) -> None:
        """Show a tab's file."""
        self._start(self.files.open(event.path), group="open")

    @on(TabStrip.Closed)
    def tab_closed(self, event: TabStrip.Closed) -> None:
        """Save and close."""
        self._start(self.files.close(event.path), group="open")

    @on(Banner.Answered)
    def banner_answered(self, event: Banner.Answered) -> None:
        """Remove the banner; an answer about a file with two texts is acted on here."""
        banner = event.banner
        banner.remove()
        if banner.topic == "conflict" and isinstance(banner.subject, Path):
            self._start(self.files.outside.answer(banner.subject, event.answer), group="save")
        self.files.focus()
