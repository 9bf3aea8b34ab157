"""Follows the figures of an attempt's runs while programs draw, and says when there is one to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any

from graders.sentences import Words, sentence, sentences
from mockexam.plots.figures import folder_of, make_room
from mockexam.plots.shelf import Entry, Shelf
from mockexam.tui import keymap
from mockexam.tui.plots.plots_window import PlotsWindow


class Following:
    """`running` says the logs of the programs that run, `in_view` whether the window can be seen.

    `tell` says a sentence under a title, `count` is told how many figures nobody has seen yet.
    """

    def __init__(
        self,
        runs: Path,
        window: PlotsWindow,
        *,
        running: Callable[[], Collection[Path]],
        in_view: Callable[[], bool],
        tell: Callable[[Words, str], object],
        count: Callable[[int], object],
        start: Callable[[Coroutine[Any, Any, object]], object],
    ) -> None:
        self._runs = runs
        self._window = window
        self._running, self._in_view = running, in_view
        self._tell, self._count, self._start = tell, count, start
        self._shelf = Shelf(runs)
        self._looking = asyncio.Lock()
        self._before: frozenset[Path] = frozenset()
        self._known: frozenset[tuple[Path, int]] | None = None
        self._unseen: set[Path] = set()
        self._announced: set[str] = set()

    def tick(self) -> None:
        """Look while a program runs, and once more when it has ended: a folder is cheap to look at, a thread isn't."""
        running = frozenset(self._running())
        if running or self._before or self._known is None:
            self._start(self.look())
        if running - self._before:
            self._start(self.make_room(running))
        self._before = running
        if self._unseen and self._in_view():
            self._unseen.clear()
            self._count(0)

    async def look(self) -> None:
        """Find what is new. The figures of earlier sittings are news to nobody."""
        async with self._looking:
            entries = await asyncio.to_thread(self._shelf.look)
        if entries != self._window.entries:
            self._window.fill(entries)
        now = frozenset((entry.figure.path, entry.figure.written) for entry in entries)
        new = now - self._known if self._known is not None else frozenset()
        self._known = now
        if new:
            self._note([entry for entry in entries if (entry.figure.path, entry.figure.written) in new], now)

    def _note(self, new: list[Entry], now: frozenset[tuple[Path, int]]) -> None:
        if self._in_view():
            return
        # A picture that was drawn again is the same figure, and one that gave way is none.
        self._unseen &= {path for path, _ in now}
        self._unseen |= {entry.figure.path for entry in new}
        self._count(len(self._unseen))
        for run in dict.fromkeys(entry.run for entry in new if entry.run not in self._announced):
            self._announced.add(run)
            self._tell(sentence("A figure was drawn: {key} shows it.", key=keymap.shown("window_plots")), run)

    async def make_room(self, logs: Collection[Path]) -> None:
        """Remove the figures of the oldest runs when there are too many bytes of them, and say so."""
        gone = await asyncio.to_thread(make_room, self._runs, {folder_of(log) for log in logs})
        if gone:
            removed = sentences(
                "To save space the figures of the oldest run were removed.",
                "To save space the figures of the {count} oldest runs were removed.",
                count=gone,
            )
            self._tell(removed, "")
