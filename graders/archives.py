"""The guard against zip archives that others made: nothing but plain files comes out, each once, within limits.

The safety rules hold for every archive. How much may come out, and which odd names are acceptable, are arguments.
Structures and fields are those of PKWARE's APPNOTE.TXT.
"""

from __future__ import annotations

import calendar
import errno
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Literal

from graders.sentences import Words, sentence

BLOCK = 1 << 20
MOST_NAME = 255
"""Bytes between two slashes: the longest that file systems can write."""
SMALL = 1 << 20
"""Bytes up to which any compression ratio is accepted."""

Rule = Literal[
    "truncated",  # no directory at the end
    "damaged",  # anything that zipfile can't read, or that contradicts itself
    "overlap",  # members that share bytes, as in bombs
    "missing",  # a member that was asked for
    "members",  # more files than the limit, or a directory larger than its limit
    "bytes",  # more bytes than the limit, unpacked
    "ratio",  # one member unpacks to far more than it takes
    "name",  # a path that leads elsewhere, or is not the same on every machine
    "long",  # a path too long to write
    "special",  # a link, a device, or a folder with content
    "encrypted",
    "compression",  # a method other than stored and deflated
    "twice",
    "clash",  # a file where another member needs a folder
]

_END = struct.Struct("<4s4H2LH")  # end of central directory record, 4.3.16
_END_64 = struct.Struct("<4sQ2H2L4Q")  # the 64-bit one, 4.3.14
_HEADER = struct.Struct("<4s5H3L2H")  # local file header, 4.3.7
_HEADER_SIGNATURE, _END_SIGNATURE, _END_64_SIGNATURE = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06"
_LOCATOR_SIGNATURE, _LOCATOR_BYTES = b"PK\x06\x07", 20
_LONGEST_COMMENT = 1 << 16
_ENCRYPTED, _PATCH, _STRONGLY_ENCRYPTED, _UTF_8, _MASKED = 0x1, 0x20, 0x40, 0x800, 0x2000  # general purpose bits, 4.4.4
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LEGACY_ENCODINGS = ("utf-8", "cp932", "cp949", "big5", "gb18030")
"""Of names in archives that don't say which, as tried: of Japan, Korea, Taiwan and Hong Kong, China."""
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
)
OVERLAP = sentence("Overlapped entries (possible zip bomb)")
# A seek to before the file's start, or names that this file system can't keep apart: the archive's fault, not ours.
_FAULTS_OF_NAMES_AND_PLACES = (
    errno.EINVAL, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ,
)  # fmt: skip


class ArchiveError(Exception):
    """An archive breaks `rule`, in `member` if one is at fault; `found` says how, `amount` is what a limit excludes."""

    def __init__(self, rule: Rule, member: str = "", found: Words = "", amount: int = 0) -> None:
        super().__init__(f"{rule}: {member!a} {found}")
        self.rule = rule
        self.member = member
        self.found = found
        self.amount = amount


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold. `ratio`: unpacked to packed size of a member, checked above `SMALL`."""

    members: int
    bytes: int
    directory_bytes: int
    depth: int
    ratio: int | None = None


@dataclass(frozen=True)
class Names:
    """Which odd names are let through; by default, none that would mean something else on another machine.

    `refused`: characters that no name may have.
    `backslash_separates`: folders may be separated by backslashes, as old Windows programs do.
    `legacy`: letters beyond ASCII may be in another encoding than UTF-8: the first of `LEGACY_ENCODINGS` that they are
    valid in, else code page 437.
    `unprintable`: invisible characters are let through; control characters never are.
    `spelling_matters`: names may differ only in case or in the form of their accents.
    `folders`: folders may be members themselves.
    `is_noise`: parts of a path whose members are checked and then left out.
    """

    refused: str = ':*?"<>|\\'
    backslash_separates: bool = False
    legacy: bool = False
    unprintable: bool = False
    spelling_matters: bool = False
    folders: bool = False
    is_noise: Callable[[str], bool] = lambda part: False


class Archive:
    """An open archive whose directory breaks no rule; its content is checked while it is read.

    `members` are its files in their order, by path. `bytes` is their unpacked size, of those left out too.
    """

    def __init__(self, opened: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._opened = opened
        self.members = members
        self.bytes = sum(info.file_size for info in opened.infolist())

    def blocks(self, path: str) -> Iterator[bytes]:
        """The content of a file, checked for the length and checksum in the directory. Raises ArchiveError, OSError."""
        if path not in self.members:
            raise ArchiveError(
                "missing", path, sentence("There is no item named {name} in the archive", name=repr(path))
            )
        info = self.members[path]
        left = info.file_size
        with _as_archive_error(path):
            packed = self._opened.open(info)
        with packed:
            while block := _block(packed, path):
                left -= len(block)
                yield block
        if left:
            raise ArchiveError("damaged", path, sentence("another size than its directory says"))

    def read(self, path: str, most: int) -> bytes:
        """The content of a file of at most `most` bytes. Raises ArchiveError, OSError."""
        if path in self.members and self.members[path].file_size > most:
            raise ArchiveError("bytes", path, amount=self.members[path].file_size)
        return b"".join(self.blocks(path))

    def unpack(self, into: Path, mode: int | None = None, *, dated: bool = False) -> None:
        """Write all files below the folder `into`, which only we can reach. Raises ArchiveError, OSError.

        `dated`: the files get the times that the archive tells, to two seconds, as if they were in UTC.
        """
        for path in self.members:
            target = into / path
            with _as_archive_error(path):
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                output = target.open("xb")
            with output:
                for block in self.blocks(path):
                    output.write(block)
            if dated:
                os.utime(target, (0, _seconds(self.members[path])))
            if mode is not None:
                target.chmod(mode)


@contextmanager
def guarded(file: Path, limits: Limits, names: Names) -> Iterator[Archive]:
    """Open an archive; raises ArchiveError for the first rule that it breaks, OSError when it can't be read."""
    with file.open("rb") as reading:
        _check_end(reading, limits)
        with _as_archive_error():
            opened = zipfile.ZipFile(reading)
        with opened:
            infos = opened.infolist()
            members = _members(infos, limits, names)
            with _as_archive_error():
                _check_layout(reading, infos, opened.start_dir)
            yield Archive(opened, members)


