"""The figures that a run has kept, read without trust: a project may come from somebody else's machine."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Collection
from pathlib import Path

import msgspec

from mockexam.plots.description import Description

MOST_SHOWN = 200
"""Figures of a folder that are looked at: more than a run of ours keeps."""
MOST_BYTES = 8 << 20
MOST_PIXELS = 40_000_000
MOST_WORDS = 256 << 10
MOST_KEPT = 200 << 20
"""Bytes of figures that all runs of a project keep; the oldest runs' give way."""

NAME = re.compile(r"\d{20}-\d+\.png")
LEFT_OUT = "left-out"
SUFFIX = ".plots"


class Figure(msgspec.Struct, frozen=True):
    """One figure: its picture, when it was written last, in nanoseconds, and how large it is, in pixels."""

    path: Path
    written: int
    size: tuple[int, int]


def folder_of(log: Path) -> Path:
    """The folder of a run's figures, which is made when there is one."""
    return log.with_suffix(SUFFIX)


def figures(folder: Path) -> list[Figure]:
    """The figures in a folder, the newest first. What isn't a PNG of a sensible size is passed over."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if NAME.fullmatch(entry.name)]
    except OSError:
        return []
    chosen = sorted(names, reverse=True)[:MOST_SHOWN]
    return [figure for name in chosen if (figure := _figure(folder / name)) is not None]


def left_out(folder: Path) -> int:
    """How many figures gave way to newer ones."""
    content = _content(folder / LEFT_OUT, 20)
    return int(content) if content is not None and content.isdigit() else 0


def description_of(figure: Figure) -> Description:
    """What a figure says of itself; nothing when that can't be read."""
    content = _content(figure.path.with_suffix(".json"), MOST_WORDS)
    try:
        return msgspec.json.decode(content, type=Description) if content else Description()
    except (msgspec.DecodeError, RecursionError):
        return Description()


def picture(path: Path) -> bytes | None:
    """The bytes of a picture; None when they can't be had, or are too many."""
    return _content(path, MOST_BYTES)


def size_of(head: bytes) -> tuple[int, int] | None:
    """The width and height that the first 24 bytes of a PNG state; None for another file, or too large a picture."""
    if not head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") or len(head) < 24:
        return None
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    return (width, height) if width and height and width * height <= MOST_PIXELS else None


def make_room(runs: Path, keep: Collection[Path], most: int = MOST_KEPT) -> int:
    """Remove the figures of the oldest runs until all keep at most `most` bytes; how many runs that were.

    `runs` is the folder of all runs' logs, `keep` the folders of figures that stay.
    """
    try:
        with os.scandir(runs) as entries:
            folders = [
                Path(one.path) for one in entries if one.name.endswith(SUFFIX) and one.is_dir(follow_symlinks=False)
            ]
        weights = {folder: _weight(folder) for folder in folders}
        ages = {folder: folder.stat().st_mtime_ns for folder in folders}
    except OSError:
        return 0
    removed, whole = 0, sum(weights.values())
    for folder in sorted(folders, key=ages.__getitem__):
        if whole > most and folder not in keep:
            shutil.rmtree(folder, ignore_errors=True)
            whole -= weights[folder]
            removed += 1
    return removed


def _weight(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)


def _figure(path: Path) -> Figure | None:
    content = _opened(path)
    if content is None:
        return None
    descriptor, status = content
    with os.fdopen(descriptor, "rb") as file:
        size = size_of(file.read(24)) if status.st_size <= MOST_BYTES else None
    return Figure(path, status.st_mtime_ns, size) if size is not None else None


def _content(path: Path, most: int) -> bytes | None:
    opened = _opened(path)
    if opened is None:
        return None
    with os.fdopen(opened[0], "rb") as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None


def _opened(path: Path) -> tuple[int, os.stat_result] | None:
    """A plain file open for reading: a link could lead out of the project, a pipe would wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    return None
