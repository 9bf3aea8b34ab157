"""What is wrong in a text, and where: syntax errors and findings, whose places follow what is typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from graders.sentences import Words
from mockexam.inspections.findings import Finding

Location = tuple[int, int]
"""A row and a column, counted from 0; columns in characters."""


class Fault(NamedTuple):
    """A syntax error: its row and columns, and Python's message."""

    row: int
    start: int
    end: int
    message: str


class Mark(NamedTuple):
    """A stretch of text with something wrong in it, from `start` to `end`; `finding` is None for a syntax error."""

    start: Location
    end: Location
    message: Words
    finding: Finding | None = None

    @property
    def kind(self) -> Literal["fault", "finding"]:
        """What found it: Python's compiler or an inspection."""
        return "fault" if self.finding is None else "finding"

    def holds(self, location: Location) -> bool:
        """Whether a cursor at a place is on it: its end belongs to it, since the cursor stands between characters."""
        return self.start <= location <= self.end

    def on_row(self, row: int, length: int) -> tuple[int, int] | None:
        """The columns that it covers of a row of so many characters; at least one of an empty stretch."""
        if not self.start[0] <= row <= self.end[0]:
            return None
        left = self.start[1] if row == self.start[0] else 0
        right = self.end[1] if row == self.end[0] else length
        return left, max(right, left + 1) if self.start[0] == self.end[0] else right


def moved(place: Location, start: Location, end: Location, new_end: Location, *, sticks: bool) -> Location:
    """Where a place is after the text from `start` to `end` became one that ends at `new_end`.

    Text put in exactly at the place comes before it, or after it when it `sticks` to the left.
    """
    if place < start or (sticks and place == start):
        return place
    if place < end:
        return start if sticks else new_end
    row = place[0] + new_end[0] - end[0]
    return row, place[1] + (new_end[1] - end[1] if place[0] == end[0] else 0)


class Marks:
    """The marks of one text."""

    def __init__(self) -> None:
        self.faults: tuple[Mark, ...] = ()
        self.findings: tuple[Mark, ...] = ()
        self._rows: dict[int, list[Mark]] | None = None

    def __bool__(self) -> bool:
        return bool(self.faults or self.findings)

    def __iter__(self) -> Iterator[Mark]:
        """All of them in the order of the text."""
        return iter(sorted((*self.faults, *self.findings), key=lambda mark: (mark.start, mark.end)))

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Take new syntax errors in place of the old ones."""
        self.faults = tuple(Mark((one.row, one.start), (one.row, one.end), one.message) for one in faults)
        self._changed()

    def set_findings(self, findings: Iterable[Finding]) -> None:
        """Take new findings in place of the old ones."""
        self.findings = tuple(
            Mark((one.row, one.column), (one.end_row, one.end_column), one.message, one) for one in findings
        )
        self._changed()

    def copy(self) -> Marks:
        """Marks that follow other edits than these."""
        other = Marks()
        other.faults, other.findings = self.faults, self.findings
        return other

    def _changed(self) -> None:
        self._rows = None

    def shift(self, start: Location, end: Location, new_end: Location) -> None:
        """Follow an edit; a mark of which nothing is left is dropped."""
        if self and not start == end == new_end:
            self.faults = tuple(_shifted(self.faults, start, end, new_end))
            self.findings = tuple(_shifted(self.findings, start, end, new_end))
            self._changed()

    def of_row(self, row: int) -> Sequence[Mark]:
        """The marks that reach into a row."""
        if self._rows is None:
            self._rows = defaultdict(list)
            for mark in self:
                for one in range(mark.start[0], mark.end[0] + 1):
                    self._rows[one].append(mark)
        return self._rows.get(row, ())

    def at(self, location: Location) -> Mark | None:
        """The mark that a cursor is on: a syntax error first, then the shortest."""
        here = [mark for mark in self.of_row(location[0]) if mark.holds(location)]
        return min(here, key=_importance, default=None)

    def beside(self, location: Location, *, forwards: bool) -> Mark | None:
        """The next mark after a place, or the one before it, wrapping round; None when there are none."""
        marks = list(self)
        if forwards:
            return next((mark for mark in marks if mark.start > location), marks[0] if marks else None)
        return next((mark for mark in reversed(marks) if mark.start < location), marks[-1] if marks else None)


def _importance(mark: Mark) -> tuple[bool, int, int]:
    rows = mark.end[0] - mark.start[0]
    return mark.finding is not None, rows, mark.end[1] - mark.start[1]


def _shifted(marks: Iterable[Mark], start: Location, end: Location, new_end: Location) -> Iterator[Mark]:
    for mark in marks:
        if mark.end < start:
            yield mark
            continue
        left = moved(mark.start, start, end, new_end, sticks=False)
        right = moved(mark.end, start, end, new_end, sticks=True)
        if left < right:
            yield mark._replace(start=left, end=right)
