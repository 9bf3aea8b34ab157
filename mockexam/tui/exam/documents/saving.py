"""Saving the open files: a second after typing, and rescued before that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.code.editor import Editor
from mockexam.tui.exam.documents.autosave import Rescue, digest
from mockexam.tui.exam.documents.open_page import OpenPage
from mockexam.tui.exam.ports import Notify
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.workspace.fault import OutsideChangeError, WorkspaceError
from mockexam.workspace.open_file import OpenFile

SAVE_AFTER = 1.0
SAVE_AT_LATEST = 5.0
RESCUE_AFTER = 0.3
CHECK_AFTER = 0.4


class Saving:
    """`mind` is called four times a second while it is `dirty`.

    `on_change` is called when something was typed, `on_pause` when typing has paused in a file that wasn't checked
    since, `on_conflict` when another program wrote the file meanwhile.
    """

    def __init__(self, pages: Mapping[Path, OpenPage], rescue: Rescue, tabs: TabStrip, notify: Notify) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_pause: Callable[[OpenPage], None] = lambda page: None
        self.on_conflict: Callable[[OpenPage], None] = lambda page: None
        self._pages = pages
        self._rescue = rescue
        self._tabs = tabs
        self._notify = notify

    def changed(self, editor: Editor) -> None:
        """Take note of a change; called at every key, so it must cost nothing."""
        page = self._pages.get(editor.path) if editor.path is not None else None
        if page is None:
            return
        now = time.monotonic()
        page.last_change = now
        page.unchecked = True
        self.on_change()
        if page.first_change is None:
            page.first_change = now
            self.mark(page, unsaved=True)

    def mark(self, page: OpenPage, *, unsaved: bool) -> None:
        """Show on the tab whether there is text that the disk doesn't have."""
        if (tab := self._tabs.tab(page.path)) is not None:
            tab.mark_unsaved(unsaved)

    @property
    def dirty(self) -> bool:
        """Whether `mind` has anything to do."""
        return any(page.unsaved or (page.unchecked and page.editor is not None) for page in self._pages.values())

    async def mind(self) -> None:
        """Save what has rested for a second, keep what hasn't, say where typing has paused."""
        now = time.monotonic()
        for page in list(self._pages.values()):
            if page.unsaved and not page.conflict:
                assert page.first_change is not None
                if now - page.last_change >= SAVE_AFTER or now - page.first_change >= SAVE_AT_LATEST:
                    await self.save(page, repeat=False)
            if page.unsaved and page.last_change > page.rescued_at and now - page.rescued_at >= RESCUE_AFTER:
                page.rescued_at = now
                assert page.editor is not None
                await asyncio.to_thread(self._rescue.keep, page.path, page.editor.text, page.base)
            if page.editor is not None and page.unchecked and now - page.last_change >= CHECK_AFTER:
                page.unchecked = False
                self.on_pause(page)

    async def save(self, page: OpenPage, *, overwrite: bool = False, repeat: bool = True) -> bool:
        """Write a page to the disk; says why when it can't, only once for several tries unless `repeat`."""
        if page.editor is None or page.file is None:
            return True
        if page.conflict and not overwrite:
            return False
        if not page.unsaved:
            # The last key's message may still be on its way when Run or Submit is pressed.
            if page.editor.text == page.saved:
                return True
            self.changed(page.editor)
        async with page.saving:
            text, began = page.editor.text, page.last_change
            try:
                if text != page.saved or overwrite or page.gone:
                    await asyncio.to_thread(self._write, page, page.file, text, overwrite or page.gone)
            except OutsideChangeError:
                self.on_conflict(page)
                return False
            except WorkspaceError as error:
                self._put_off(page, shown(error.brief), repeat)
                return False
            page.saved, page.trouble = text, ""
            page.conflict = page.gone = False
            if page.last_change == began:
                page.first_change = None
                self.mark(page, unsaved=False)
                await asyncio.to_thread(self._rescue.forget, page.path)
            return True

    def _put_off(self, page: OpenPage, words: str, repeat: bool) -> None:
        page.last_change = time.monotonic()
        page.first_change = page.last_change
        if repeat or words != page.trouble:
            title = shown(sentence("{file} is not saved", file=page.path.name))
            self._notify(words, title=title, severity="error")
        page.trouble = words

    def _write(self, page: OpenPage, file: OpenFile, text: str, overwrite: bool) -> None:
        # A kill after the save and before the rescued text is dropped must not leave older text there.
        self._rescue.keep(page.path, text, page.base)
        file.save(text, overwrite=overwrite)
        page.base = digest(text)

    async def save_all(self) -> bool:
        """Write everything; False when something could not be written."""
        done = [await self.save(page) for page in list(self._pages.values())]
        return all(done)
