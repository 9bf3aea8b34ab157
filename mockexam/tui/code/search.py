"""Finding and replacing text in the lines of a file."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import regex
from regex import Match, Pattern

from graders.sentences import Sentence, sentence

MOST_FOUND = 5_000

# A pattern that backtracks without end must not freeze the screen: a search is given up after this many seconds,
# even in the middle of a line.
PATIENCE = 0.25
REPLACE_PATIENCE = 1.0
TOO_SLOW = sentence("this pattern takes too long on this text: it was given up")


class PatternError(ValueError):
    """A pattern or a replacement that can't be used, in words."""

    def __init__(self, words: Sentence) -> None:
        super().__init__(words.english)
        self.words = words


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

    def pattern(self) -> Pattern[str]:
        """Return the compiled pattern; raises PatternError for a regular expression that isn't one."""
        source = self.text if self.regex else re.escape(self.text)
        if self.word:
            source = rf"\b(?:{source})\b"
        try:
            return regex.compile(source, 0 if self.case else regex.IGNORECASE)
        except regex.error as error:
            raise PatternError(sentence("bad pattern: {fault}", fault=error.msg)) from error
        except (RecursionError, OverflowError, MemoryError) as error:
            raise PatternError(sentence("bad pattern: it is nested too deep, or repeats too often")) from error


@dataclass(frozen=True)
class Found:
    """The places found, whether there may be more, whether the search was given up, and the seconds it took."""

    places: tuple[Place, ...] = ()
    cut: bool = False
    slow: bool = False
    seconds: float = field(default=0.0, compare=False)

    def by_row(self) -> dict[int, list[tuple[int, int]]]:
        """Return the columns found in each row."""
        rows: dict[int, list[tuple[int, int]]] = {}
        for place in self.places:
            rows.setdefault(place.row, []).append((place.start, place.end))
        return rows

    def after(self, row: int, column: int) -> int | None:
        """Return the index of the first place at or after a position; the first of all when there is none."""
        if not self.places:
            return None
        return next((i for i, place in enumerate(self.places) if (place.row, place.start) >= (row, column)), 0)

    def before(self, row: int, column: int) -> int | None:
        """Return the index of the last place before a position; the last of all when there is none."""
        if not self.places:
            return None
        found = [i for i, place in enumerate(self.places) if (place.row, place.start) < (row, column)]
        return found[-1] if found else len(self.places) - 1


def find(lines: Sequence[str], wanted: Wanted) -> Found:
    """Find all places, line by line, empty ones too (`^`). Raises PatternError."""
    if not wanted.text:
        return Found()
    began = time.monotonic()
    found = _search(lines, wanted.pattern(), began + PATIENCE)
    return replace(found, seconds=time.monotonic() - began)


def _search(lines: Sequence[str], pattern: Pattern[str], stop: float) -> Found:
    places: list[Place] = []
    for row, line in enumerate(lines):
        try:
            for match in pattern.finditer(line, timeout=_left(stop)):
                if len(places) == MOST_FOUND:
                    return Found(tuple(places), cut=True)
                places.append(Place(row, match.start(), match.end()))
        except TimeoutError:
            return Found(slow=True)
    return Found(tuple(places))


def _left(stop: float) -> float:
    return max(0.001, stop - time.monotonic())


def replacement(line: str, place: Place, wanted: Wanted, by: str) -> str | None:
    r"""Return what takes the text of a place; with a regular expression \1 and \g<name> are groups.

    None when the text there doesn't match. Raises PatternError for a group that doesn't exist.
    """
    try:
        matches = wanted.pattern().finditer(line, timeout=PATIENCE)
        match = next((one for one in matches if one.span() == (place.start, place.end)), None)
    except TimeoutError as error:
        raise PatternError(TOO_SLOW) from error
    if match is None:
        return None
    return _expanded(match, by) if wanted.regex else by


def _expanded(match: Match[str], by: str) -> str:
    try:
        return str(match.expand(by))
    except (regex.error, IndexError) as error:
        raise PatternError(sentence("bad replacement: {fault}", fault=error)) from error


def replace_all(lines: Sequence[str], wanted: Wanted, by: str) -> tuple[list[str], int]:
    """Return the lines with every place replaced, and how many there were. Raises PatternError."""
    pattern = wanted.pattern()
    count = 0
    changed: list[str] = []

    stop = time.monotonic() + REPLACE_PATIENCE

    def one(match: Match[str]) -> str:
        nonlocal count
        count += 1
        return _expanded(match, by) if wanted.regex else by

    try:
        for line in lines:
            changed.append(pattern.sub(one, line, timeout=_left(stop)))
    except TimeoutError as error:
        nothing = sentence("this pattern takes too long on this text: it was given up; nothing was replaced")
        raise PatternError(nothing) from error
    return changed, count


def parse_line_number(text: str) -> tuple[int, int] | None:
    """Read "12" or "12:5" as a row and column counted from 0; None when it is neither."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?::\s*(\d{1,9})\s*)?", text)
    if match is None:
        return None
    return max(0, int(match[1]) - 1), max(0, int(match[2] or 1) - 1)
