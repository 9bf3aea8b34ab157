"""Reading what others have written, within limits: nothing found on a disk may hold up or fill this process."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

SECONDS = 3.0
ENTRIES = 200_000
BYTES = 64 << 20
LARGEST = 1 << 20


class Reader:
    """Reads files and folders until `seconds`, `entries` (names of folders) or `most` bytes are used up.

    After that, and wherever something can't be read, everything is empty; `exhausted` tells that there may be more.
    Neither waits for a pipe nor opens a device.
    """

    def __init__(self, seconds: float = SECONDS, entries: int = ENTRIES, most: int = BYTES) -> None:
        self._until = time.monotonic() + seconds
        self._entries = entries
        self._bytes = most
        self.exhausted = False

    def _may_go_on(self) -> bool:
        if self._entries <= 0 or self._bytes <= 0 or time.monotonic() > self._until:
            self.exhausted = True
        return not self.exhausted

    def content(self, path: Path, largest: int = LARGEST) -> bytes:
        """A regular file's first `largest` bytes; empty for anything else."""
        if not self._may_go_on():
            return b""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except (OSError, ValueError):
            return b""
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return b""
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(min(largest, self._bytes))
        except OSError:
            return b""
        finally:
            os.close(descriptor)
        self._bytes -= len(content)
        return content

    def text(self, path: Path, largest: int = LARGEST) -> str:
        """The same as text; what is no UTF-8 is replaced."""
        return self.content(path, largest).decode("utf-8-sig", "replace")

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """What a folder holds, sorted by name; a folder that isn't there holds nothing."""
        found: list[os.DirEntry[str]] = []
        if not self._may_go_on():
            return found
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._entries -= 1
                    if self._entries <= 0:
                        self.exhausted = True
                        break
                    found.append(entry)
        except (OSError, ValueError):
            return []
        return sorted(found, key=lambda entry: entry.name)

    def is_folder(self, path: Path) -> bool:
        """Whether a folder is there, or a link to one."""
        if not self._may_go_on():
            return False
        self._entries -= 1
        try:
            return path.is_dir()
        except (OSError, ValueError):  # too long, or no path at all
            return False

    def names(self, folder: Path) -> list[str]:
        """The names of what a folder holds, sorted."""
        return [entry.name for entry in self.entries(folder)]


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; False where that can't be told."""
    try:
        return entry.is_dir()
    except OSError:
        return False
