"""A text area that knows what to mark in its text: what a search found, syntax errors, findings of the inspections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockexam.inspections.findings import Finding
from mockexam.tui.code import syntax
from mockexam.tui.code.highlighting import HighlightedArea
from mockexam.tui.code.marks import Fault, Mark, Marks

FOUND, FOUND_HERE, FAULT, FINDING = range(4)
"""Kinds of stretches: a place found, the one the cursor is at, a syntax error, a finding."""


class MarkedArea(HighlightedArea):
    """Marks follow what is typed; a search's places are shown only in lines that didn't change since."""

    def __init__(self, text: str, *, language: str | None) -> None:
        self.marks = Marks()
        self.found: dict[int, list[tuple[int, int]]] = {}
        self.found_here: tuple[int, int, int] | None = None
        self._found_in: dict[int, str] = {}
        super().__init__(text, language=language)

    def _follow(self, change: syntax.Change) -> None:
        super()._follow(change)
        self.marks.shift(change.start, change.end, change.new_end)

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Underline syntax errors."""
        self.marks.set_faults(faults)
        self.refresh()

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Underline what the inspections found."""
        self.marks.set_findings(findings)
        self.refresh()

    def show_found(self, found: dict[int, list[tuple[int, int]]], here: tuple[int, int, int] | None) -> None:
        """Mark the places found, and the one (row, start, end) the cursor is at."""
        self.found, self.found_here = found, here
        self._found_in = {row: self.document[row] for row in found}
        self.refresh()

    @property
    def mark_here(self) -> Mark | None:
        """The mark that the cursor is on."""
        return self.marks.at(self.cursor_location) if self.marks else None

    def _stretches(self, row: int) -> tuple[tuple[int, int, int], ...]:
        """Return (start, end, kind) of what is marked in a row, what lies on top last."""
        # Until the search is made again, a line that changed may have other text where something was found.
        found = self.found.get(row, ()) if self._found_in.get(row) == self.document[row] else ()
        stretches = [
            (start, end, FOUND_HERE if (row, start, end) == self.found_here else FOUND) for start, end in found
        ]
        for kind, marks in ((FINDING, self._of(row, "finding")), (FAULT, self._of(row, "fault"))):
            for mark in marks:
                if (columns := mark.on_row(row, len(self.document[row]))) is not None:
                    stretches.append((*columns, kind))
        return tuple(stretches)

    def _of(self, row: int, kind: str) -> Sequence[Mark]:
        return [mark for mark in self.marks.of_row(row) if mark.kind == kind]

    def _sign(self, row: int) -> int | None:
        """The worst kind of mark that begins in a row: FAULT, FINDING or None."""
        kinds = {mark.kind for mark in self.marks.of_row(row) if mark.start[0] == row}
        return FAULT if "fault" in kinds else FINDING if kinds else None
