"""Keeps the files for editors, and the README, with the Python that was chosen for programs; what was edited stays."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mockexam.files.writing import Promise, make_folder, write
from mockexam.workspace.editors import Launch, editor_files
from mockexam.workspace.readme import python_lines

if TYPE_CHECKING:
    from mockexam.store.home import Home
    from mockexam.store.records import Attempt

README = "README.md"
RECORD = "editors.json"
LARGEST = 1 << 20
"""Bytes of a file that is read to see whether it is as it was written."""
MOST = 64
"""How many earlier contents of a file are remembered."""


class Record(msgspec.Struct, kw_only=True):
    """What was ever written into a project: digests by file, the README's lines, and the paths that were named.

    It is kept beside the ledger: a path is a matter of this machine.
    """

    digests: dict[str, list[str]] = {}
    lines: list[str] = []
    paths: list[str] = []


class Bridges:
    """The files of one project that lead other editors to the right Python."""

    def __init__(
        self,
        project: Path,
        record: Path,
        categories: Sequence[int],
        *,
        language: str,
        interpreter: str,
        home: Path | None,
    ) -> None:
        """`record` is the file that remembers; `interpreter` is mockexam's own Python, `home` its MOCKEXAM_HOME."""
        self._project = project
        self._file = record
        self._categories = categories
        self._language = language
        self._interpreter = interpreter
        self._home = home

    @classmethod
    def of(cls, attempt: Attempt, home: Home) -> Bridges:
        """Those of an attempt's project on this machine."""
        return cls(
            attempt.project,
            home.attempts / attempt.id / RECORD,
            sorted(attempt.problems),
            language=attempt.language,
            interpreter=sys.executable,
            home=home.folder,
        )

    def begin(self) -> None:
        """Note what a new project was written with, so that it is known from another installation too.

        Raises OSError; may be called again.
        """
        self._remember(self._read(), self._files(None), None)

    def follow(self, launch: Launch) -> list[str]:
        """Rewrite what is as it was written; returns the names of the files that were edited, which stay.

        A file that was deleted isn't made again. Raises OSError; may be called again after a kill.
        """
        files = self._files(launch)
        record, plain = self._read(), self._files(None)
        known = {name: self._digests(name, record, plain) for name in {*plain, *record.digests}}
        lines = [*record.lines, self._lines(None)]
        self._remember(record, files, launch)
        edited = []
        for name, text in files.items():
            path = self._project / name
            if not os.path.lexists(path):
                if name not in known:
                    self._write(path, text.encode())
            elif (content := _content(path)) is None or _digest(content) not in known.get(name, ()):
                edited += [name] if content != text.encode() else []
            elif content != text.encode():
                self._write(path, text.encode())
        self._rewrite_readme(lines, self._lines(launch))
        return edited

    def plain(self) -> dict[str, bytes | None]:
        """The files that don't travel as they are → what goes in their place, None for nothing.

        No chosen Python is named in them, nor anything else that this machine alone has.
        """
        record, plain = self._read(), self._files(None)
        if not record.digests:
            return {}
        found: dict[str, bytes | None] = {}
        for name in sorted({*plain, *record.digests}):
            content = _content(self._project / name)
            if content is not None:
                untouched = _digest(content) in self._digests(name, record, plain)
                begun = plain[name].encode() if name in plain else None
                found[name] = begun if untouched else self._without_paths(content, record)
        if (content := _content(self._project / README)) is not None:
            own = self._lines(None).encode()
            for lines in record.lines:
                content = content.replace(lines.encode(), own)
            found[README] = self._without_paths(content, record)
        return found

    def _files(self, launch: Launch | None) -> dict[str, str]:
        return editor_files(self._categories, self._interpreter, self._home, launch)

    def _lines(self, launch: Launch | None) -> str:
        return python_lines(self._language, self._interpreter, launch)

    def _digests(self, name: str, record: Record, plain: dict[str, str]) -> set[str]:
        """The digests that a file has when nobody has edited it."""
        begun = {_digest(plain[name].encode())} if name in plain else set()
        return begun | set(record.digests.get(name, ()))

    def _rewrite_readme(self, old: Iterable[str], new: str) -> None:
        path = self._project / README
        content = _content(path)
        if content is None:
            return
        changed = content
        for lines in old:
            if lines != new:
                changed = changed.replace(lines.encode(), new.encode())
        if changed != content:
            self._write(path, changed)

    def _without_paths(self, content: bytes, record: Record) -> bytes:
        """The content with mockexam's own Python in place of others; of paths that begin alike the longer is meant."""
        places = sorted(record.paths, key=len, reverse=True)
        if not places:
            return content
        return re.sub("|".join(map(re.escape, places)).encode(), lambda _: self._interpreter.encode(), content)

    def _read(self) -> Record:
        with suppress(OSError, msgspec.MsgspecError, RecursionError):
            return msgspec.json.decode(self._file.read_bytes(), type=Record)
        return Record()

    def _remember(self, record: Record, files: dict[str, str], launch: Launch | None) -> None:
        """Note what is about to be written, so that a file is recognised even if this process is killed."""
        before = msgspec.json.encode(record)
        for name, text in files.items():
            _add(record.digests.setdefault(name, []), _digest(text.encode()))
        _add(record.lines, self._lines(launch))
        for path in _paths(launch) if launch is not None else ():
            if path != self._interpreter:
                _add(record.paths, path)
        if (content := msgspec.json.encode(record)) != before:
            make_folder(self._file.parent, 0o700)
            write(self._file, content, Promise(mode=0o600))

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        write(path, content, Promise(lasting=False, mode=0o666, follow_links=False))


def _paths(launch: Launch) -> Iterator[str]:
    """Where the chosen Python lies, in all ways in which the files say it."""
    yield from (launch.executable, *launch.first)
    for variables in launch.variables.values():
        yield from (variables[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if name in variables)


def _content(path: Path) -> bytes | None:
    """What is in a plain file of usual size; None for anything else."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            return path.read_bytes()
    return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _add(remembered: list[str], one: str) -> None:
    """Put it last; what is too long ago is forgotten."""
    if one in remembered:
        remembered.remove(one)
    remembered.append(one)
    del remembered[:-MOST]
