"""Submitted models, kept by content: a file or folder is copied whole or not at all, and never changed afterwards."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from graders import formats
from graders.sentences import Sentence, sentence
from mockexam.errors import SubmissionError
from mockexam.files.locks import hold, is_held
from mockexam.files.writing import make_folder, new_file, sync_folder

CHUNK = 1 << 20
MOST_FILES = 2_000
"""A model that is a folder has about ten files; one of thousands is the wrong folder."""


@dataclass(frozen=True)
class Snapshot:
    """An immutable copy. `sha256` of a folder is that of its sorted lines "path NUL size NUL sha256 LF"."""

    path: Path
    sha256: str
    bytes: int


class _ChangedError(Exception):
    """The source was written to while it was copied."""


class Snapshots:
    """The folder of snapshots, each named by its hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a snapshot of that content is, or would be."""
        return self.folder / sha256[:2] / sha256

    def take(self, source: Path, max_bytes: int) -> Snapshot:
        """Copy `source` (a file, or the folder of a model) of at most `max_bytes`.

        On return it is safely on disk. Raises SubmissionError, with nothing left behind, for no such file, a link, a
        FIFO, a device, a model too large or unreadable, a full disk, or a file still written to (after one more try).
        """
        _check_name(source)
        try:
            return self._take_steady(source, max_bytes)
        except OSError as error:
            raise _explained(source, self.folder, error) from error

    def adopt(self, sha256: str, write: Callable[[Path], None]) -> None:
        """Keep what `write` puts at the path it is given if its content has that hash; else raise SubmissionError."""
        if self.is_whole(sha256):
            return
        try:
            with self._workdir() as copy:
                write(copy)
                if content_hash(copy) != sha256:
                    raise SubmissionError(
                        sentence("a model with the hash {hash}…", hash=sha256[:12]),
                        sentence("another one"),
                        sentence("Copy the file again."),
                    )
                _sync_all(copy)
                self._keep(copy, sha256)
        except OSError as error:
            raise _explained(self.path(sha256), self.folder, error) from error

    def is_whole(self, sha256: str) -> bool:
        """Whether the snapshot is there and its content still has its hash."""
        path = self.path(sha256)
        try:
            return content_hash(path) == sha256
        except OSError:
            return False

    def all(self) -> Iterator[str]:
        """The hashes of all snapshots."""
        if self.folder.is_dir():
            for shelf in sorted(self.folder.iterdir()):
                if len(shelf.name) == 2:
                    yield from sorted(entry.name for entry in shelf.iterdir())

    def has_rest(self) -> bool:
        """Whether anything is where copies are made: a copy is being made, or was never finished."""
        incoming = self.folder / "incoming"
        return incoming.is_dir() and any(incoming.iterdir())

    def sweep(self) -> None:
        """Remove what killed processes left half copied; call it only while nothing is being submitted."""
        incoming = self.folder / "incoming"
        if incoming.is_dir():
            for entry in incoming.iterdir():
                if not is_held(entry):
                    _remove(entry)

    def _take_steady(self, source: Path, max_bytes: int) -> Snapshot:
        for _ in range(2):
            with suppress(_ChangedError):
                return self._take_once(source, max_bytes)
        raise SubmissionError(
            sentence("a model that is completely saved"),
            sentence("{file} was written to while it was copied", file=source.name),
            sentence("Wait until your program has finished saving it, then submit again."),
        )

    def _take_once(self, source: Path, max_bytes: int) -> Snapshot:
        with self._workdir() as copy:
            status = os.lstat(source)
            if stat.S_ISDIR(status.st_mode):
                sha256, size = _copy_folder(source, copy, max_bytes)
            else:
                sha256, size = _copy_file(source, copy, max_bytes)
            return Snapshot(self._keep(copy, sha256), sha256, size)

    @contextmanager
    def _workdir(self) -> Iterator[Path]:
        """A path to copy to, on the same disk; gone when the block ends."""
        incoming = self.folder / "incoming"
        make_folder(incoming)
        work = Path(tempfile.mkdtemp(dir=incoming))
        held = os.open(work, os.O_RDONLY | os.O_CLOEXEC)
        try:
            hold(held)
            yield work / "model"
        finally:
            os.close(held)
            _remove(work)

    def _keep(self, copy: Path, sha256: str) -> Path:
        final = self.path(sha256)
        if not self.is_whole(sha256):
            _remove(final)
            final.parent.mkdir(exist_ok=True)
            copy.rename(final)
            _forbid_writing(final)
        sync_folder(final.parent)
        sync_folder(self.folder)
        return final


def _check_name(source: Path) -> None:
    """Refuse a path that the ledger can't hold, or that would move the cursor of the terminal it is printed on."""
    if not str(source).isprintable():
        raise SubmissionError(
            sentence("a path of letters, digits and signs that can be shown"),
            ascii(str(source))[1:-1],
            sentence("Rename the file: control characters, and bytes that are not UTF-8, are not accepted."),
        )


