"""Text files that other programs may edit too: saved whole, line ends and encodings kept, outside changes noticed."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import re
import stat
import time
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graders.sentences import Words, sentence
from mockexam.files.writing import write
from mockexam.workspace.fault import OutsideChangeError, WorkspaceError, from_os

LineEnd = Literal["\n", "\r\n", "\r"]
DiskState = Literal["same", "changed", "gone"]

# A file written this recently may be written again without its time stamp moving on.
RACY_NS = 2_000_000_000
LINE_END = re.compile(r"\r\n|\r|\n")
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")


@dataclass(frozen=True)
class _Seen:
    """What the disk held when it was last looked at: identity, digest and when that was (time_ns)."""

    identity: tuple[int, int, int, int]
    digest: bytes
    at: int

    @property
    def racy(self) -> bool:
        return self.at - self.identity[0] < RACY_NS


class OpenFile:
    """A text file opened in an editor.

    In memory its lines always end in "\\n"; on disk it keeps the line end, encoding and byte-order mark it had.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = "utf-8"
        self.bom = False
        self.newline: LineEnd = "\n"
        self._seen: _Seen | None = None

    def load(self) -> str:
        """The text on disk; from now on outside changes are measured against it. Raises WorkspaceError."""
        data, seen = self._read()
        encoding, bom = self._encoding_of(data)
        try:
            text = data[len(codecs.BOM_UTF8) :].decode(encoding) if bom else data.decode(encoding)
        except UnicodeError as error:
            found: Words = str(error)  # some codecs don't say where
            if isinstance(error, UnicodeDecodeError):
                byte = f"0x{data[error.start]:02x}"
                found = sentence("byte {byte} at offset {offset}", byte=byte, offset=error.start)
            raise WorkspaceError(
                sentence("{encoding} text in {path}", encoding=encoding, path=self.path),
                found,
                sentence(
                    "Convert the file to UTF-8, or name its encoding in its first line: # -*- coding: latin-1 -*-"
                ),
            ) from error
        if "\0" in text:
            raise WorkspaceError(
                sentence("text in {path}", path=self.path),
                sentence("binary data"),
                sentence("Open it with a program made for its format."),
            )
        self.encoding, self.bom, self.newline, self._seen = encoding, bom, _dominant(text), seen
        return LINE_END.sub("\n", text)

    def save(self, text: str, *, overwrite: bool = False) -> None:
        """Write `text` whole or not at all.

        Raises OutsideChangeError when another program changed the file since it was loaded or saved, unless
        `overwrite`; WorkspaceError when the text doesn't fit the encoding or the disk refuses.
        """
        if not overwrite and self.changed_outside():
            raise OutsideChangeError(
                sentence("{file} as it was when it was opened", file=self.path.name),
                sentence("that another program changed it"),
                sentence("Reload it, or keep your text and write over the other."),
            )
        text = LINE_END.sub("\n", text)
        encoding = self._encoding_to_write(text)
        data = self._encoded(text, encoding)
        try:
            write(self.path, data)
            status = self.path.stat()
        except OSError as error:
            raise from_os(error, self.path, sentence("to write {path}", path=self.path)) from error
        self.encoding = encoding
        self._seen = _Seen(_identity(status), hashlib.sha256(data).digest(), time.time_ns())

    def changed_outside(self) -> bool:
        """Whether the disk holds something other than what was last loaded or saved. Cheap: one stat in most cases."""
        return self.disk_state() == "changed"

    def disk_state(self) -> DiskState:
        """The state of the file: same, changed by another program, or gone."""
        try:
            identity = _identity(self.path.stat())
        except OSError:
            return "gone"
        if self._seen is None:
            return "changed"
        if identity == self._seen.identity and not self._seen.racy:
            return "same"
        try:
            _, seen = self._read()
        except WorkspaceError:
            return "gone"
        if seen.digest != self._seen.digest:
            return "changed"
        self._seen = seen
        return "same"

    def _read(self) -> tuple[bytes, _Seen]:
        at = time.time_ns()
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise WorkspaceError(
                    sentence("a file at {path}", path=self.path),
                    sentence("something else"),
                    sentence("Choose a text file."),
                )
            with self.path.open("rb") as file:
                identity = _identity(os.fstat(file.fileno()))
                data = file.read()
        except OSError as error:
            raise from_os(error, self.path, sentence("to read {path}", path=self.path)) from error
        return data, _Seen(identity, hashlib.sha256(data).digest(), at)

    def _encoding_of(self, data: bytes) -> tuple[str, bool]:
        """The encoding, by PEP 263 for Python and UTF-8 for the rest; and whether a byte-order mark comes first."""
        bom = data.startswith(codecs.BOM_UTF8)
        if self.path.suffix not in (".py", ".pyw") or bom:
            return "utf-8", bom
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
            "".encode(encoding)  # Python knows codecs, such as rot13, that are none of texts
        except (SyntaxError, LookupError, UnicodeError):
            return "utf-8", False
        return encoding, False

    def _encoding_to_write(self, text: str) -> str:
        """The encoding that the text itself names, since Python will read it by that; else the one the file had."""
        if self.bom or self.path.suffix not in (".py", ".pyw"):
            return self.encoding
        head = "\n".join(text.split("\n", 2)[:2]).encode("utf-8", "replace")
        if not any(COOKIE.match(line) for line in head.split(b"\n")):
            return "utf-8"
        return self._encoding_of(head + b"\n")[0]

    def _encoded(self, text: str, encoding: str) -> bytes:
        try:
            data = text.replace("\n", self.newline).encode(encoding)
        except UnicodeError as error:
            lacking = text[error.start : error.start + 1] if isinstance(error, UnicodeEncodeError) else text[:20]
            raise WorkspaceError(
                sentence("text that {encoding} can hold in {file}", encoding=encoding, file=self.path.name),
                repr(lacking),
                sentence("Remove that character, or change the coding comment in the first line to utf-8."),
            ) from error
        return codecs.BOM_UTF8 + data if self.bom else data


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


def _dominant(text: str) -> LineEnd:
    """The commonest line end, "\\n" when there is none or on a tie."""
    crlf = text.count("\r\n")
    counts: dict[LineEnd, int] = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return max(counts, key=lambda end: counts[end])
