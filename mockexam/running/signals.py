"""Signals to everything a run has started."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MARK = "MOCKEXAM_RUN"
"""An environment variable of a run: it identifies what left the run's session, even when its parent is gone."""


def members(session: int) -> list[int]:
    """The processes of a session. Looking at every process takes milliseconds: for the end of a run only."""
    import psutil

    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == session:
                found.append(pid)
    return found


def detached_processes(leader: int, mark: str) -> list[psutil.Process]:
    """What a run started in sessions of its own: by descent while the leader lives, and by the mark it inherited."""
    import psutil

    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.Error):
        found = {one.pid: one for one in psutil.Process(leader).children(recursive=True)}
    for process in psutil.process_iter():
        # Other users' processes can't be examined, and are none of ours.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in found and process.environ().get(MARK) == mark:
                found[process.pid] = process
    return [one for pid, one in found.items() if pid != leader]


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


def signal_each(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send to processes that may have ended since they were found; never to another that has since got the same pid."""
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def sweep(session: int, *, leader: int) -> None:
    """Kill what the session's leader left behind. A second look finds what was forked during the first."""
    for _ in range(3):
        stragglers = [pid for pid in members(session) if pid != leader]
        if not stragglers:
            return
        for pid in stragglers:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def sweep_everywhere(known: Iterable[psutil.Process], leader: int, mark: str) -> None:
    """Kill what a stopped run left in other sessions: those known, and those found now."""
    signal_each(known, signal.SIGKILL)
    for _ in range(3):
        found = [one for one in detached_processes(leader, mark) if one.is_running()]
        if not found:
            return
        signal_each(found, signal.SIGKILL)
