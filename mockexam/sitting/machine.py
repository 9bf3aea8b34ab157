"""What this machine has and an exam needs: packages, memory, disks, processors and a terminal."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from mockexam.errors import AttemptError
from mockexam.store.home import Home

GIGABYTE = 1 << 30
DISK_NEEDED = GIGABYTE
MEMORY_NEEDED = 4 * GIGABYTE
MEMORY_WANTED = 8 * GIGABYTE
PACKAGES = ("tensorflow", "keras", "tf-keras", "tensorflow-datasets", "numpy", "textual")


@dataclass(frozen=True)
class Check:
    """One line of the doctor's: what was looked at, how it is, what was found and what to do."""

    name: str
    status: Literal["ok", "warn", "fail"]
    found: str
    advice: str


def checks(home: Home) -> list[Check]:
    """Everything about the machine, in the order to show it. Imports no TensorFlow."""
    return [_python(), *_packages(), _memory(), *_disks(home), _processors(), _terminal(os.environ)]


def obstacle(home: Home) -> AttemptError | None:
    """The first thing that would make an exam here fail, or None. Cheap."""
    for check in (*_packages(), *_disks(home)):
        if check.status == "fail":
            return AttemptError(f"{check.name} fit for an exam", check.found, check.advice, kind="fault")
    return None


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} ({sys.executable})", "Nothing to do.")


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, "ok", version(name), "Nothing to do.")
        except PackageNotFoundError:
            importable = importlib.util.find_spec(name.replace("-", "_")) is not None
            found = "there, of unknown version" if importable else "not installed"
            advice = f"Install it into this environment: {Path(sys.executable).name} -m pip install {name}"
            yield Check(name, "warn" if importable else "fail", found, advice)


def _memory() -> Check:
    import psutil

    total = psutil.virtual_memory().total
    found = f"{total / GIGABYTE:.1f} GB, {psutil.virtual_memory().available / GIGABYTE:.1f} GB free"
    if total < MEMORY_NEEDED:
        return Check("Memory", "fail", found, "An exam needs 4 GB: training and testing each hold TensorFlow.")
    if total < MEMORY_WANTED:
        return Check("Memory", "warn", found, "Close other programs while you train and test.")
    return Check("Memory", "ok", found, "Nothing to do.")


def _disks(home: Home) -> Iterator[Check]:
    for name, folder in (("Disk for attempts", home.data), ("Disk for data sets", home.cache)):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(nearest).free
        found = f"{free / GIGABYTE:.1f} GB free in {folder}"
        if not os.access(nearest, os.W_OK | os.X_OK):
            yield Check(
                name, "fail", f"{nearest} can't be written", "Get permission, or set MOCKEXAM_HOME to another folder."
            )
        elif free < DISK_NEEDED:
            yield Check(name, "fail", found, "Free 1 GB, or set MOCKEXAM_HOME to a folder on another disk.")
        else:
            yield Check(name, "ok", found, "Nothing to do.")


def _processors() -> Check:
    # macOS can't bind a process to processors, and has no such call.
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{available} processor{'s' if available != 1 else ''}"
    if available < 2:
        return Check("Processors", "warn", found, "Training takes about twice as long as on two.")
    return Check("Processors", "ok", found, "Nothing to do.")


def _terminal(environment: Mapping[str, str]) -> Check:
    term, colours = environment.get("TERM", ""), environment.get("COLORTERM", "")
    size = shutil.get_terminal_size()
    found = f"{term or 'no TERM'}, {size.columns}x{size.lines}, {_colours(term, colours)}"
    if term in ("", "dumb"):
        return Check("Terminal", "warn", found, "`mockexam start` needs a real terminal; the other commands don't.")
    if size.columns < 80 or size.lines < 24:
        return Check("Terminal", "warn", found, "Make the window at least 80x24.")
    if "256" not in term and not colours:
        return Check("Terminal", "warn", found, "For all colours: export TERM=xterm-256color, or COLORTERM=truecolor.")
    return Check("Terminal", "ok", found, "Nothing to do.")


def _colours(term: str, colorterm: str) -> str:
    if colorterm in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256" in term else "16 colours or fewer"
