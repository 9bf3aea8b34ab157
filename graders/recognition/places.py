"""What lies in a folder: whole models, downloads under way, and what couldn't be looked into."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from graders import formats
from graders.archives import ArchiveError, Limits, Names, guarded
from graders.contract import MEBIBYTE
from graders.recognition.names import is_litter, name_of

MOST_ENTRIES = 20_000
"""Files and folders that are looked at below the first level; what lies deeper in a larger place isn't found."""
MOST_DEPTH = 12
MOST_FILES = 500
"""Files of one model that is a folder; it has about ten."""
DATA = "data"
"""What a problem's data lie in; models there are training data unless there are no others."""

_LIMITS = Limits(members=2000, bytes=1024 * MEBIBYTE, directory_bytes=4 * MEBIBYTE, depth=10)
_NAMES = Names(refused=":", backslash_separates=True, legacy=True, unprintable=True, folders=True, is_noise=is_litter)


class Model(NamedTuple):
    """A model, or what is to become one: its path in the place, its bytes, and when it was changed last.

    `changed` is in nanoseconds since the epoch; of a folder, that of its newest file.
    """

    path: Path
    changed: int
    size: int


class Place(NamedTuple):
    """What lies in a folder. `only` is the only file there is, whatever it is called."""

    models: tuple[Model, ...] = ()
    unfinished: tuple[Model, ...] = ()
    unlisted: tuple[Path, ...] = ()
    only: Path | None = None


def _nothing(name: str) -> bool:
    return False


def place(
    folder: Path,
    *,
    skip: Callable[[str], bool] = _nothing,
    data: bool = True,
    most: int = MOST_ENTRIES,
    depth: int = MOST_DEPTH,
) -> Place:
    """Look through a folder, which may be a model itself; nothing inside a model is one.

    `skip` says which names don't count. `data`: whether models in folders of data do when there are no others.
    `depth`: how deep files count; folders that are models themselves may lie one deeper.
    Links to folders aren't followed. Never raises OSError: what can't be listed is in `unlisted`.
    """
    search = _Search(folder, skip, most, depth)
    search.through(deque([Path()]))
    if data and not search.models:
        search.through(search.data)
    return Place(
        tuple(sorted(search.models)),
        tuple(sorted(search.unfinished)),
        tuple(sorted(search.unlisted)),
        search.files[0] if len(search.files) == 1 else None,
    )


class _Search:
    def __init__(self, folder: Path, skip: Callable[[str], bool], most: int, depth: int) -> None:
        self._folder = folder
        self._skip = skip
        self._left = most
        self._depth = depth
        self.models: list[Model] = []
        self.unfinished: list[Model] = []
        self.unlisted: list[Path] = []
        self.files: list[Path] = []
        self.data: deque[Path] = deque()

    def through(self, waiting: deque[Path]) -> None:
        """Look into folders, nearest first."""
        while waiting and self._left > 0:
            inner = waiting.popleft()
            try:
                entries = list(self._entries(inner))
            except OSError:
                self.unlisted.append(inner)
                continue
            files = {entry.name for entry in entries if _is_file(entry)}
            if formats.of_names(files) is not None:
                self._add_folder(inner)
                continue
            for entry in entries if len(inner.parts) < self._depth else ():
                self._sort(entry, inner, waiting)

    def _entries(self, inner: Path) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self._folder / inner) as found:
            for entry in found:
                self._left -= bool(inner.parts)  # of the folder itself everything is looked at
                if self._left < 0:
                    return
                if not is_litter(entry.name) and not self._skip(entry.name):
                    yield entry

    def _sort(self, entry: os.DirEntry[str], inner: Path, waiting: deque[Path]) -> None:
        path = inner / entry.name
        if _is_folder(entry):
            if entry.is_symlink():
                if formats.is_model_folder(Path(entry.path)):
                    self._add_folder(path)
            elif name_of(entry.name).is_unfinished:  # Safari's
                self.unfinished.append(_model(entry, path))
            elif not entry.name.startswith("."):
                (self.data if entry.name == DATA else waiting).append(path)
            return
        if len(self.files) < 2:
            self.files.append(path)
        name = name_of(entry.name)
        if name.is_unfinished:
            self.unfinished.append(_model(entry, path))
        elif name.is_model or name.is_zip:
            model = _model(entry, path)
            if model.size and (name.is_model or _holds_model(entry.path, model.changed, model.size)):
                self.models.append(model)

    def _add_folder(self, inner: Path) -> None:
        """Add a model that is a folder, unless it has vanished or has more files than a model has."""
        latest = size = count = 0
        try:
            for parent, _, names in os.walk(self._folder / inner):
                for name in names:
                    status = Path(parent, name).stat()
                    latest, size = max(latest, status.st_mtime_ns), size + status.st_size
                count += len(names)
                if count > MOST_FILES:
                    return
        except OSError:
            return
        self.models.append(Model(inner, latest, size))


@lru_cache(maxsize=256)
def _holds_model(archive: str, changed: int, size: int) -> bool:
    """Whether an archive with another name holds a model; only its directory is read, once for each state of it."""
    try:
        with guarded(Path(archive), _LIMITS, _NAMES) as opened:
            members = [PurePosixPath(member) for member in opened.members]
    except (ArchiveError, OSError):
        return False
    if any(name_of(member.name).is_model for member in members):
        return True
    folders: dict[PurePosixPath, set[str]] = {}
    for member in members:
        folders.setdefault(member.parent, set()).add(member.name)
    return any(formats.of_names(names) is not None for names in folders.values())


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path, and what it lies in may be looked into."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _model(entry: os.DirEntry[str], path: Path) -> Model:
    """A file as a model; of size 0 when it is empty, has vanished, or leads nowhere."""
    try:
        status = entry.stat()
    except OSError:
        return Model(path, 0, 0)
    return Model(path, status.st_mtime_ns, status.st_size)
