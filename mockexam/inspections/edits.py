"""Changing a text by edits: one fix, all of a kind, never in another text than they were made for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mockexam.inspections.findings import Edit, Finding, Fix, digest
from mockexam.inspections.inspection import inspect
from mockexam.inspections.pattern import Generation
from mockexam.inspections.reading import lines_of


class StaleTextError(ValueError):
    """The text isn't the one that a fix was made for."""


def applied(source: str, edits: Sequence[Edit], mark: str | None = None) -> str:
    """The text with the edits made; raises StaleTextError where it isn't the text they were made for.

    `mark` is the finding's digest of that text; without one it is enough that what each edit replaces stands there.
    """
    if mark is not None and digest(source) != mark:
        raise StaleTextError
    lines = lines_of(source)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces: list[str] = []
    end = 0
    for edit in sorted(edits, key=lambda one: (one.row, one.column)):
        start, stop = _offset(starts, edit.row, edit.column), _offset(starts, edit.end_row, edit.end_column)
        if start < end or source[start:stop] != edit.old:
            raise StaleTextError
        pieces += (source[end:start], edit.text)
        end = stop
    return "".join(pieces) + source[end:]


def _offset(starts: Sequence[int], row: int, column: int) -> int:
    if row >= len(starts):
        raise StaleTextError
    return starts[row] + column


def fix_all(
    source: str,
    pattern: str,
    fix: str,
    *,
    keras: Generation | None,
    project: Path | None = None,
    versions: Mapping[str, str] | None = None,
) -> tuple[Edit, ...]:
    """Every fix of this name for a pattern in a text, as edits that go together; those that can't are left out."""
    found = inspect(source, keras=keras, modules=None, project=project, versions=versions)
    return together([one for finding in found if finding.pattern == pattern for one in _named(finding, fix)])


def _named(finding: Finding, name: str) -> list[Fix]:
    return [one for one in finding.fixes if one.name == name][:1]


def together(fixes: Sequence[Fix]) -> tuple[Edit, ...]:
    """The edits of several fixes; a fix that overlaps one before it is left out whole, and no edit is made twice."""
    edits: list[Edit] = []
    for fix in fixes:
        new = [edit for edit in fix.edits if edit not in edits]
        if not any(_overlap(one, other) for one in new for other in edits):
            edits += new
    return tuple(sorted(edits, key=lambda one: (one.row, one.column)))


def _overlap(one: Edit, other: Edit) -> bool:
    start, end = (one.row, one.column), (one.end_row, one.end_column)
    other_start, other_end = (other.row, other.column), (other.end_row, other.end_column)
    if start == end and other_start == other_end:
        return False
    return start < other_end and other_start < end
