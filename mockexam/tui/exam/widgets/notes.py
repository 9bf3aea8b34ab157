"""The Notes window: the candidate's own plain text, kept in the project and so exported with the attempt."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TextArea

from graders.sentences import sentence
from mockexam.files.writing import write
from mockexam.language.catalogue import shown
from mockexam.tui import tool_windows
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.look.handle import header
from mockexam.workspace.fault import OutsideChangeError, WorkspaceError, from_os
from mockexam.workspace.open_file import OpenFile

SAVE_AFTER = 1.0
HINT = sentence("Your own notes. They are saved as you type and exported with the attempt.")


class NotesWindow(Vertical, can_focus=True):
    """Reads its file when it is first seen, and writes it a second after something was typed."""

    DEFAULT_CSS = """
    NotesWindow > TextArea, NotesWindow > TextArea:focus {
        height: 1fr;
        border: none;
        padding: 0 1;
        background: $editor;
        color: $text-body;
        scrollbar-background: $editor;
        scrollbar-size-horizontal: 0;
    }
    """

    def __init__(self, path: Path, notify: Notify, start: Start) -> None:
        super().__init__(id="notes")
        self._file = OpenFile(path)
        self._notify = notify
        self._start = start
        self._area: TextArea | None = None
        self._saved = ""
        self._trouble = ""
        self._due = False
        self._looking = asyncio.Lock()
        self._writing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """The title; the text follows when it is read."""
        yield header(tool_windows.find("notes"))

    def on_mount(self) -> None:
        """Prepare a timer that rests while nothing is typed."""
        self._timer = self.set_interval(SAVE_AFTER, self._save_later, pause=True)

    def on_show(self) -> None:
        """Read what is on the disk; another program may have written it while the window was closed."""
        self._start(self._look(), group="notes")

    def on_focus(self) -> None:
        """Give the focus to the text."""
        if self._area is not None:
            self._area.focus()

    async def _look(self) -> None:
        async with self._looking:
            if self._area is not None and (self.unsaved or not self._file.changed_outside()):
                return
            try:
                text = await asyncio.to_thread(self._read)
            except WorkspaceError as error:
                title = shown(sentence("Your notes can't be read"))
                self._notify(shown(error.brief), title=title, severity="error")
                return
            self._saved = text
            if self._area is None:
                self._area = TextArea(text, soft_wrap=True, placeholder=shown(HINT))
                await self.mount(self._area)
                if self.has_focus:
                    self._area.focus()
            else:
                self._area.load_text(text)

    def _read(self) -> str:
        return self._file.load() if self._file.path.exists() else ""

    @property
    def unsaved(self) -> bool:
        """Whether there is text that the disk doesn't have."""
        return self._area is not None and self._area.text != self._saved

    @on(TextArea.Changed)
    def text_changed(self, event: TextArea.Changed) -> None:
        """Have the text written soon."""
        event.stop()
        if self.unsaved and not self._due:
            self._due = True
            self._timer.reset()

    def _save_later(self) -> None:
        self._due = False
        self._timer.pause()
        self._start(self.save(), group="notes")

    async def save(self) -> bool:
        """Write what was typed; False, with the reason on the screen, when it can't be written."""
        async with self._writing:
            if self._area is None or not self.unsaved:
                return True
            text = self._area.text
            try:
                both = await asyncio.to_thread(self._write, text)
            except WorkspaceError as error:
                self._complain(shown(error.brief))
                return False
            self._saved, self._trouble = text, ""
            if both is not None:
                place = f"{both.parent.name}/{both.name}"
                changed = sentence("Another program changed them; its text is in {file}.", file=place)
                self._notify(shown(changed), title=shown(sentence("Your notes")))
            return True

    def _complain(self, words: str) -> None:
        if words != self._trouble:
            self._notify(words, title=shown(sentence("Your notes are not saved")), severity="error")
        self._trouble = words

    def _write(self, text: str) -> Path | None:
        """Write the file; returns where the text went that another program had written meanwhile."""
        try:
            self._file.save(text)
        except OutsideChangeError:
            path = self._file.path
            other = path.with_name(f"{path.stem}-other{path.suffix}")
            try:
                write(other, path.read_bytes())
            except OSError as error:
                raise from_os(error, path, sentence("to write {path}", path=other)) from error
            self._file.save(text, overwrite=True)
            return other
        return None
