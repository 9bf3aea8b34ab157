"""Files and folders that a living process is still making, told from those that a killed one left behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def hold(descriptor: int) -> None:
    """Mark an open file or folder as in use until it is closed or the process ends, however it ends."""
    with suppress(OSError):  # some network file systems can't; then nothing is swept there either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_held(path: Path) -> bool:
    """Whether a living process holds it; True when nobody can tell."""
    with _held_by_us(path) as ours:
        return not ours


def remove_unheld(path: Path) -> None:
    """Remove a file unless a living process holds it; a process that takes hold of it meanwhile finds it gone.

    Raises OSError.
    """
    with _held_by_us(path) as ours:
        if ours:
            path.unlink(missing_ok=True)


@contextmanager
def _held_by_us(path: Path) -> Iterator[bool]:
    """Hold, for the block, what nobody else holds; False when that isn't possible."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        yield _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