def _copy_file(source: Path, copy: Path, max_bytes: int) -> tuple[str, int]:
    """Copy one regular file; its hash and size. O_NONBLOCK keeps a FIFO from stopping us, O_NOFOLLOW refuses links."""
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(reading)
        if not stat.S_ISREG(before.st_mode):
            raise _not_plain(source, before.st_mode)
        if before.st_size > max_bytes:
            raise too_large(source, before.st_size, max_bytes)
        sha256, size = _copy_bytes(reading, copy, before.st_size)
        after = os.fstat(reading)
        named = os.lstat(source)
        if size != before.st_size or _identity(before) != _identity(after) or _identity(before) != _identity(named):
            raise _ChangedError
        return sha256, size
    finally:
        os.close(reading)


def _copy_bytes(reading: int, copy: Path, expected: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with new_file(copy, 0o400) as writing:
        while size <= expected and (chunk := os.read(reading, CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(writing, rest) :]
    return digest.hexdigest(), size


def _copy_folder(source: Path, copy: Path, max_bytes: int) -> tuple[str, int]:
    found = _plain_files(source)
    _check_folder(source, found, max_bytes)
    lines, total = [], 0
    copy.mkdir()
    for name, path in found:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        sha256, size = _copy_file(path, target, max_bytes - total)
        total += size
        lines.append(f"{name}\0{size}\0{sha256}\n")
    if [name for name, _ in found] != [name for name, _ in _plain_files(source)]:
        raise _ChangedError
    for folder, _, _ in os.walk(copy, topdown=False):
        sync_folder(Path(folder))
    return hashlib.sha256("".join(lines).encode()).hexdigest(), total


def _check_folder(source: Path, found: list[tuple[str, Path]], max_bytes: int) -> None:
    if len(found) > MOST_FILES:
        most = 10 * MOST_FILES
        if len(found) > most:
            held = sentence("more than {count} in {folder}", count=most, folder=source.name)
        else:
            held = sentence("{count} in {folder}", count=len(found), folder=source.name)
        raise SubmissionError(
            sentence("a model of at most {count} files", count=MOST_FILES),
            held,
            sentence("Check that it is the right folder."),
        )
    names = {name for name, _ in found}
    if formats.of_names(names) is None:
        raise SubmissionError(
            formats.ANY,
            sentence("a folder {folder} that is none of these", folder=source.name),
            sentence(
                "Save it with {statements}.", statements=formats.listed([each.statement for each in formats.FORMATS])
            ),
        )
    size = sum(path.stat().st_size for _, path in found)
    if size > max_bytes:
        raise too_large(source, size, max_bytes)


def _plain_files(folder: Path) -> list[tuple[str, Path]]:
    """The files below a folder as (relative path with slashes, path), sorted by that path; refuses anything else.

    Stops where there are far too many.
    """
    found: list[tuple[str, Path]] = []
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    pending.append(Path(entry.path))
                elif stat.S_ISREG(mode):
                    found.append((Path(entry.path).relative_to(folder).as_posix(), Path(entry.path)))
                else:
                    raise _not_plain(Path(entry.path), mode)
                if len(found) > 10 * MOST_FILES:
                    return sorted(found)
    return sorted(found)


def content_hash(path: Path) -> str:
    """The hash of a file or folder, as Snapshot has it. Raises OSError."""
    if not path.is_dir():
        return _file_hash(path)[0]
    lines = []
    for name, file in _plain_files(path):
        sha256, size = _file_hash(file)
        lines.append(f"{name}\0{size}\0{sha256}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _file_hash(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return sha256, file.tell()


def _sync_all(copy: Path) -> None:
    """Sync a copy that others have written to disk, and make it read-only."""
    for folder, _, names in os.walk(copy, topdown=False) if copy.is_dir() else [(str(copy.parent), [], [copy.name])]:
        for name in names:
            path = Path(folder, name)
            path.chmod(0o400)
            with path.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(folder))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _forbid_writing(path: Path) -> None:
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o500)


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o700)
    shutil.rmtree(path)


