"""The open files of the exam screen: tabs, saving, changes from outside, text rescued after a kill."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.language.catalogue import shown
from mockexam.tui.code import diagnosis
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam.autosave import Rescue, digest
from mockexam.tui.exam.open_page import Page
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.workspace import layout
from mockexam.workspace.fault import OutsideChangeError, WorkspaceError
from mockexam.workspace.open_file import OpenFile

if TYPE_CHECKING:
    from mockexam.tui.exam.screen import ExamScreen

SAVE_AFTER = 1.0
SAVE_AT_LATEST = 5.0
RESCUE_AFTER = 0.3
CHECK_AFTER = 0.4
RECENT = 20


class Files:
    """Opens, shows, saves and closes; `mind` is called four times a second while it is `dirty`.

    `on_change` is called when something was typed.
    """

    def __init__(self, screen: ExamScreen, project: Path) -> None:
        self.screen = screen
        self.project = project
        self.pages: dict[Path, Page] = {}
        self.active: Path | None = None
        self.recent: list[Path] = []
        self.places: dict[Path, tuple[tuple[int, int], int]] = {}
        self.rescue = Rescue(project)
        self.on_change: Callable[[], None] = lambda: None
        self._before_statement: Path | None = None
        self._opening = asyncio.Lock()

    # ── parts of the screen ──

    @property
    def tabs(self) -> TabStrip:
        """The row of tabs."""
        return self.screen.query_one(TabStrip)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self.pages.get(self.active) if self.active is not None else None

    @property
    def editor(self) -> Editor | None:
        """The editor that is shown."""
        return self.page.editor if self.page is not None else None

    @property
    def showing_statement(self) -> bool:
        """Whether a problem's statement is the page that is shown."""
        return self.active is not None and self.active.name == layout.STATEMENT

    def focus(self) -> None:
        """Put the focus on the page."""
        if self.page is not None:
            target = self.page.editor or self.page.view
            self.screen.focus_keeper.put_soon(target)

    # ── opening ──

    def label(self, path: Path) -> str:
        """Return a tab's name: with the category when several files are called the same."""
        category = layout.category_of(self.project, path)
        return (
            f"{category} {path.name}"
            if category is not None and path.name in (layout.STARTER, layout.STATEMENT)
            else path.name
        )

    def add_tab(self, path: Path) -> None:
        """Add a tab without reading the file yet."""
        self.tabs.add(path, self.label(path))

    async def open(self, path: Path, place: tuple[int, int] | None = None, *, focus: bool = True) -> None:
        """Show a file, at a row and column when given; raises nothing: a file that can't be read says so."""
        self.add_tab(path)
        async with self._opening:
            if path not in self.pages and not await self._load(path):
                return
            self._show(path)
        editor = self.editor
        if place is not None and editor is not None:
            editor.go_to(*place)
        if focus:
            self.focus()

    async def _load(self, path: Path) -> bool:
        try:
            page = await asyncio.to_thread(self._read, path)
        except WorkspaceError as error:
            self.tabs.drop(path)
            self.screen.notify(shown(error.brief), title=f"Can't open {path.name}", severity="error")
            return False
        if path in self.pages:
            return True
        self.pages[path] = page
        page.view.display = False
        await self.screen.query_one("#pages").mount(page.view)
        self._restore(page)
        return True

    def _read(self, path: Path) -> Page:
        kind = read_only_pages.kind_of(path)
        if kind == "markdown":
            file = OpenFile(path)
            text = file.load()
            return Page(path, read_only_pages.MarkdownPage(text), file, saved=text)
        if kind == "other":
            return Page(path, read_only_pages.FactsPage(path))
        file = OpenFile(path)
        text = file.load()
        editor = Editor(text, path=path, language="python" if path.suffix == ".py" else None)
        editor.cursor_blink = self.screen.blinking
        return Page(path, editor, file, editor, saved=text, base=digest(text))

    def _restore(self, page: Page) -> None:
        if page.editor is None:
            return
        if page.path in self.places:
            cursor, top = self.places[page.path]
            page.editor.go_to(*cursor, top=top)
        elif page.path.name == layout.STARTER:
            page.editor.go_to(*read_only_pages.first_gap(page.editor.document.lines))
        kept = self.rescue.kept_of(page.path)
        if kept is not None and kept.text == page.saved:
            self.rescue.forget(page.path)
        elif kept is not None:
            page.editor.reload(kept.text)
            self.changed(page.editor)
            self.screen.notify("Text that was not saved when the app closed is back.", title=page.path.name)
            if kept.base not in (None, page.base):  # the file went on without it
                page.base = kept.base
                self._offer_choice(page)

    def _show(self, path: Path) -> None:
        if self.active is not None and self.active != path and self.showing_statement is False:
            self._before_statement = self.active
        self.active = path
        for other, page in self.pages.items():
            page.view.display = other == path
        self.tabs.activate(path)
        if path in self.recent:
            self.recent.remove(path)
        self.recent.insert(0, path)
        del self.recent[RECENT:]
        self.screen.query_one(FindBar).attach(self.editor)
        self.screen.page_shown(path)

    async def toggle_statement(self, category: int) -> None:
        """Show the statement of a problem, or go back to where one came from."""
        if self.showing_statement:
            back = self._before_statement or layout.starter(self.project, category)
            await self.open(back)
        else:
            await self.open(layout.statement(self.project, category))

    async def step(self, by: int) -> None:
        """Show the next tab, or the one before."""
        paths = self.tabs.paths
        if self.active in paths:
            await self.open(paths[(paths.index(self.active) + by) % len(paths)])

    async def close(self, path: Path) -> None:
        """Save and close a file."""
        async with self._opening:
            next_one = await self._close(path)
        if next_one is not None:
            await self.open(next_one)

    async def _close(self, path: Path) -> Path | None:
        """Close a file; the one to show in its place."""
        page = self.pages.get(path)
        if page is not None:
            await self.save(page)
            if page.unsaved:
                return None
            self._remember(page)
            del self.pages[path]
            await page.view.remove()
        paths = self.tabs.paths
        at = paths.index(path) if path in paths else 0
        self.tabs.drop(path)
        if self.active == path:
            self.active = None
            left = [one for one in paths if one != path]
            if left:
                return left[min(at, len(left) - 1)]
            self.screen.query_one(FindBar).attach(None)
            self.screen.page_shown(None)
        return None

    def _remember(self, page: Page) -> None:
        if page.editor is not None:
            self.places[page.path] = (page.editor.cursor_location, page.editor.scroll_offset.y)

    # ── changing and saving ──

    def changed(self, editor: Editor) -> None:
        """Take note of a change; called at every key, so it must cost nothing."""
        page = self.pages.get(editor.path) if editor.path is not None else None
        if page is None:
            return
        now = time.monotonic()
        page.last_change = now
        page.unchecked = True
        self.on_change()
        if page.first_change is None:
            page.first_change = now
            if (tab := self.tabs.tab(page.path)) is not None:
                tab.mark_unsaved(True)

    @property
    def dirty(self) -> bool:
        """Whether `mind` has anything to do."""
        return any(page.unsaved or (page.unchecked and page.editor is not None) for page in self.pages.values())

    async def mind(self) -> None:
        """Save what has rested for a second, keep what hasn't, look for syntax errors."""
        now = time.monotonic()
        for page in list(self.pages.values()):
            if page.unsaved and not page.conflict:
                assert page.first_change is not None
                if now - page.last_change >= SAVE_AFTER or now - page.first_change >= SAVE_AT_LATEST:
                    await self.save(page, repeat=False)
            if page.unsaved and page.last_change > page.rescued_at and now - page.rescued_at >= RESCUE_AFTER:
                page.rescued_at = now
                assert page.editor is not None
                await asyncio.to_thread(self.rescue.keep, page.path, page.editor.text, page.base)
            if page.editor is not None and page.unchecked and now - page.last_change >= CHECK_AFTER:
                page.unchecked = False
                self.screen.run_worker(
                    self._check(page), group=f"check-{page.path}", exclusive=True, exit_on_error=False
                )

    async def _check(self, page: Page) -> None:
        editor = page.editor
        if editor is None or editor.language != "python":
            return
        editor.edit_done()
        faults = await diagnosis.find_faults(list(editor.document.lines))
        if not page.unchecked:
            editor.show_faults(faults)

    async def save(self, page: Page, *, overwrite: bool = False, repeat: bool = True) -> bool:
        """Write a page to the disk; says why when it can't, or once only of several tries unless `repeat`."""
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
                self._offer_choice(page)
                return False
            except WorkspaceError as error:
                page.last_change = time.monotonic()
                page.first_change = page.last_change
                words = shown(error.brief)
                if repeat or words != page.trouble:
                    self.screen.notify(words, title=f"{page.path.name} is not saved", severity="error")
                page.trouble = words
                return False
            page.saved, page.trouble = text, ""
            page.conflict = page.gone = False
            if page.last_change == began:
                page.first_change = None
                if (tab := self.tabs.tab(page.path)) is not None:
                    tab.mark_unsaved(False)
                await asyncio.to_thread(self.rescue.forget, page.path)
            return True

    def _write(self, page: Page, file: OpenFile, text: str, overwrite: bool) -> None:
        # A kill after the save and before the net is emptied must not find older text in it.
        self.rescue.keep(page.path, text, page.base)
        file.save(text, overwrite=overwrite)
        page.base = digest(text)

    async def save_all(self) -> bool:
        """Write everything; False when something could not be written."""
        done = [await self.save(page) for page in list(self.pages.values())]
        return all(done)

    # ── changes from outside ──

    def touched_outside(self) -> list[Page]:
        """Return the pages whose file another program changed or took away; costs one stat a page."""
        found = []
        for page in self.pages.values():
            if page.file is None or page.saving.locked() or page.conflict:
                continue
            state = page.file.disk_state()
            if state == "changed" or (state == "gone" and not page.gone and page.editor is not None):
                found.append(page)
        return found

    async def look_outside(self) -> None:
        """Take over what another program wrote."""
        for page in self.touched_outside():
            if page.file is not None and page.file.disk_state() == "changed":
                await self._take_or_ask(page)
            else:
                page.gone = True
                self.screen.notify(
                    "It was deleted or moved; saving writes it again.", title=page.path.name, severity="warning"
                )

    async def _take_or_ask(self, page: Page) -> None:
        if page.unsaved:
            self._offer_choice(page)
        else:
            await self.reload(page, asked=False)

    async def reload(self, page: Page, *, asked: bool = True) -> bool:
        """Take the text from the disk; undo leads back. The choice stays open when it can't be read, and opens when
        nobody `asked` and something was typed while it was read.
        """
        if page.file is None:
            return False
        try:
            text = await asyncio.to_thread(page.file.load)
        except WorkspaceError as error:
            self.screen.notify(shown(error.brief), title=f"{page.path.name} can't be reloaded", severity="error")
            page.conflict = False
            self._offer_choice(page)
            return False
        if not asked and page.editor is not None and page.editor.text != page.saved:
            self._offer_choice(page)
            return False
        page.saved, page.base = text, digest(text)
        page.conflict = page.gone = False
        if isinstance(page.view, read_only_pages.MarkdownPage):
            await page.view.show(text)
        elif page.editor is not None and page.editor.text != text:
            page.editor.reload(text)
            page.unchecked = True
        page.first_change = None
        if (tab := self.tabs.tab(page.path)) is not None:
            tab.mark_unsaved(False)
        return True

    def _offer_choice(self, page: Page) -> None:
        if page.conflict:
            return
        page.conflict = True
        self.screen.offer(
            Banner(
                "conflict",
                page.path,
                f"{page.path.name} was changed by another program while you were editing it.",
                (("reload", "Reload"), ("keep", "Keep mine")),
            )
        )

    async def answer_conflict(self, path: Path, answer: str) -> None:
        """Reload, or write over the other's text."""
        page = self.pages.get(path)
        if page is None:
            return
        if answer == "reload":
            if await self.reload(page):
                await asyncio.to_thread(self.rescue.forget, path)
        else:
            page.first_change = page.first_change or time.monotonic()
            await self.save(page, overwrite=True)
