"""A cache of prepared data sets: each is made once, in one step or not at all, and checked before it is used."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from graders.sentences import sentence
from mockexam.files.writing import put_folder
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.workers.client import Progress

MANIFEST = ".manifest.json"
POLL_SECONDS = 0.1

Make = Callable[[Path, Progress], None]


class PreparedCache:
    """Folders below `root`, one for each key; a key is a SHA-256 of all that its content depends on."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str, make: Make, progress: Progress) -> Path:
        """The folder for `key`, made by `make(folder, progress)` when it isn't there or is damaged."""
        folder = self._root / key[:32]
        self._root.mkdir(parents=True, exist_ok=True)
        progress(0.0, sentence("Checking prepared data"))
        if whole(folder):
            return folder
        with _alone(folder.with_suffix(".lock"), progress):
            if whole(folder):  # another process made it while we waited
                return folder
            partial = folder.with_suffix(".partial")
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                make(partial, progress)
                _seal(partial)
                put_folder(partial, folder)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
        return folder


def whole(folder: Path) -> bool:
    """Whether every file of a prepared folder is as it was when it was sealed."""
    try:
        sealed = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=dict[str, str])
        return sealed == _contents(folder)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return False


def _seal(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(msgspec.json.encode(_contents(folder)))


def _contents(folder: Path) -> dict[str, str]:
    return {name: file_digest(path) for name, path in content_files(folder)}


@contextlib.contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """Hold `lock`; the system lets go of it when the process dies, however it dies."""
    with lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress(0.0, sentence("Waiting for another mockexam that prepares the same data"))
                time.sleep(POLL_SECONDS)
        yield
