"""Changes that other programs make to the open files: taken over, or asked about when there is unsaved text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.exam.documents.autosave import Rescue, digest
from mockexam.tui.exam.documents.open_page import OpenPage
from mockexam.tui.exam.documents.saving import Saving
from mockexam.tui.exam.ports import Notify
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.banner import Banner, Offers
from mockexam.workspace.fault import WorkspaceError


class OutsideChanges:
    """Looks at the files on the disk; call `look` when some are `touched`."""

    def __init__(
        self, pages: Mapping[Path, OpenPage], saving: Saving, rescue: Rescue, offers: Offers, notify: Notify
    ) -> None:
        self._pages = pages
        self._saving = saving
        self._rescue = rescue
        self._offers = offers
        self._notify = notify
        saving.on_conflict = self.ask

    def touched(self) -> list[OpenPage]:
        """Return the pages whose file another program changed or took away; costs one stat a page."""
        found = []
        for page in self._pages.values():
            if page.file is None or page.saving.locked() or page.conflict:
                continue
            state = page.file.disk_state()
            if state == "changed" or (state == "gone" and not page.gone and page.editor is not None):
                found.append(page)
        return found

    async def look(self) -> None:
        """Take over what another program wrote."""
        for page in self.touched():
            if page.file is not None and page.file.disk_state() == "changed":
                await self._take_or_ask(page)
            else:
                page.gone = True
                gone = sentence("It was deleted or moved; saving writes it again.")
                self._notify(shown(gone), title=page.path.name, severity="warning")

    async def _take_or_ask(self, page: OpenPage) -> None:
        if page.unsaved:
            self.ask(page)
        else:
            await self.reload(page, asked=False)

    async def reload(self, page: OpenPage, *, asked: bool = True) -> bool:
        """Take the text from the disk; undo leads back. The question stays open when it can't be read, and opens when
        nobody `asked` and something was typed while it was read.
        """
        if page.file is None:
            return False
        try:
            text = await asyncio.to_thread(page.file.load)
        except WorkspaceError as error:
            title = shown(sentence("{file} can't be reloaded", file=page.path.name))
            self._notify(shown(error.brief), title=title, severity="error")
            page.conflict = False
            self.ask(page)
            return False
        if not asked and page.editor is not None and page.editor.text != page.saved:
            self.ask(page)
            return False
        page.saved, page.base = text, digest(text)
        page.conflict = page.gone = False
        if isinstance(page.view, read_only_pages.MarkdownPage):
            await page.view.show(text)
        elif page.editor is not None and page.editor.text != text:
            page.editor.reload(text)
            page.unchecked = True
        page.first_change = None
        self._saving.mark(page, unsaved=False)
        return True

    def ask(self, page: OpenPage) -> None:
        """Have the candidate choose between the two texts."""
        if page.conflict:
            return
        page.conflict = True
        self._offers.show(
            Banner(
                "conflict",
                page.path,
                sentence("{file} was changed by another program while you were editing it.", file=page.path.name),
                (("reload", sentence("Reload")), ("keep", sentence("Keep mine"))),
            )
        )

    async def answer(self, path: Path, answer: str) -> None:
        """Reload, or overwrite the other program's text."""
        page = self._pages.get(path)
        if page is None:
            return
        if answer == "reload":
            if await self.reload(page):
                await asyncio.to_thread(self._rescue.forget, path)
        else:
            page.first_change = page.first_change or time.monotonic()
            await self._saving.save(page, overwrite=True)
