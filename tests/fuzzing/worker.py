"""The process in which parsers are given changed files: with limits of time, memory and output.

    python -m tests.fuzzing.worker TARGET FIRST COUNT

Writes a JSON object a line: a finding each, "at" before each case (so that whoever reads knows which one ended the
process), and "done".
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMORY = 768 << 20
"""Bytes of address space beyond what the process has when it begins."""
GROWTH = 400 << 20
"""Bytes of memory that one case may take."""
SLOW_SECONDS = 5.0
KILL_SECONDS = 20
STUCK_SECONDS = 60
MOST_TOLD = 100_000
"""Characters that may be said to people about one file."""

STYLE = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"^\r(\x1b\[K)?|\r$")
FORGED = re.compile(r"^b: forged", re.MULTILINE)
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def main(arguments: list[str]) -> int:
    """Run the cases."""
    name, first, count = arguments[0], int(arguments[1]), int(arguments[2])
    with os.fdopen(os.dup(1), "w", buffering=1) as out, tempfile.TemporaryDirectory(prefix="fuzzing-") as scratch:
        outside = Path(scratch)
        folder = outside / "within"
        folder.mkdir()
        os.environ.update(MOCKEXAM_HOME=str(folder / "home"), HOME=str(folder), TMPDIR=str(folder))
        tempfile.tempdir = None
        from tests.fuzzing.targets import TARGETS

        target = TARGETS[name](folder)
        _limit_memory()
        for number in range(first, first + count):
            out.write(json.dumps({"at": number}) + "\n")
            _limit_time(KILL_SECONDS)
            for finding in findings_of(target.run, name, number):
                out.write(json.dumps({"finding": finding, "case": number}) + "\n")
            if (strays := {entry.name for entry in outside.iterdir()} - {"within"}) or Path("/outside").exists():
                out.write(json.dumps({"finding": f"wrote outside: {strays}", "case": number}) + "\n")
                return 1
        out.write(json.dumps({"done": count}) + "\n")
    return 0


def findings_of(run: Callable[[random.Random], str], name: str, number: int) -> list[str]:
    """What is wrong with one case."""
    dice = random.Random(f"{name} {number}")
    started, most = time.process_time(), _peak()
    found, told = [], ""
    try:
        told = run(dice)
    except Exception as error:
        found.append(f"raised {type(error).__name__}: {str(error)[:200]}\n{_where(error)}")
    if (seconds := time.process_time() - started) > SLOW_SECONDS:
        found.append(f"took {seconds:.1f} s of processor time")
    if (growth := _peak() - most) > GROWTH:
        found.append(f"took {growth >> 20} MiB")
    return found + _said(told)


def _said(told: str) -> list[str]:
    found = []
    if len(told) > MOST_TOLD:
        found.append(f"said {len(told):,} characters: {told[:100]!a}")
    if obeyed := OBEYED.search(STYLE.sub("", told)):
        around = STYLE.sub("", told)[max(0, obeyed.start() - 150) : obeyed.end() + 30]
        found.append(f"said what a terminal obeys: {around!a}")
    if FORGED.search(told):
        found.append("said a line of a stranger's")
    return found


def _where(error: BaseException) -> str:
    """The last places of ours that it came through."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in step.filename]
    return "\n".join(f"    {step.filename}:{step.lineno} in {step.name}" for step in steps[-6:])


def _peak() -> int:
    """The most memory that was ever in use, in bytes; ru_maxrss begins with what the process that started it had."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    if pages:
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_time(seconds: int) -> None:
    """A loop that no exception reaches ends the process; so does waiting for something that never comes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.alarm(STUCK_SECONDS)


class Terminal:
    """A stand-in for the terminal: what is written to it is kept."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        """Keep a text."""
        if not isinstance(text, str):
            raise TypeError(type(text))
        self.parts.append(PROGRESS.sub("", text))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Colours are wanted: stripping them would hide what strangers put in."""
        return True

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


def command(*arguments: str) -> str:
    """Run a command of the product in this process; returns what it says. Raises what it would explain as a fault."""
    import mockexam.cli as cli
    from mockexam.errors import Error

    terminal: Any = Terminal()
    streams, explain = (sys.stdout, sys.stderr), cli._explain

    def explained(error: Exception) -> int:
        if not isinstance(error, Error) and not (isinstance(error, OSError) and error.strerror is not None):
            raise error
        return explain(error)

    sys.stdout = sys.stderr = terminal
    cli.guard_streams()
    cli._explain = explained
    try:
        cli.main(list(arguments))
    finally:
        (sys.stdout, sys.stderr), cli._explain = streams, explain
    return str(terminal.text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
