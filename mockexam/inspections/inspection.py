"""Reads a program and tells what will fail in it: never runs it, never raises on any text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from graders.sentences import Sentence, joined
from mockexam.inspections.comments import ignored
from mockexam.inspections.findings import Finding, Severity, digest
from mockexam.inspections.modules import own_modules
from mockexam.inspections.packages import missing
from mockexam.inspections.pattern import Generation, Pattern, Sighting
from mockexam.inspections.program import Program
from mockexam.inspections.table import PATTERNS


def inspect(
    source: str,
    *,
    keras: Generation | None,
    modules: frozenset[str] | None,
    project: Path | None,
    elsewhere: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
    python: str = "",
) -> list[Finding]:
    """Return what is found, in the order of the text.

    `keras` is the generation that the program will get, unless it takes Keras 2 by itself; None where that isn't known:
    then only what fails under both is told. `modules` are the top-level names that its Python can import, None where
    that isn't known: then no import is marked. `project` is the folder whose modules the program can import too.
    `elsewhere` tells for a top-level module the name of another Python that has it. `versions` are those of the
    distributions: nothing is said of a release that is not reached. `python` is what to run for that Python in a shell
    (for the line that installs a package).
    """
    try:
        program = Program(source, own_modules(project))
        if keras == 3 and program.takes_keras_2:
            keras = 2
        found = _found(program, keras, versions or {}, digest(source))
        if modules is not None:
            found += missing(program, modules, elsewhere or {}, python, digest(source))
        return sorted(_once(ignored(program, found)), key=lambda one: (one.row, one.column, one.pattern))
    except RecursionError:
        return []  # brackets or calls nested deeper than anybody writes them


def _found(program: Program, keras: Generation | None, versions: Mapping[str, str], mark: str) -> list[Finding]:
    found: list[Finding] = []
    for pattern in PATTERNS:
        if fails(pattern, keras, versions):
            expected = frozenset(name for one in pattern.looks for name in one.exception.split("|"))
            for sighting in pattern.find(program):
                if not program.guarded(sighting.node, expected):
                    found.append(_finding(pattern, sighting, pattern.severity(keras), mark))
    return found


def fails(pattern: Pattern, keras: Generation | None, versions: Mapping[str, str]) -> bool:
    """Whether a pattern fails under a generation, with these versions of the libraries as far as they are known."""
    generations: tuple[Generation, ...] = (2, 3) if keras is None else (keras,)
    for generation in generations:
        release = pattern.since.get(generation)
        if release is None:
            return False
        version = versions.get(release.library)
        if version is not None and not _reached(version, release.version):
            return False
    return True


def _reached(version: str, since: str) -> bool:
    try:
        return Version(version) >= Version(since)
    except InvalidVersion:
        return False


def _finding(pattern: Pattern, sighting: Sighting, severity: Severity, mark: str) -> Finding:
    (row, column), (end_row, end_column) = sighting.node.start_pos, (sighting.last or sighting.node).end_pos
    detail = joined((pattern.fails, pattern.replacement), " ")
    assert isinstance(detail, Sentence)
    return Finding(
        pattern=pattern.id,
        row=row - 1,
        column=column,
        end_row=end_row - 1,
        end_column=end_column,
        message=sighting.message,
        detail=detail,
        fixes=sighting.fixes,
        severity=severity,
        digest=mark,
    )


def _once(found: list[Finding]) -> list[Finding]:
    """One finding for a place and a pattern, however often the code there is met."""
    return list({(one.pattern, one.row, one.column): one for one in found}.values())
