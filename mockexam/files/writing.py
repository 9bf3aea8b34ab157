"""The one way to write files and folders: whole or not at all, and synced to disk when that is promised.

A file is written to a draft beside it, which takes its name once it is whole. All functions raise OSError.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, NamedTuple, Self

from mockexam.files.locks import hold, remove_unheld

UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")
MOST_NAME = 200
"""Bytes of a file's name that its draft's name repeats; file systems allow 255 in all."""
NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Promise(NamedTuple):
    """What holds once a file is written. Whatever is promised, nobody ever sees part of it, even after a kill.

    `lasting`: the file and its name outlast a power cut; without it a cut may leave the old file, the new one or an
    empty one.
    `existing`: a file that is there is replaced, kept as it is, or refused with FileExistsError, however late it came.
    `mode`: None keeps the mode of the file that is replaced, which must be writable; a number is masked by the umask.
    `follow_links`: a symbolic link to the file that is replaced stays a link, and its target is replaced.
    """

    lasting: bool = True
    existing: Literal["replace", "keep", "refuse"] = "replace"
    mode: int | None = None
    follow_links: bool = True


LASTING = Promise()
"""For what can't be made again."""

WHOLE = Promise(lasting=False, mode=0o666)
"""For what can be made again: caches, notes and reports."""


def write(path: Path, content: bytes, promise: Promise = LASTING) -> None:
    """Write `content` to `path`, and remove what killed processes left beside it.

    An OSError names `path`, not its draft.
    """
    try:
        sweep(_target(path, promise).parent)
        with AtomicFile(path, promise) as draft:
            draft.file.write(content)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


class AtomicFile:
    """A file being written: `file` is open for writing, and takes the name `path` when it is published.

    In a `with` statement it is published when the block ends well, else discarded. A writer that needs a path
    may open `draft`.
    """

    def __init__(self, path: Path, promise: Promise = LASTING) -> None:
        self.path = _target(path, promise)
        self._promise = promise
        self._sealed = False
        if promise.existing == "replace" and self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if promise.existing == "refuse" and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self.draft, self.file = _draft(self.path, 0o666 if promise.mode is None else promise.mode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.publish()
        finally:
            self.discard()

    def seal(self) -> None:
        """Sync what was written to disk, as far as promised; only the name is still to be given."""
        self.file.flush()
        if self._promise.mode is None:
            _keep_mode(self.path, self.file.fileno())
        if self._promise.lasting:
            os.fsync(self.file.fileno())
        self._sealed = True

    def publish(self) -> None:
        """Give it its name."""
        if not self._sealed:
            self.seal()
        if self._promise.existing == "replace":
            self.draft.replace(self.path)
        else:
            try:
                _take_free_name(self.draft, self.path)
            except FileExistsError:
                if self._promise.existing == "refuse":
                    raise
        self.file.close()
        if self._promise.lasting:
            sync_folder(self.path.parent)

    def discard(self) -> None:
        """Leave nothing behind; does nothing once it is published."""
        with suppress(OSError):  # a full disk has no space for what is still to be flushed
            self.file.close()
        self.draft.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the drafts that killed processes left in `folder`."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if UNFINISHED.fullmatch(entry.name):
                remove_unheld(Path(entry.path))


@contextmanager
def new_file(path: Path, mode: int = 0o666) -> Iterator[int]:
    """The descriptor of a new file, which is on the disk when the block ends well.

    For a folder that is itself a draft, where nobody reads yet. The folder has to be synced as well.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        yield descriptor
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the renames in `folder` last through a power cut, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems can't; the file itself is written
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and its missing parents, so that a power cut doesn't take it with everything it will hold.

    `mode` is for the folder itself. Does nothing when it is there.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync_folder(folder.parent)


def put_folder(draft: Path, path: Path, *, old: Path | None = None) -> None:
    """Give the folder `draft`, on the same disk, the name `path`; it and its content outlast a power cut.

    A folder that is there goes to `old`, and back when this is interrupted.
    """
    os.sync()  # a name that outlasts a power cut over files that don't would pass for a whole folder
    moved = False
    try:
        if old is not None and path.exists():
            path.rename(old)
            moved = True
        draft.rename(path)
    except BaseException:
        if old is not None and moved and not path.exists():
            old.rename(path)
        raise
    sync_folder(path.parent)


def _target(path: Path, promise: Promise) -> Path:
    """The file itself, not a link to it; a link in the way of a new file counts as a file."""
    if promise.existing == "replace" and promise.follow_links:
        return Path(os.path.realpath(path))
    return path


def _draft(path: Path, mode: int) -> tuple[Path, BinaryIO]:
    """A new file beside `path` that no sweep mistakes for one left by a killed process."""
    name = os.fsencode(path.name)[:MOST_NAME].decode("utf-8", "ignore")
    while True:
        draft = path.with_name(f".{name}.{os.urandom(4).hex()}.tmp")
        file = open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb")  # noqa: SIM115, PTH123
        hold(file.fileno())
        if os.fstat(file.fileno()).st_nlink:
            return draft, file
        file.close()  # swept just before it was held


def _keep_mode(path: Path, descriptor: int) -> None:
    try:
        old = path.stat()
    except FileNotFoundError:
        return
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _take_free_name(draft: Path, path: Path) -> None:
    """Rename, but never over a file; FileExistsError when there is one."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        draft.rename(path)
    else:
        draft.unlink()
