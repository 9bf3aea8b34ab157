"""The private folder that copies of models live in while they are graded, and the removal of what a crash left."""

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
LOCK_NAME = "in-use"
FRESH_SECONDS = 60.0  # a folder this young may not have its lock yet


class Scratch:
    """A new private folder, marked as in use until `remove`, or as long as this process lives."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        """Delete it and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)
        self._lock = -1


def ensure(folder: Path) -> None:
    """Make the scratch folder again if somebody tidied it away; raises OSError when it can't be ours alone."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        # untranslated: it stands where the system's own words for an error do
        raise PermissionError(errno.EPERM, "the grader's temporary folder belongs to somebody else", str(folder))


def sweep() -> None:
    """Delete this user's scratch folders that no living process uses: all that could remove them was killed."""
    for folder in _left_behind():
        try:
            lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            with contextlib.suppress(OSError):  # its maker was killed before it had a lock, so it is empty
                folder.rmdir()
            continue
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(lock)


def _left_behind() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if status.st_uid == os.getuid() and time.time() - status.st_mtime > FRESH_SECONDS:
                yield folder
