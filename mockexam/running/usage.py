"""What a running program and its children use of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import psutil


class Usage(NamedTuple):
    """`memory` is the resident bytes of all processes (shared pages count in each), `cpu` percent of one core."""

    memory: int
    cpu: float
    processes: int


class Meter:
    """Samples a process tree. Asking more often than every `interval` seconds returns the last sample again.

    Looking for children walks all processes of the machine, so only every fifth sample does it.
    """

    def __init__(self, pid: int, *, interval: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pid = pid
        self._interval = interval
        self._monotonic = monotonic
        self._members: list[psutil.Process] = []
        self._samples = 0
        self._at = 0.0
        self._spent: dict[int, float] = {}
        self._usage = Usage(0, 0.0, 0)

    def sample(self) -> Usage:
        """The usage now; the last one known when the program has ended."""
        now = self._monotonic()
        if self._samples and now - self._at < self._interval:
            return self._usage
        if self._samples % 5 == 0:
            self._find_members()
        memory, spent = self._measure()
        if spent:
            used = sum(seconds - self._spent.get(pid, 0.0) for pid, seconds in spent.items())
            elapsed = now - self._at
            cpu = 100 * used / elapsed if self._samples and elapsed > 0 else 0.0
            self._usage = Usage(memory, cpu, len(spent))
        self._samples, self._at, self._spent = self._samples + 1, now, spent
        return self._usage

    def _find_members(self) -> None:
        import psutil

        try:
            leader = self._members[0] if self._members else psutil.Process(self._pid)
            self._members = [leader, *leader.children(recursive=True)]
        except psutil.Error:
            self._members = []

    def _measure(self) -> tuple[int, dict[int, float]]:
        """Resident bytes of all members, and the processor seconds of each by pid."""
        import psutil

        memory, spent = 0, {}
        for member in self._members:
            try:
                with member.oneshot():
                    times = member.cpu_times()
                    memory += member.memory_info().rss
                    spent[member.pid] = times.user + times.system
            except psutil.Error:
                continue
        return memory, spent


def killed_for_memory() -> int:
    """How many processes this machine has ended since it started because memory ran out; 0 where it doesn't tell."""
    try:
        counters = Path("/proc/vmstat").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return 0
    return next((int(line.split()[1]) for line in counters if line.startswith("oom_kill ")), 0)
