"""The open files of the exam screen: tabs, which one is shown, text rescued after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.containers import Vertical
from textual.widget import Widget

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam.documents.autosave import Rescue, digest
from mockexam.tui.exam.documents.open_page import OpenPage
from mockexam.tui.exam.documents.outside import OutsideChanges
from mockexam.tui.exam.documents.saving import Saving
from mockexam.tui.exam.ports import Notify
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.banner import Offers
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.open_file import OpenFile

RECENT = 20


class Files:
    """Opens, shows and closes; `saving` and `outside` look after the texts.

    `on_shown` is called with the file that is shown from now on, or None; `put_focus` gives the focus to its view.
    """

    blinking = True
    """Whether cursors blink: pictures of the screen must not depend on the moment."""

    def __init__(
        self,
        project: Path,
        tabs: TabStrip,
        find_bar: FindBar,
        offers: Offers,
        views: Vertical,
        *,
        notify: Notify,
        put_focus: Callable[[Widget], None],
    ) -> None:
        self.project = project
        self.tabs = tabs
        self.pages: dict[Path, OpenPage] = {}
        self.active: Path | None = None
        self.recent: list[Path] = []
        self.places: dict[Path, tuple[tuple[int, int], int]] = {}
        self.rescue = Rescue(project)
        self.saving = Saving(self.pages, self.rescue, tabs, notify)
        self.outside = OutsideChanges(self.pages, self.saving, self.rescue, offers, notify)
        self.on_shown: Callable[[Path | None], None] = lambda path: None
        self._find_bar = find_bar
        self._views = views
        self._notify = notify
        self._put_focus = put_focus
        self._before_statement: Path | None = None
        self._opening = asyncio.Lock()

    # ── what is shown ──

    @property
    def page(self) -> OpenPage | None:
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
            self._put_focus(self.page.editor or self.page.view)

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
            title = shown(sentence("Can't open {file}", file=path.name))
            self._notify(shown(error.brief), title=title, severity="error")
            return False
        if path in self.pages:
            return True
        self.pages[path] = page
        page.view.display = False
        await self._views.mount(page.view)
        self._restore(page)
        return True

    def _read(self, path: Path) -> OpenPage:
        kind = read_only_pages.kind_of(path)
        if kind == "markdown":
            file = OpenFile(path)
            text = file.load()
            return OpenPage(path, read_only_pages.MarkdownPage(text), file, saved=text)
        if kind == "other":
            return OpenPage(path, read_only_pages.FactsPage(path))
        file = OpenFile(path)
        text = file.load()
        editor = Editor(text, path=path, language="python" if path.suffix == ".py" else None)
        editor.cursor_blink = self.blinking
        return OpenPage(path, editor, file, editor, saved=text, base=digest(text))

    def _restore(self, page: OpenPage) -> None:
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
            self.saving.changed(page.editor)
            rescued = sentence("Text that was not saved when the app closed is back.")
            self._notify(shown(rescued), title=page.path.name)
            if kept.base not in (None, page.base):  # the file went on without it
                page.base = kept.base
                self.outside.ask(page)

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
        self._find_bar.attach(self.editor)
        self.on_shown(path)

    async def toggle_statement(self, category: int) -> None:
        """Show the statement of a problem, or go back to what was shown before."""
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

    # ── closing ──

    async def close(self, path: Path) -> None:
        """Save and close a file."""
        async with self._opening:
            next_one = await self._close(path)
        if next_one is not None:
            await self.open(next_one)

    async def _close(self, path: Path) -> Path | None:
        """Close a file; returns the one to show in its place."""
        page = self.pages.get(path)
        if page is not None:
            await self.saving.save(page)
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
            self._find_bar.attach(None)
            self.on_shown(None)
        return None

    def _remember(self, page: OpenPage) -> None:
        if page.editor is not None:
            self.places[page.path] = (page.editor.cursor_location, page.editor.scroll_offset.y)

    def place_of(self, path: Path) -> tuple[tuple[int, int], int]:
        """Return the cursor and the first visible row of a file with a tab: the present ones, or the last known."""
        page = self.pages.get(path)
        if page is not None and page.editor is not None:
            return page.editor.cursor_location, page.editor.scroll_offset.y
        return self.places.get(path, ((0, 0), 0))
