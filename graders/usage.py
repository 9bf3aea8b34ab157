"""How much memory and how many threads a process uses now, and whether somebody stopped it."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from graders import threads
from graders.threads import NoThread

LINUX = sys.platform == "linux"
MEMORY = (b"VmRSS", b"VmHWM", b"VmSwap")
TRIES = 20  # at a process that changes its threads faster than they can be looked at


class Usage(NamedTuple):
    """Bytes in memory (what was moved to swap too) now and at most so far, and threads."""

    resident: int
    peak: int
    threads: int


def usage(process: int) -> Usage | None:
    """What a process uses now; None when it is gone, or doesn't let itself be seen."""
    if not LINUX:
        return _elsewhere(process)
    return next((seen for seen in (_linux(process) for _ in range(TRIES)) if seen), None)


def _linux(process: int) -> Usage | None:
    """The memory is that of any thread that lives: once the first has ended, the process itself shows none."""
    home = Path(f"/proc/{process}/task")
    try:
        alive = sorted(int(thread.name) for thread in home.iterdir())
    except OSError:
        return None
    for thread in alive:
        with contextlib.suppress(OSError):
            memory = memory_of((home / f"{thread}/status").read_bytes())
            if memory is not None:
                return Usage(*memory, len(alive))
    return None


def memory_of(status: bytes) -> tuple[int, int] | None:
    """Bytes in memory or moved to swap, now and at most so far, by the text of /proc/N/status; None without memory."""
    fields = dict(line.split(b":", 1) for line in status.splitlines() if b":" in line)
    if b"VmRSS" not in fields:
        return None
    resident, peak, swapped = (int(fields.get(name, b"0").split()[0]) << 10 for name in MEMORY)
    return resident + swapped, max(peak, resident + swapped)


def processor_seconds(process: int) -> float | None:
    """Processor time that all threads of a process have used, ended ones too; None when it is gone, or not told.

    Exact: what the kernel's limit counts is sampled, and can be far more for a process that runs at odd moments.
    """
    try:
        return time.clock_gettime(~process << 3 | 2)  # clock_getcpuclockid(3)
    except (OSError, OverflowError):
        return None


def kills_for_memory() -> int:
    """How many processes this machine has ended for want of memory since it was started; 0 where that isn't told."""
    try:
        fields = dict(line.split() for line in Path("/proc/vmstat").read_text("ascii").splitlines())
        return int(fields.get("oom_kill", 0))
    except (OSError, ValueError):
        return 0


def _elsewhere(process: int) -> Usage | None:
    import psutil

    try:
        known = psutil.Process(process)
        resident = known.memory_info().rss
        return Usage(resident, resident, known.num_threads())
    except psutil.Error:
        return None


def is_stopped(process: int) -> bool:
    """Whether the process was stopped by a signal, as by `kill -STOP`."""
    if LINUX:
        try:
            return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(") ")[2].startswith("T")
        except OSError:
            return False
    import psutil

    try:
        return bool(psutil.Process(process).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


LOOK_SECONDS = 1.0
MOST_LOOKS = 3


class StopWatch:
    """While started, acts once `process()` is found stopped three times, a second apart: it would never answer."""

    def __init__(self, process: Callable[[], int | None], act: Callable[[], None]) -> None:
        self._process = process
        self._act = act
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch from now on; does nothing when it watches already."""
        with self._lock:
            self._idle.clear()
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="stopwatch", daemon=True)
                with contextlib.suppress(NoThread):  # it is for a rare mishap; all else goes on without it
                    threads.start(thread)
                    self._thread = thread

    def stop(self) -> None:
        """Watch no more."""
        self._idle.set()

    def _run(self) -> None:
        found = 0
        while not self._over():
            with contextlib.suppress(
                Exception
            ):  # what it looks at may go at any moment; this thread must not go with it
                process = self._process()
                found = found + 1 if process is not None and is_stopped(process) else 0
                if found >= MOST_LOOKS:
                    self._act()

    def _over(self) -> bool:
        """Wait until it is time to look again; whether watching has ended instead."""
        if self._idle.wait(LOOK_SECONDS):
            with self._lock:
                if self._idle.is_set():
                    self._thread = None
                    return True
        return False
