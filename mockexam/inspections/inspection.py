"""Reads a program and tells what will fail in it: never runs it, never raises on any text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mockexam.inspections.findings import Finding
from mockexam.inspections.pattern import Generation


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

    `keras` is the generation that the program will get, None where that isn't known: then only what fails under both is
    told. `modules` are the top-level names that its Python can import, None where that isn't known: then no import is
    marked. `project` is the folder whose modules the program can import too. `elsewhere` tells for a top-level module
    the name of another Python that has it. `versions` are those of the distributions: nothing is said of a release that
    is not reached. `python` is what to run for that Python in a shell (for the line that installs a package).
    """
    return []
