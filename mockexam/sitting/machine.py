"""Whether this machine has what an exam needs: packages, memory, disks, processors and a terminal."""

from __future__ import annotations

import importlib.machinery
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.errors import AttemptError
from mockexam.store.home import Home

GIGABYTE = 1 << 30
DISK_NEEDED = GIGABYTE
MEMORY_NEEDED = 4 * GIGABYTE
MEMORY_WANTED = 8 * GIGABYTE
PACKAGES = ("tensorflow", "keras", "tf-keras", "tensorflow-datasets", "numpy", "textual")
FOR_PROGRAMS = ("matplotlib", "pandas", "pillow", "scipy")
"""What candidates' programs use beside TensorFlow; an exam can be taken without."""
MODULES = {"pillow": "PIL"}
"""Names of modules that differ from those of their packages."""
NOTHING_TO_DO = sentence("Nothing to do.")


@dataclass(frozen=True)
class Check:
    """One line of `mockexam doctor`: what was looked at, whether it is fine, what was found and what to do."""

    name: Words
    status: Literal["ok", "warn", "fail"]
    found: Words
    advice: Words


def checks(home: Home) -> list[Check]:
    """Everything about the machine, in the order to show it. Imports no TensorFlow."""
    return [_python(), *_packages(), _memory(), *_disks(home), _processors(), _terminal(os.environ)]


def obstacle(home: Home) -> AttemptError | None:
    """The first thing that would make an exam here fail, or None. Cheap."""
    for check in (*_packages(), *_disks(home)):
        if check.status == "fail":
            expected = sentence("{name} fit for an exam", name=check.name)
            return AttemptError(expected, check.found, check.advice, kind="fault")
    return None


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} ({sys.executable})", NOTHING_TO_DO)


def _packages() -> Iterator[Check]:
    for name in (*PACKAGES, *FOR_PROGRAMS):
        try:
            yield Check(name, "ok", version(name), NOTHING_TO_DO)
        except PackageNotFoundError:
            yield _missing(name)


def _missing(name: str) -> Check:
    # Not importlib.util's: packages for candidates' programs look absent here.
    module = MODULES.get(name, name.replace("-", "_"))
    importable = importlib.machinery.PathFinder.find_spec(module) is not None
    found = sentence("there, of unknown version") if importable else sentence("not installed")
    advice = sentence(
        "Install it into this environment: {python} -m pip install {package}",
        python=Path(sys.executable).name,
        package=name,
    )
    return Check(name, "warn" if importable or name in FOR_PROGRAMS else "fail", found, advice)


def _memory() -> Check:
    import psutil

    name, total = sentence("Memory"), psutil.virtual_memory().total
    found = sentence(
        "{total} GB, {free} GB free", total=_gigabytes(total), free=_gigabytes(psutil.virtual_memory().available)
    )
    if total < MEMORY_NEEDED:
        advice = sentence("An exam needs 4 GB: training and testing each hold TensorFlow.")
        return Check(name, "fail", found, advice)
    if total < MEMORY_WANTED:
        return Check(name, "warn", found, sentence("Close other programs while you train and test."))
    return Check(name, "ok", found, NOTHING_TO_DO)


def _disks(home: Home) -> Iterator[Check]:
    for name, folder in (
        (sentence("Disk for attempts"), home.data),
        (sentence("Disk for data sets"), home.cache),
    ):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(nearest).free
        found = sentence("{free} GB free in {folder}", free=_gigabytes(free), folder=folder)
        if not os.access(nearest, os.W_OK | os.X_OK):
            denied = sentence("no permission to write to {folder}", folder=nearest)
            advice = sentence("Get permission, or set MOCKEXAM_HOME to another folder.")
            yield Check(name, "fail", denied, advice)
        elif free < DISK_NEEDED:
            advice = sentence("Free 1 GB, or set MOCKEXAM_HOME to a folder on another disk.")
            yield Check(name, "fail", found, advice)
        else:
            yield Check(name, "ok", found, NOTHING_TO_DO)


def _gigabytes(size: int) -> str:
    return f"{size / GIGABYTE:.1f}"


def _processors() -> Check:
    # macOS can't bind a process to processors, and has no such call.
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    name, found = sentence("Processors"), sentences("{count} processor", "{count} processors", count=available)
    if available < 2:
        return Check(name, "warn", found, sentence("Training takes about twice as long as on two."))
    return Check(name, "ok", found, NOTHING_TO_DO)


def _terminal(environment: Mapping[str, str]) -> Check:
    term, colours = environment.get("TERM", ""), environment.get("COLORTERM", "")
    size = shutil.get_terminal_size()
    name = sentence("Terminal")
    found = sentence(
        "{term}, {columns}x{lines}, {colours}",
        term=term or sentence("no TERM"),
        columns=size.columns,
        lines=size.lines,
        colours=_colours(term, colours),
    )
    if term in ("", "dumb"):
        advice = sentence("`mockexam start` needs a real terminal; the other commands don't.")
        return Check(name, "warn", found, advice)
    if size.columns < 80 or size.lines < 24:
        return Check(name, "warn", found, sentence("Make the window at least 80x24."))
    if "256" not in term and not colours:
        advice = sentence("For all colours: export TERM=xterm-256color, or COLORTERM=truecolor.")
        return Check(name, "warn", found, advice)
    return Check(name, "ok", found, NOTHING_TO_DO)


def _colours(term: str, colorterm: str) -> Sentence:
    if colorterm in ("truecolor", "24bit"):
        return sentence("16 million colours")
    return sentence("256 colours") if "256" in term else sentence("16 colours or fewer")
