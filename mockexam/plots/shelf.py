"""The figures of all runs of an attempt, found again with little work while programs draw."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mockexam.plots.figures import SUFFIX, Figure, figures, left_out

MOST_RUNS = 40
"""Runs whose figures are looked at, the newest ones."""


class Entry(msgspec.Struct, frozen=True):
    """A figure, and the run it is from: the name of its log, which number among the run's newest, of how many."""

    run: str
    figure: Figure
    number: int
    count: int
    gone: int = 0
    """How many older figures of the run gave way."""


class Shelf:
    """`runs` is the folder of the runs' logs. To be used by one thread at a time."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._known: dict[Path, tuple[int, tuple[Entry, ...]]] = {}

    def look(self) -> tuple[Entry, ...]:
        """All figures, those of the newest run first, and of each run the newest first."""
        try:
            ages = {
                folder: folder.stat().st_mtime_ns
                for folder in self._runs.iterdir()
                if folder.name.endswith(SUFFIX) and folder.is_dir() and not folder.is_symlink()
            }
        except OSError:
            ages = {}
        chosen = sorted(ages, key=ages.__getitem__, reverse=True)[:MOST_RUNS]
        self._known = {folder: self._entries(folder, ages[folder]) for folder in chosen}
        return tuple(entry for _, entries in self._known.values() for entry in entries)

    def _entries(self, folder: Path, age: int) -> tuple[int, tuple[Entry, ...]]:
        known = self._known.get(folder)
        if known is not None and known[0] == age:
            return known
        found, gone = figures(folder), left_out(folder)
        run = folder.name.removesuffix(SUFFIX)
        return age, tuple(Entry(run, one, number, len(found), gone) for number, one in enumerate(found, 1))
