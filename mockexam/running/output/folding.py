"""Which lines of a console are folded: noise, and the traceback of a program that was stopped.

Nothing is taken out of the console; a fold only says which of its rows are shown as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mockexam.running.console import Console
from mockexam.running.output.noise import NOISE, Kind, is_interrupt, kind_of, lead_of


@dataclass(eq=False)
class Fold:
    """Neighbouring lines that are shown as one, from `start` up to `end`: numbers that count every line ever written.

    `kinds` are what is in it; empty for where a program was when it was stopped. `lead` is how much of the line before
    `start` isn't part of the traceback that begins in it.
    """

    start: int
    end: int
    kinds: set[Kind] = field(default_factory=set)
    lead: int = 0
    opened: bool = False

    @property
    def count(self) -> int:
        """How many lines it holds."""
        return self.end - self.start


class Folding:
    """Follows a console. `kinds` and `folds` have an entry for each of its rows, which are counted as they are now.

    `cuts` are the folded tracebacks that begin in a line with something before them, by that line's number.
    """

    def __init__(self, console: Console) -> None:
        self.kinds: list[Kind] = []
        self.folds: list[Fold | None] = []
        self.cuts: dict[int, Fold] = {}
        self._console = console
        self._dropped = console.dropped
        self._stopped_at: int | None = None

    def expect_interrupt(self, line: int) -> None:
        """The program is being stopped: fold tracebacks of an interrupt from a line on, counted as a fold's are."""
        self._stopped_at = line

    def forget(self) -> int:
        """Leave out what the console has forgotten; returns how many rows those are."""
        gone = self._console.dropped - self._dropped
        self._dropped = self._console.dropped
        if gone:
            del self.kinds[:gone], self.folds[:gone]
            self.cuts = {line: fold for line, fold in self.cuts.items() if line >= self._dropped}
        return gone

    def follow(self, first: int) -> int:
        """Read the rows again from `first` on. Returns the first row that may have to be drawn otherwise."""
        first = changed = min(first, len(self.kinds))
        last = self.folds[first - 1] if first else None
        held = last.count if last is not None else 0
        self._truncate(first)
        text, kinds, folds = self._console.text, self.kinds, self.folds
        before = kinds[-1] if kinds else Kind.OUTPUT
        for row in range(first, len(self._console)):
            line = text(row)
            before = kind_of(line, before)
            kinds.append(before)
            folds.append(None)
            if before in NOISE:
                self._fold(row, before)
            elif before == Kind.ERROR and self._stopped_at is not None and is_interrupt(line):
                changed = min(changed, self._fold_interrupt(row))
        if last is not None and last.count != held:
            changed = min(changed, max(0, last.start - self._dropped))
        return changed

    def _truncate(self, first: int) -> None:
        """Forget what was known from a row on."""
        line = self._dropped + first
        if first < len(self.folds) and (fold := self.folds[first]) is not None:
            fold.end = min(fold.end, line)
        del self.kinds[first:], self.folds[first:]
        if self.cuts:
            self.cuts = {begun: fold for begun, fold in self.cuts.items() if fold.start < line}

    def _fold(self, row: int, kind: Kind) -> None:
        fold = self.folds[row - 1] if row else None
        if fold is None or not fold.kinds:
            fold = Fold(self._dropped + row, 0)
        fold.end = self._dropped + row + 1
        fold.kinds.add(kind)
        self.folds[row] = fold

    def _fold_interrupt(self, last: int) -> int:
        """Fold the traceback that ends in a row, if it began after the stop. Returns its first row."""
        assert self._stopped_at is not None
        first, kinds, text = last, self.kinds, self._console.text
        while first and kinds[first - 1] == Kind.TRACE:
            first -= 1
        lead = lead_of(text(first))
        if self._dropped + first < self._stopped_at:
            return last
        begun = first
        first += 1 if lead else 0
        if not lead and first and text(first - 1).startswith("Exception ignored in: "):
            first -= 1
        before = self.folds[first - 1] if first else None
        fold = before if before is not None and not before.kinds and not lead else Fold(self._dropped + first, 0)
        fold.end, fold.lead = self._dropped + last + 1, lead or fold.lead
        for row in range(first, last + 1):
            self.folds[row] = fold
        if lead:
            self.cuts[self._dropped + begun] = fold
        return max(0, min(begun, fold.start - self._dropped))

    # ── what is shown of a row ──

    def begins(self, row: int) -> Fold | None:
        """The fold whose line is shown above a row, or in its place."""
        fold = self.folds[row] if row < len(self.folds) else None
        return fold if fold is not None and row == self.row_of(fold) else None

    def row_of(self, fold: Fold) -> int:
        """The row a fold begins at."""
        return max(0, fold.start - self._dropped)

    def cut(self, row: int) -> int | None:
        """After how many characters a row ends that a folded traceback begins in; None for all others."""
        fold = self.cuts.get(self._dropped + row) if self.cuts else None
        return fold.lead if fold is not None and not fold.opened else None

    def toggle_all(self) -> None:
        """Open every fold, or close them when all are open."""
        folds = {id(fold): fold for fold in self.folds if fold is not None}.values()
        opened = not all(fold.opened for fold in folds)
        for fold in folds:
            fold.opened = opened
