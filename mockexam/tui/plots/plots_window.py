"""The Plots window: the figures of the runs, one at a time, the newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static
from textual.worker import WorkType

from graders.sentences import Words, sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.plots.description import BOXES, Description, told
from mockexam.plots.figures import description_of
from mockexam.plots.framing import STEP
from mockexam.plots.shelf import Entry
from mockexam.tui import keymap, tool_windows
from mockexam.tui.look import formatting
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.handle import header
from mockexam.tui.plots.export import ExportDialog, exported, opened_outside, proposed
from mockexam.tui.plots.picture import Picture
from mockexam.workspace import layout

BUTTONS = (
    ("‹", "plot_newer"),
    ("›", "plot_older"),
    ("+", "plot_nearer"),
    ("-", "plot_farther"),
    ("=", "plot_whole"),
    ("▷", "plot_outside"),
    ("⇩", "plot_export"),
)
EMPTY = sentence("Figures appear here when a program calls plt.show().")
UNNAMED = sentence("a figure without a title")


class PlotsWindow(Vertical, can_focus=True):
    """Shows the entry it is at; a new figure takes the place of the newest one, never of an older one."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("plots")

    def __init__(self, project: Path) -> None:
        super().__init__(id="plots")
        self.project = project
        self.entries: tuple[Entry, ...] = ()
        self.at = 0
        self.description = Description()
        self._fault: Words = ""
        self.picture = Picture()

    def compose(self) -> ComposeResult:
        """The header; buttons, the figure, and its words for who has the screen read."""
        yield header(tool_windows.find("plots"), Static("", id="plots-facts"))
        yield Static(shown(EMPTY), id="plots-hint")
        with Horizontal(id="plots-body"):
            with Vertical(classes="plots-side"):
                for glyph, name in BUTTONS:
                    action = keymap.find(name)
                    text = shown(action.title) if formatting.spoken() else glyph
                    yield Chip(text, id=f"button-{name}", tooltip=action.title, key=keymap.shown(name))
            yield self.picture
            with VerticalScroll(id="plots-words", can_focus=False):
                yield Static("", markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self._show()

    # ── which figure ──

    @property
    def entry(self) -> Entry | None:
        """What is shown."""
        return self.entries[self.at] if self.at < len(self.entries) else None

    def fill(self, entries: Sequence[Entry]) -> None:
        """Show these figures; the place among them stays, unless it is that of the newest."""
        before = self.entry
        self.entries = tuple(entries)
        paths = [entry.figure.path for entry in self.entries]
        stays = self.at > 0 and before is not None and before.figure.path in paths
        self.at = paths.index(before.figure.path) if stays and before is not None else 0
        self._show()

    def _show(self) -> None:
        entry = self.entry
        self.query_one("#plots-hint").display = entry is None
        self.query_one("#plots-body").display = entry is not None
        self.picture.display = not formatting.spoken()
        self.query_one("#plots-words").display = formatting.spoken()
        self.description, self._fault = Description(), ""
        self.picture.show(entry.figure if entry is not None and not formatting.spoken() else None)
        if entry is not None:
            self._begin(partial(self._read, entry), "words")
        self._tell()

    def _begin(self, work: WorkType[None], group: str) -> None:
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    async def _read(self, entry: Entry) -> None:
        self.description = await asyncio.to_thread(description_of, entry.figure)
        self._tell()

    def _tell(self) -> None:
        """Bring header and words up to date."""
        entry = self.entry
        facts = "" if entry is None else "  ".join(map(shown, self._facts(entry)))
        self.query_one("#plots-facts", Static).update(Content.styled(facts, "$text-soft"))
        words = self.query_one("#plots-words Static", Static)
        words.update(Content("\n".join(map(shown, told(self.description)))) if formatting.spoken() else "")

    def _facts(self, entry: Entry) -> list[Words]:
        found: list[Words] = [
            self.description.heading() or UNNAMED,
            sentence("{number} of {count}", number=entry.number, count=entry.count),
            entry.run,
        ]
        if entry.gone:
            found.append(sentences("{count} older one gave way", "{count} older ones gave way", count=entry.gone))
        if self.picture.view.zoom > 1:
            found.append(f"{self.picture.view.zoom:.0%}")
        if self.description.boxes:
            found.append(BOXES)
        return [*found, self._fault] if self._fault else found

    # ── keys and buttons ──

    def action_plot_newer(self) -> None:
        """Show the next newer figure."""
        self._step(-1)

    def action_plot_older(self) -> None:
        """Show the next older figure."""
        self._step(1)

    def _step(self, by: int) -> None:
        at = min(max(self.at + by, 0), max(0, len(self.entries) - 1))
        if at != self.at:
            self.at = at
            self._show()

    def action_plot_nearer(self) -> None:
        """Zoom in."""
        self.picture.zoom(STEP)

    def action_plot_farther(self) -> None:
        """Zoom out."""
        self.picture.zoom(1 / STEP)

    def action_plot_whole(self) -> None:
        """Show the whole figure."""
        self.picture.zoom(None)

    def action_plot_move(self, by_x: int, by_y: int) -> None:
        """Move over a figure that is zoomed; sideways over one that isn't means the next one."""
        if not self.picture.move(by_x, by_y) and by_x:
            self._step(by_x)

    def action_plot_outside(self) -> None:
        """Open the figure in another program."""
        if self.entry is not None:
            self._begin(partial(self._open, self.entry), "outside")

    async def _open(self, entry: Entry) -> None:
        if (words := await opened_outside(entry.figure.path)) is not None:
            self.notify(shown(words), severity="warning", timeout=15, markup=False)

    def action_plot_export(self) -> None:
        """Copy the figure to a file."""
        if self.entry is not None:
            self._begin(partial(self._export, self.entry), "export")

    async def _export(self, entry: Entry) -> None:
        category = layout.category_of(self.project, self.project / entry.run.rpartition("-")[0])
        folder = layout.category_folder(self.project, category or 0)
        proposal = proposed(folder if folder.is_dir() else self.project, self.description.heading())
        target = await self.app.push_screen_wait(ExportDialog(proposal))
        if target is None:
            return
        failed = await exported(entry.figure.path, target)
        words = failed or sentence("The figure is in {file}.", file=target)
        self.notify(shown(words), severity="error" if failed else "information", markup=False)

    @on(Chip.Pressed, ".plots-side > Chip")
    async def button_pressed(self, event: Chip.Pressed) -> None:
        """Do what a button says."""
        event.stop()
        await self.run_action((event.chip.id or "").removeprefix("button-"))

    @on(Picture.Viewed)
    def viewed(self) -> None:
        """Say how near the figure is."""
        self._tell()

    @on(Picture.Failed)
    def failed(self, event: Picture.Failed) -> None:
        """Say why there is none."""
        self._fault = event.words
        self._tell()
