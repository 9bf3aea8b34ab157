"""What a user has chosen: a small JSON file, read in this one place for the screen and for grading.

A file that can't be understood is refused and never written over: it may ask for the full lock.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from graders.sentences import Sentence, Words, sentence
from mockexam.errors import RefusalError
from mockexam.files.writing import make_folder, write
from mockexam.workspace.fault import from_os

Isolation = Literal["best", "required"]
CHOICES = ("best", "required")
ISOLATION = "isolation"
KINDS: Mapping[str, type] = {
    ISOLATION: str,
    "language": str,
    "name": str,
    "pack": str,
    # Parts that stand before candidates' programs: on, unless switched off.
    "plots": bool,
    "rescue": bool,
    "screen_reader": bool,
    "theme": str,
}
LARGEST = 1 << 20
LIKE_ISOLATION = 0.8
SHOWN_KEYS = 5
ADVICE = sentence(
    "Correct the file, or move it away if it asks for nothing. Until then mockexam neither tests nor writes over it."
)


class SettingsError(RefusalError):
    """The settings can't be read, make no sense, or can't be kept."""


class Settings:
    """Named values in one file; a missing file counts as empty, and without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        """Read the file; raises SettingsError for one that can't be understood."""
        self.path = path
        self._values = _read(path) if path else {}
        self._unsaved: dict[str, Any] = {}
        self._saving = threading.Lock()

    @property
    def isolation(self) -> Isolation:
        """Whether models may be opened without the full lock."""
        return cast(Isolation, self._values.get(ISOLATION, "best"))

    @property
    def warnings(self) -> list[Sentence]:
        """What is odd in the file but does no harm."""
        unknown = sorted(self._values.keys() - KINDS.keys())
        if not unknown:
            return []
        names: Words = ", ".join(map(_shown, unknown[:SHOWN_KEYS]))
        if len(unknown) > SHOWN_KEYS:
            names = sentence("{names} and {count} more", names=names, count=len(unknown) - SHOWN_KEYS)
        return [
            sentence(
                "{path} has settings that mockexam doesn't know: {names}. It knows {known}.",
                path=self.path,
                names=names,
                known=", ".join(KINDS),
            )
        ]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default` when there is none or it is null."""
        value = self._values.get(key)
        return default if value is None else value

    def set(self, key: str, value: str | bool | None) -> None:
        """Use `value` from now on; `save` keeps it."""
        self._values[key] = self._unsaved[key] = value

    def save(self) -> None:
        """Put what was set into the file as it is now: whole, on disk on return, with everything else in it kept.

        Raises SettingsError for a file that can't be written, or can no longer be understood; it stays as it is.
        """
        with self._saving:
            unsaved = dict(self._unsaved)
            if self.path is None or not unsaved:
                return
            _write(self.path, _read(self.path) | unsaved)
            self._unsaved = {key: value for key, value in self._unsaved.items() if unsaved.get(key) != value}


def _read(path: Path) -> dict[str, Any]:
    content = _content(path)
    if content is None:
        return {}
    values = _parsed(path, content)
    if not isinstance(values, dict):
        raise _misread(path, sentence("{kind}, not an object", kind=_kind(values)))
    for key, value in values.items():
        if key not in KINDS and _like_isolation(key):
            expected = sentence('the key "{key}" in {path}', key=ISOLATION, path=path)
            found = sentence("{key}, which is much like it", key=_shown(key))
            raise SettingsError(expected, found, ADVICE, kind="usage")
        if key == ISOLATION and value not in CHOICES:
            one, other = CHOICES
            expected = sentence("{one} or {other} as {key}", one=one, other=other, key=key)
            raise SettingsError(expected, _found_in(path, value), ADVICE, kind="usage")
        if value is not None and not isinstance(value, KINDS.get(key, object)):
            raise SettingsError(_expected_as(key), _kind_in(path, value), ADVICE, kind="usage")
    return values


def _content(path: Path) -> bytes | None:
    """What the file holds; None when it isn't there. Doesn't wait for a pipe in its place."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                what = sentence("a folder") if stat.S_ISDIR(mode) else sentence("a pipe or a device")
                raise _misread(path, what)
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(LARGEST + 1)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise _misread(path, sentence("a link that leads nowhere")) from None
        return None
    except OSError as error:
        found: Words = {
            errno.EACCES: sentence("no permission to read it"),
            errno.EPERM: sentence("no permission to read it"),
            errno.ELOOP: sentence("a link that leads to itself"),
            errno.ENXIO: sentence("a socket or a device"),
        }.get(error.errno or 0, error.strerror or str(error))
        raise _misread(path, found) from error
    if len(content) > LARGEST:
        raise _misread(path, sentence("more than {size} MiB", size=LARGEST >> 20))
    return content


def _parsed(path: Path, content: bytes) -> object:
    if b"\0" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _misread(path, sentence("UTF-16, or not text at all"))
    if not content.strip():
        raise _misread(path, sentence("an empty file"))
    try:
        # Windows editors put a byte order mark in front of UTF-8; it changes nothing.
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"{error.object[error.start]:#x}"
        found = sentence("line {line}: the byte {byte}, which is no UTF-8", line=line, byte=byte)
        raise _misread(path, found) from None
    except json.JSONDecodeError as error:
        said = _said_of(error)
        found = sentence("line {line}, column {column}: {said}", line=error.lineno, column=error.colno, said=said)
        raise _misread(path, found) from None
    except RecursionError:
        raise _misread(path, sentence("brackets nested too deep")) from None
    except _NoJsonError as error:
        raise _misread(path, error.found) from None
    except ValueError as error:
        raise _misread(path, str(error)) from None


def _said_of(error: json.JSONDecodeError) -> Words:
    before = error.doc[: error.pos].rstrip()
    if before.endswith(",") and error.doc[error.pos : error.pos + 1] in ("}", "]"):
        return sentence("a comma after the last entry")
    return error.msg[:1].lower() + error.msg[1:]


class _NoJsonError(Exception):
    """Python's reader accepts it, but it isn't JSON."""

    def __init__(self, found: Sentence) -> None:
        super().__init__(found.english)
        self.found = found


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise _NoJsonError(sentence("the key {key} twice", key=_shown(key)))
        values[key] = value
    return values


def _no_constant(word: str) -> None:
    raise _NoJsonError(sentence("{word}, which is no JSON", word=word))


def _like_isolation(key: str) -> bool:
    import difflib

    letters = "".join(filter(str.isalnum, key.casefold()))
    return "isolat" in letters or difflib.SequenceMatcher(None, letters, ISOLATION).ratio() >= LIKE_ISOLATION


def _write(path: Path, values: Mapping[str, Any]) -> None:
    advice = sentence("Check that you may write there, and that the disk isn't full.")
    try:
        make_folder(path.parent, 0o700)
        write(path, (json.dumps(values, indent=2, sort_keys=True) + "\n").encode())
    except OSError as error:
        fault = from_os(error, path, sentence("to write {path}", path=path))
        raise SettingsError(fault.expected, fault.found, advice, kind="fault") from error


def _misread(path: Path, found: Words) -> SettingsError:
    expected = sentence('{path} to be a file of JSON in UTF-8, like {{"theme": "…"}}', path=path)
    return SettingsError(expected, found, ADVICE, kind="usage")


def _found_in(path: Path, value: object) -> Sentence:
    if isinstance(value, str):
        return sentence("{value} in {path}", value=_shown(value), path=path)
    return _kind_in(path, value)


def _kind_in(path: Path, value: object) -> Sentence:
    return sentence("{kind} in {path}", kind=_kind(value), path=path)


def _expected_as(key: str) -> Sentence:
    if KINDS[key] is bool:
        return sentence("true or false as {key}", key=key)
    return sentence("text in quotes as {key}", key=key)


def _kind(value: object) -> Words:
    names: dict[type, Words] = {
        dict: sentence("an object"),
        list: sentence("a list"),
        str: sentence("text"),
        bool: sentence("true or false"),
        type(None): "null",
    }
    return names.get(type(value), sentence("a number"))


def _shown(text: str) -> str:
    """`text` as in JSON and not too long, so that its characters can't control a terminal."""
    quoted = json.dumps(text, ensure_ascii=not text.isprintable())
    return quoted if len(quoted) <= 60 else f"{quoted[:59]}…"
