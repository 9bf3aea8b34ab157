"""Finding and replacing text in the lines of a file."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_FOUND = 5_000

# A pattern that backtracks without end must not hold the screen: no more lines are read after this many seconds.
PATIENCE = 0.25


class Place(NamedTuple):
    """One place found: a row and its columns."""

    row: int
    start: int
    end: int


@dataclass(frozen=True)
class Wanted:
    """What to find, and how."""

    text: str
    regex: bool = False
    case: bool = False
    word: bool = False

    def pattern(self) -> re.Pattern[str]:
        """Return the compiled pattern; raises re.error for a regular expression that isn't one."""
        source = self.text if self.regex else re.escape(self.text)
        if self.word:
            source = rf"\b(?:{source})\b"
        return re.compile(source, 0 if self.case else re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """The places found, and whether there may be more."""

    places: tuple[Place, ...] = ()
    cut: bool = False

    def by_row(self) -> dict[int, list[tuple[int, int]]]:
        """Return the columns found in each row."""
        rows: dict[int, list[tuple[int, int]]] = {}
        for place in self.places:
            rows.setdefault(place.row, []).append((place.start, place.end))
        return rows

    def after(self, row: int, column: int) -> int | None:
        """Return the index of the first place at or after a position, the first of all when there is none."""
        if not self.places:
            return None
        return next((i for i, place in enumerate(self.places) if (place.row, place.start) >= (row, column)), 0)

    def before(self, row: int, column: int) -> int | None:
        """Return the index of the last place before a position, the last of all when there is none."""
        if not self.places:
            return None
        found = [i for i, place in enumerate(self.places) if (place.row, place.start) < (row, column)]
        return found[-1] if found else len(self.places) - 1


def find(lines: Sequence[str], wanted: Wanted) -> Found:
    """Find all places, line by line; empty matches don't count. Raises re.error."""
    if not wanted.text:
        return Found()
    pattern = wanted.pattern()
    places: list[Place] = []
    stop = time.monotonic() + PATIENCE
    for row, line in enumerate(lines):
        for match in pattern.finditer(line):
            if match.end() > match.start():
                places.append(Place(row, match.start(), match.end()))
        if len(places) >= MOST_FOUND or time.monotonic() > stop:
            return Found(tuple(places[:MOST_FOUND]), row + 1 < len(lines))
    return Found(tuple(places))


def replacement(line: str, place: Place, wanted: Wanted, by: str) -> str:
    r"""Return what stands in a place afterwards; with a regular expression \1 and \g<name> are groups.

    Raises re.error for a group that doesn't exist.
    """
    if not wanted.regex:
        return by
    match = wanted.pattern().match(line, place.start)
    return match.expand(by) if match is not None else by


def replace_all(lines: Sequence[str], wanted: Wanted, by: str) -> tuple[list[str], int]:
    """Return the lines with every place replaced, and how many there were. Raises re.error."""
    pattern = wanted.pattern()
    count = 0
    changed: list[str] = []

    def one(match: re.Match[str]) -> str:
        nonlocal count
        if match.end() == match.start():
            return match.group()
        count += 1
        return match.expand(by) if wanted.regex else by

    for line in lines:
        changed.append(pattern.sub(one, line))
    return changed, count


def parse_line_number(text: str) -> tuple[int, int] | None:
    """Read "12" or "12:5" as a row and column counted from 0; None when it is neither."""
    match = re.fullmatch(r"\s*(\d+)\s*(?::\s*(\d+)\s*)?", text)
    if match is None:
        return None
    return max(0, int(match[1]) - 1), max(0, int(match[2] or 1) - 1)
