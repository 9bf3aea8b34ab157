"""How much memory and how many threads a process uses now."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from graders.sandbox import kernel


class Usage(NamedTuple):
    """Bytes in memory now and at most so far, and threads."""

    resident: int
    peak: int
    threads: int


def usage(process: int) -> Usage | None:
    """None when the process is gone, or the system doesn't tell."""
    return _linux(process) if kernel.LINUX else _elsewhere(process)


def _linux(process: int) -> Usage | None:
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    if "VmRSS" not in fields:
        return None
    kibibytes = {name: int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM")}
    return Usage(kibibytes["VmRSS"] << 10, kibibytes["VmHWM"] << 10, int(fields["Threads"]))


def _elsewhere(process: int) -> Usage | None:
    import psutil

    try:
        known = psutil.Process(process)
        resident = known.memory_info().rss
        return Usage(resident, resident, known.num_threads())
    except psutil.Error:
        return None
