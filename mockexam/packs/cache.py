"""What was read from each pack folder, kept until one of the files that were read changes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

import mockexam
from mockexam.files.writing import WHOLE, write
from mockexam.packs.format.reading import Examined, examine

Stamp = tuple[tuple[str, int, int], ...]


class _Remembered(msgspec.Struct, frozen=True):
    stamp: Stamp
    examined: Examined


class _Memories(msgspec.Struct):
    version: str
    packs: dict[str, _Remembered]


def stamp(root: Path) -> Stamp:
    """Name, modification time and size of all in `root`, its problem folders, and their data and hidden folders."""
    seen: list[tuple[str, int, int]] = []
    _look(str(root), "", 0, seen)
    return tuple(sorted(seen))


def _look(folder: str, name: str, depth: int, seen: list[tuple[str, int, int]]) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name[0] in "._":
                    continue
                status, known_as = entry.stat(), f"{name}/{entry.name}"
                seen.append((known_as, status.st_mtime_ns, status.st_size))
                if depth < 1 and entry.is_dir():
                    _look(entry.path, known_as, depth + 1, seen)
    except OSError:
        return


class Memory:
    """Remembers in one file; a file that is damaged or of another version counts as missing."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = False
        self._asked: dict[str, _Remembered] = {}
        self._known: dict[str, _Remembered] = {}

    def __enter__(self) -> Memory:
        with contextlib.suppress(OSError, msgspec.MsgspecError, RecursionError):
            known = msgspec.msgpack.decode(self._file.read_bytes(), type=_Memories, dec_hook=_decoded)
            if known.version == mockexam.__version__:
                self._known = known.packs
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and (self._changed or self._asked.keys() != self._known.keys()):
            # A path whose bytes aren't text in this locale can't be written, nor a fault's number beyond 64 bits; then
            # nothing is remembered.
            with contextlib.suppress(OSError, UnicodeEncodeError, OverflowError):
                self._save()

    def examined(self, root: Path) -> Examined:
        """What is in `root`, from memory when nothing there has changed."""
        now, remembered = stamp(root), self._known.get(str(root))
        if remembered is None or remembered.stamp != now:
            remembered = _Remembered(now, examine(root))
            self._changed = True
        self._asked[str(root)] = remembered
        return remembered.examined

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        memories = _Memories(mockexam.__version__, self._asked)
        write(self._file, msgspec.msgpack.encode(memories, enc_hook=str), WHOLE)


def _decoded(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)
