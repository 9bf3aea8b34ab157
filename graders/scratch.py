"""The private folder that copies of models live in while they are graded, and the removal of what a crash left.

It is locked as long as somebody uses it. Tidying programs that heed locks (systemd-tmpfiles) leave it alone; where
another takes it away, it is made again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "mockexam-grader-"
LOCK_OF_0_1_0 = "in-use"  # 0.1.0 locks this file, not the folder
FRESH_SECONDS = 60.0  # a folder this young may not be locked yet


class Scratch:
    """A new private folder, marked as in use until `remove`, or as long as this process lives."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = _held(self.path)

    def remove(self) -> None:
        """Delete it and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)
        self._lock = -1


def ensure(folder: Path) -> None:
    """Make the scratch folder again if somebody tidied it away; raises OSError when it can't be ours alone.

    What is ours but open to others was made by a library that missed it: it is thrown away, with what is in it.
    """
    with contextlib.suppress(OSError):
        if _is_ours(folder.lstat(), mode=0) and not _is_ours(folder.lstat()):
            shutil.rmtree(folder)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
        _held(folder)  # for as long as this process lives
    if not _is_ours(folder.lstat()):
        # untranslated: it stands where the system's own words for an error do
        raise PermissionError(errno.EPERM, "the grader's temporary folder belongs to somebody else", str(folder))


def _is_ours(status: os.stat_result, mode: int = 0o077) -> bool:
    """Whether it is a folder of this user's, with none of the rights in `mode`."""
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & mode


def _held(folder: Path) -> int:
    """A descriptor that marks the folder as in use while it is open."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with contextlib.suppress(OSError):  # a file system without locks: what a crash leaves there may be swept in use
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def sweep() -> None:
    """Delete this user's scratch folders that no living process uses: all that could remove them was killed."""
    for folder in _left_behind():
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            for path in (folder, folder / LOCK_OF_0_1_0):
                with contextlib.suppress(FileNotFoundError):
                    lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                    opened.callback(os.close, lock)
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def _left_behind() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if status.st_uid == os.getuid() and time.time() - status.st_mtime > FRESH_SECONDS:
                yield folder