def name_fault(name: str, names: Names, depth: int) -> Literal["name", "long"] | None:
    """The rule that a member's name breaks, or None."""
    if names.backslash_separates:
        name = name.replace("\\", "/")
    path = name.removesuffix("/")
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or _DRIVE.match(path) or (path != name and not names.folders):
        return "name"
    if any(letter in names.refused or unicodedata.category(letter) == "Cc" for letter in path):
        return "name"
    if not names.unprintable and not path.isprintable():
        return "name"
    if len(parts) > depth or any(len(part.encode("utf-8", "replace")) > MOST_NAME for part in parts):
        return "long"
    return None


@contextmanager
def _as_archive_error(path: str = "") -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError("damaged", path, str(error)) from None
    except OSError as error:
        if error.errno not in _FAULTS_OF_NAMES_AND_PLACES:
            raise
        raise ArchiveError("damaged", path, error.strerror or "") from None


def _block(packed: IO[bytes], path: str) -> bytes:
    with _as_archive_error(path):
        return packed.read(BLOCK)


def _check_end(file: BinaryIO, limits: Limits) -> None:
    """Check the size of the archive's directory before zipfile reads all of it into memory.

    The record is looked for exactly as zipfile does, or a second one could hide behind it. Some programs write the
    64-bit variant even for small archives; then its numbers count instead.
    """
    size = file.seek(0, 2)
    start = max(0, size - _LONGEST_COMMENT - _END.size - _LOCATOR_BYTES - _END_64.size)
    file.seek(start)
    tail = file.read()
    place = len(tail) - _END.size
    if place < 0 or tail[place : place + 4] != _END_SIGNATURE or tail[-2:] != b"\0\0":
        place = tail.rfind(_END_SIGNATURE, max(0, len(tail) - _LONGEST_COMMENT - _END.size))
    if place < 0 or len(tail) - place < _END.size:
        raise ArchiveError("truncated", found=sentence("File is not a zip file"))
    _, _, _, _, members, directory, _, _ = _END.unpack_from(tail, place)
    place_64 = place - _LOCATOR_BYTES - _END_64.size
    if place_64 >= 0 and tail[place - _LOCATOR_BYTES : place].startswith(_LOCATOR_SIGNATURE):
        signature, _, _, _, _, _, _, found, found_bytes, _ = _END_64.unpack_from(tail, place_64)
        if signature == _END_64_SIGNATURE:
            members, directory = max(found, members % 0xFFFF), max(found_bytes, directory % 0xFFFFFFFF)
    if members > limits.members:
        raise ArchiveError("members", amount=members)
    if directory > limits.directory_bytes:
        given, most = f"{directory / BLOCK:,.0f}", f"{limits.directory_bytes / BLOCK:,.0f}"
        too_large = sentence("a directory of {size} MiB, where {most} are allowed", size=given, most=most)
        raise ArchiveError("damaged", found=too_large)


