"""Which process is working on something, and whether it is still alive."""

from __future__ import annotations

import os
from pathlib import Path

_live: set[str] = set()


def claim(boot: str) -> str:
    """A new claim of this process, good until `release` or the end of the process."""
    mine = f"{boot}:{os.getpid()}:{_started(os.getpid())}:{os.urandom(4).hex()}"
    _live.add(mine)
    return mine


def release(mine: str) -> None:
    """Give a claim up."""
    _live.discard(mine)


def is_live(other: str, boot: str) -> bool:
    """Whether the process that made the claim still runs and holds it.

    The process id may belong to another program by now, so the claim names the boot and the process's start too.
    """
    its_boot, pid, started, _ = other.rsplit(":", 3)
    if its_boot != boot:
        return False
    if int(pid) == os.getpid():
        return other in _live
    return started == _started(int(pid))


def _started(pid: int) -> str:
    """When a process started, in whatever unit the system counts; empty when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _started_elsewhere(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _started_elsewhere(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return ""
