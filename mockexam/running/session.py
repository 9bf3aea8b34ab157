"""Signals to everything a run has started."""

from __future__ import annotations

import contextlib
import os
import signal


def members(session: int) -> list[int]:
    """The processes of a session, by looking at every process there is: milliseconds, for the end of a run only."""
    import psutil

    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == session:
                found.append(pid)
    return found


def signal_group(group: int, number: signal.Signals) -> None:
    """Send to a process group, and wake it in case it is suspended."""
    for each in (number, signal.SIGCONT):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, each)


def signal_session(session: int, number: signal.Signals) -> None:
    """Send to every process of the session, whatever group it has moved to."""
    for pid in members(session):
        for each in (number, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, each)


def sweep(session: int, *, leader: int) -> None:
    """Kill what the session's leader left behind. A second look finds what was forked during the first."""
    for _ in range(3):
        stragglers = [pid for pid in members(session) if pid != leader]
        if not stragglers:
            return
        for pid in stragglers:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