def _members(infos: list[zipfile.ZipInfo], limits: Limits, names: Names) -> dict[str, zipfile.ZipInfo]:
    """The files to unpack by their path; raises ArchiveError for the first that breaks a rule."""
    if len(infos) > limits.members:
        raise ArchiveError("members", amount=len(infos))
    members: dict[str, zipfile.ZipInfo] = {}
    files: dict[str, str] = {}
    folders: set[str] = set()
    for info in infos:
        name = _spelled(info, names)
        path = name.removesuffix("/")
        is_folder = path != name or (names.folders and stat.S_ISDIR(info.external_attr >> 16))
        if rule := _fault(name, info, is_folder, limits, names):
            raise ArchiveError(rule, path)
        parts = path.split("/")
        if any(names.is_noise(part) for part in parts):
            continue
        spelling = path if names.spelling_matters else _folded(path)
        folders.update(_parents(spelling))
        if is_folder:
            folders.add(spelling)
        elif spelling in files:
            raise ArchiveError("twice", path)
        else:
            files[spelling], members[path] = path, info
    if both := folders & files.keys():
        raise ArchiveError("clash", files[min(both)])
    if (total := sum(info.file_size for info in members.values())) > limits.bytes:
        raise ArchiveError("bytes", amount=total)
    return members


def _spelled(info: zipfile.ZipInfo, names: Names) -> str:
    """A member's name, separated by slashes.

    Bytes that don't say what they are may be letters of East Asia, of which a backslash can be the second half.
    """
    name = info.orig_filename
    if names.legacy and not info.flag_bits & _UTF_8 and not name.isascii():
        for encoding in LEGACY_ENCODINGS:
            with suppress(UnicodeDecodeError):
                name = name.encode("cp437").decode(encoding)
                break
    return name.replace("\\", "/") if names.backslash_separates else name


def _fault(name: str, info: zipfile.ZipInfo, is_folder: bool, limits: Limits, names: Names) -> Rule | None:
    """The rule that a member breaks by its name and what the directory says of it, or None."""
    if rule := name_fault(name, names, limits.depth):
        return rule
    if not names.legacy and not info.flag_bits & _UTF_8 and not info.orig_filename.isascii():
        return "name"
    allowed = (0, stat.S_IFREG, stat.S_IFDIR) if is_folder else (0, stat.S_IFREG)
    if stat.S_IFMT(info.external_attr >> 16) not in allowed or (is_folder and info.file_size):
        return "special"
    if info.flag_bits & (_ENCRYPTED | _STRONGLY_ENCRYPTED | _MASKED):
        return "encrypted"
    if info.compress_type not in _COMPRESSIONS or info.flag_bits & _PATCH:
        return "compression"
    if limits.ratio is not None and info.file_size > max(SMALL, limits.ratio * max(1, info.compress_size)):
        return "ratio"
    return None


def _folded(path: str) -> str:
    """A path as file systems see it that ignore case and the form of accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _seconds(info: zipfile.ZipInfo) -> int:
    """When a member was changed, in seconds since 1970; 0 where the archive tells a time that isn't one."""
    try:
        return calendar.timegm(datetime(*info.date_time).timetuple())
    except ValueError:
        return 0


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _check_layout(file: BinaryIO, infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Check that the members lie one after another before the directory, each with a header that agrees with it."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        file.seek(info.header_offset)
        signature, _, flags, method, _, _, _, _, _, name, extra = _HEADER.unpack(file.read(_HEADER.size))
        if signature != _HEADER_SIGNATURE:
            raise ArchiveError("damaged", info.orig_filename, sentence("Bad magic number for file header"))
        encoding = "utf-8" if info.flag_bits & _UTF_8 else "cp437"
        same = method == info.compress_type and not (flags ^ info.flag_bits) & (_ENCRYPTED | _STRONGLY_ENCRYPTED)
        if not same or file.read(name) != info.orig_filename.encode(encoding):
            raise ArchiveError("damaged", info.orig_filename, sentence("a directory and a header that differ"))
        if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
            raise ArchiveError("damaged", info.orig_filename, sentence("a stored file of two sizes"))
        if info.header_offset < end:
            raise ArchiveError("overlap", info.orig_filename, OVERLAP)
        end = info.header_offset + _HEADER.size + name + extra + info.compress_size
    if end > directory:
        raise ArchiveError("overlap", found=OVERLAP)
