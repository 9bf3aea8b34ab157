"""What this machine has, what an exam needs, and what to do about the difference."""

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
from typing import TYPE_CHECKING, Literal

from mockexam.errors import AttemptError, RefusalError
from mockexam.sitting import isolation
from mockexam.store.home import Home
from mockexam.store.settings import Settings, SettingsError

if TYPE_CHECKING:
    from mockexam.sitting.service import ExamService

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


def examine(home: Home | None = None) -> list[Check]:
    """Everything, in the order to show it. Imports no TensorFlow; takes well under a second."""
    home = home or Home.default()
    machine = [_python(), *_packages(), _memory(), *_disks(home), _processors(), _terminal(os.environ)]
    return [*machine, *_lock(home)]


def examine_store(exams: ExamService) -> list[Check]:
    """Whether the ledger is sound and every submitted model is there, unchanged.

    Reads them all: a second for each gigabyte or so.
    """
    attempts = exams.attempts()
    submissions = [submission for attempt in attempts for submission in exams.submissions(attempt.id)]
    found = f"sound: {len(attempts)} attempts, {len(submissions)} submissions"  # it was checked when it was opened
    whole = {sha256: exams.is_whole_content(sha256) for sha256 in {one.sha256 for one in submissions}}
    damaged = [one.id for one in submissions if not whole[one.sha256]]
    return [Check("Ledger", "ok", found, "Nothing to do."), _models(len(submissions), damaged)]


def _models(submissions: int, damaged: list[str]) -> Check:
    if not damaged:
        return Check("Submitted models", "ok", f"{submissions} whole", "Nothing to do.")
    found = f"{submissions - len(damaged)} whole, {len(damaged)} missing or changed: {', '.join(damaged)}"
    return Check("Submitted models", "fail", found, "Check the disk; while the exam runs, submit those models again.")


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


def _lock(home: Home) -> Iterator[Check]:
    import graders

    report = graders.isolation_report(tried=True)
    level, how = report["level"], "tried here" if report["tried"] else "not tried"
    layers = "; ".join(report["layers"].values() if level == "full" else map(" ".join, report["layers"].items()))
    advice = report["advice"] or "Nothing to do."
    yield Check("Grader's lock", "ok" if level == "full" else "warn", f"{level}, {how}: {layers}", advice)
    try:
        settings = Settings(home.settings)
        yield _settings(settings)
        required = isolation.chosen(settings) == "required"
    except RefusalError as refusal:
        name = "Settings" if isinstance(refusal, SettingsError) else "Isolation asked for"
        yield Check(name, "fail", refusal.found, f"Expected {refusal.expected}. {refusal.advice}")
        return
    if required and level != "full":
        found = "required, and the lock isn't full here: no model will be opened"
        yield Check("Isolation asked for", "fail", found, "Use a machine with the full lock, or unset it.")
    elif required:
        yield Check("Isolation asked for", "ok", "required", "Nothing to do.")


def _settings(settings: Settings) -> Check:
    if settings.warnings:
        return Check("Settings", "warn", " ".join(settings.warnings), "Correct the names, or take them out.")
    return Check("Settings", "ok", str(settings.path), "Nothing to do.")
