"""Starts small Python programs as runs and remembers what they did."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mockexam.running.process import Exit, Run


class Recorded:
    """A run of a piece of Python, with its output."""

    def __init__(self, folder: Path, source: str, **options: object) -> None:
        program = folder / "program.py"
        program.write_text(source, "utf-8")
        self.batches: list[str] = []
        self.exits: list[Exit] = []
        self.run = Run(
            [sys.executable, str(program)],
            folder,
            folder / "runs" / "1.log",
            on_output=self.batches.append,
            on_exit=self.exits.append,
            **options,  # type: ignore[arg-type]
        )

    @property
    def output(self) -> str:
        return "".join(self.batches)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that another process brings about."""
    import asyncio

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process exists and isn't a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