def too_large(source: Path, size: int, max_bytes: int) -> SubmissionError:
    """The refusal of a model over the contract's size."""
    return SubmissionError(
        sentence("a model of at most {size}", size=_mebibytes(max_bytes)),
        sentence("{file} of {size}", file=source.name, size=_mebibytes(size)),
        sentence("Save a smaller model: fewer units, or without the optimizer (include_optimizer=False)."),
    )


def _mebibytes(size: int) -> Sentence:
    return sentence("{size} MB", size=f"{size / (1 << 20):,.1f}")


def _not_plain(source: Path, mode: int) -> SubmissionError:
    kinds = {
        stat.S_IFLNK: sentence("{name} is a symbolic link", name=source.name),
        stat.S_IFIFO: sentence("{name} is a named pipe", name=source.name),
        stat.S_IFSOCK: sentence("{name} is a socket", name=source.name),
        stat.S_IFCHR: sentence("{name} is a device", name=source.name),
        stat.S_IFBLK: sentence("{name} is a device", name=source.name),
        stat.S_IFDIR: sentence("{name} is a folder", name=source.name),
    }
    found = kinds.get(stat.S_IFMT(mode), sentence("{name} is something else", name=source.name))
    return SubmissionError(sentence("a plain file"), found, sentence("Copy the model itself to that place."))


def _explained(source: Path, folder: Path, error: OSError) -> SubmissionError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SubmissionError(
            sentence("room on the disk for a copy of the model"),
            sentence("no space left in {folder}", folder=folder),
            sentence("Free some space and submit again; nothing that was submitted before is lost."),
            kind="fault",
        )
    if error.errno == errno.EFBIG:
        return SubmissionError(
            sentence("to be allowed to write a copy of {file}", file=source.name),
            sentence("a limit on the size of files"),
            sentence("Lift it where mockexam was started: ulimit -f unlimited."),
            kind="fault",
        )
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return _not_plain(source, stat.S_IFLNK)
    if error.errno == errno.ENXIO:
        return _not_plain(source, stat.S_IFSOCK)
    if error.errno == errno.ENOENT:
        return SubmissionError(
            sentence("a model at {path}", path=source),
            sentence("no such file"),
            sentence('Save it first: model.save("mymodel.h5").'),
            kind="nothing",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return SubmissionError(
            sentence("to be allowed to open {path}", path=error.filename or source),
            sentence("permission denied"),
            sentence("Check who owns it, and its mode."),
        )
    return SubmissionError(
        sentence("to copy {path}", path=source),
        error.strerror or str(error),
        sentence("Check the disk, then submit again."),
    )
