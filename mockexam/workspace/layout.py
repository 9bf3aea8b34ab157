"""Where things are in a candidate's project. Every path here is inside the project folder given."""

from __future__ import annotations

import re
from pathlib import Path

OWN = ".mockexam"
STARTER = "starter.py"
STATEMENT = "PROBLEM.md"


def category_folder(project: Path, category: int) -> Path:
    """The folder of one problem, as in Category3."""
    return project / f"Category{category}"


def starter(project: Path, category: int) -> Path:
    """The file the candidate works in."""
    return category_folder(project, category) / STARTER


def statement(project: Path, category: int) -> Path:
    """The problem's text."""
    return category_folder(project, category) / STATEMENT


def data_folder(project: Path, category: int) -> Path:
    """The problem's public data."""
    return category_folder(project, category) / "data"


def category_of(project: Path, path: Path) -> int | None:
    """The category whose folder `path` is in, or None."""
    try:
        first = path.resolve().relative_to(project.resolve()).parts[0]
    except (ValueError, IndexError):
        return None
    match = re.fullmatch(r"Category(\d+)", first)
    return int(match.group(1)) if match else None


def marker(project: Path) -> Path:
    """The file that makes a folder a project."""
    return project / OWN / "attempt.json"


def stub(project: Path, category: int) -> Path:
    """The untouched copy of the starter."""
    return project / OWN / "stubs" / f"Category{category}.py"


def backup_folder(project: Path) -> Path:
    """Where a starter goes when it is reset."""
    return project / OWN / "backups"


def notes(project: Path) -> Path:
    """The candidate's own notes, which travel with the project."""
    return project / OWN / "notes.txt"


def unsaved(project: Path) -> Path:
    """Text that was typed and not saved, a file for each: believed, and written to the path that it names."""
    return project / OWN / "unsaved"


def runs(project: Path) -> Path:
    """Where the output of runs is kept, and their figures."""
    return project / OWN / "runs"


def next_run_log(project: Path, category: int) -> Path:
    """A new, empty file for a run's whole output, .mockexam/runs/Category3-002.log."""
    return next_log(runs(project), f"Category{category}")


def next_log(folder: Path, name: str) -> Path:
    """A new, empty file of that name and a number; of several callers at once each gets one of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    pattern = re.compile(rf"{re.escape(name)}-(\d+)\.log")
    taken = [int(match.group(1)) for path in folder.iterdir() if (match := pattern.fullmatch(path.name))]
    number = max(taken, default=0) + 1
    while True:
        log = folder / f"{name}-{number:03}.log"
        try:
            log.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return log
