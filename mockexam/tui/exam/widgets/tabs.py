"""The row of open files above the editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mockexam.tui.look import glyphs


class Tab(Static):
    """One open file: its sign, its name, a cross to close it."""

    ALLOW_SELECT = False

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(classes="tab")
        self.path = path
        self.label = name
        self.unsaved = False

    def render(self) -> Content:
        """Draw the tab; a dot instead of the cross while the text isn't saved."""
        sign, style = glyphs.of_file(self.path)
        mark_style = "$text-soft" if self.unsaved else "$text-faint"
        return Content.assemble((f"{sign} ", style), f"{self.label} ", (self._mark, mark_style))

    @property
    def _mark(self) -> str:
        return glyphs.sign("●", "unsaved") if self.unsaved else glyphs.sign("×", "close")

    def mark_unsaved(self, unsaved: bool) -> None:
        """Show whether there is text that the disk doesn't have."""
        if unsaved != self.unsaved:
            before, self.unsaved = self._mark, unsaved
            self.refresh(layout=len(self._mark) != len(before))

    async def on_click(self, event: events.Click) -> None:
        """Show the file; the cross and the middle button close it."""
        event.stop()
        strip = self.query_ancestor(TabStrip)
        crossed = event.x >= self.size.width - len(self._mark)
        strip.post_message(TabStrip.Closed(self.path) if crossed or event.button == 2 else TabStrip.Chosen(self.path))


class TabStrip(Horizontal):
    """The tabs, and a line under them, blue below the tab that is shown."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        path: Path

    @dataclass
    class Closed(Message):
        """A tab's cross was clicked."""

        path: Path

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.active: Path | None = None

    def compose(self) -> ComposeResult:
        """The line that goes on after the last tab."""
        yield Static("", classes="rest")

    @property
    def paths(self) -> list[Path]:
        """The open files from left to right."""
        return [tab.path for tab in self.query(Tab) if not tab.has_class("-closing")]

    def tab(self, path: Path) -> Tab | None:
        """The tab of a file, if it is open."""
        return next((tab for tab in self.query(Tab) if tab.path == path and not tab.has_class("-closing")), None)

    def add(self, path: Path, name: str) -> None:
        """Add a tab after the active one."""
        if self.tab(path) is None:
            self.mount(Tab(path, name), before=self.query_one(".rest"))

    def drop(self, path: Path) -> None:
        """Take a tab away."""
        if (tab := self.tab(path)) is not None:
            tab.add_class("-closing")
            tab.remove()

    def activate(self, path: Path | None) -> None:
        """Underline a tab and bring it into view."""
        self.active = path
        for tab in self.query(Tab):
            tab.set_class(tab.path == path, "-active")
            if tab.path == path:
                self.call_after_refresh(self._reveal, tab)

    def _reveal(self, tab: Tab) -> None:
        """Bring a tab into view; a new one has no place until it is laid out, so this may have to wait."""
        if not tab.size.width and tab.is_attached and tab.path == self.active:
            self.call_after_refresh(self._reveal, tab)
            return
        self.scroll_to_widget(tab, animate=False)

    def on_resize(self) -> None:
        """Keep the tab that is shown in view."""
        if self.active is not None:
            self.activate(self.active)
