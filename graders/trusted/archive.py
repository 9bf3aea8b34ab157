"""Unpack a candidate's zip archive on the trusted side, within limits, or say why not."""

from __future__ import annotations

import errno
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from graders.contract import MEBIBYTE
from graders.formats import FOLDER_MARKS, MODEL_SUFFIXES
from graders.trusted.refused import Refused, refuse

MOST_MEMBERS = 2000
MOST_DIRECTORY_BYTES = 4 * MEBIBYTE
MOST_UNPACKED_BYTES = 1024 * MEBIBYTE
MOST_DEPTH = 10
BLOCK = MEBIBYTE

_END = struct.Struct("<4s4H2LH")  # end of central directory record, APPNOTE.TXT 4.3.16
_END_64 = struct.Struct("<4sQ2H2L4Q")  # the 64-bit one, 4.3.14
_END_64_SIGNATURE = b"PK\x06\x06"
_END_SIGNATURE, _LOCATOR_SIGNATURE, _LOCATOR_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
_LONGEST_COMMENT = 1 << 16
_ENCRYPTED = 0x1
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
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
# A seek to before the file's start, or names that this file system can't keep apart: the archive's fault, not ours.
_FAULTS_OF_NAMES_AND_PLACES = (
    errno.EINVAL, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ,
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f:]")
_ONLY_SUFFIXES = MODEL_SUFFIXES | {""}
_NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__", ".gitkeep")


class Content(NamedTuple):
    """What an archive held: the folder it was unpacked to, and its only file if that may be a model by itself."""

    root: Path
    single: str | None


def unpack(source: Path, into: Path, name: str) -> Content:
    """Unpack the archive `source` into the new folder `into`.

    Raises Refused when it is damaged, too large, or holds names that could leave the folder.
    """
    try:
        with source.open("rb") as file:
            _check_end_record(file, name)
            with zipfile.ZipFile(file) as opened:
                members = _check_members(opened.infolist(), name)
                into.mkdir(mode=0o755)
                _extract(opened, members, into)
    except _DAMAGE as error:
        raise _damaged(name, str(error)) from None
    except OSError as error:
        if error.errno not in _FAULTS_OF_NAMES_AND_PLACES:
            raise
        raise _damaged(name, error.strerror or "") from None
    files = [PurePosixPath(path) for path in members]
    return Content(into, _single(files))


def _single(files: list[PurePosixPath]) -> str | None:
    """The only file that is called as models are, or the only file at all if it has no suffix; none of a folder's."""
    if any(file.name in FOLDER_MARKS for file in files):
        return None
    models = [file for file in files if file.suffix.lower() in (MODEL_SUFFIXES if len(files) > 1 else _ONLY_SUFFIXES)]
    return str(models[0]) if len(models) == 1 else None


def is_noise(name: str) -> bool:
    """Whether a file or folder is what desktops and notebooks add to archives and folders."""
    return name in _NOISE or name.startswith("._")


def _check_end_record(file: BinaryIO, name: str) -> None:
    """Check the size of the archive's directory before zipfile reads all of it into memory.

    The record is looked for exactly as zipfile does, or a second one could hide behind it. Some programs write the
    64-bit variant, whose numbers count instead, although the archive is small.
    """
    size = file.seek(0, 2)
    start = max(0, size - _LONGEST_COMMENT - _END.size - _LOCATOR_BYTES - _END_64.size)
    file.seek(start)
    tail = file.read()
    place = len(tail) - _END.size
    if place < 0 or tail[place : place + 4] != _END_SIGNATURE or tail[-2:] != b"\0\0":
        place = tail.rfind(_END_SIGNATURE, max(0, len(tail) - _LONGEST_COMMENT - _END.size))
    if place < 0 or len(tail) - place < _END.size:
        raise refuse("format", "truncated", "a complete archive", f"{name} has no archive directory at its end",
            "The file was cut short while saving, copying or downloading. Save or copy it again.")  # fmt: skip
    _, _, _, _, members, directory, _, _ = _END.unpack_from(tail, place)
    place_64 = place - _LOCATOR_BYTES - _END_64.size
    if place_64 >= 0 and tail[place - _LOCATOR_BYTES : place].startswith(_LOCATOR_SIGNATURE):
        signature, _, _, _, _, _, _, found, found_bytes, _ = _END_64.unpack_from(tail, place_64)
        if signature == _END_64_SIGNATURE:
            members, directory = max(found, members % 0xFFFF), max(found_bytes, directory % 0xFFFFFFFF)
    if members > MOST_MEMBERS or directory > MOST_DIRECTORY_BYTES:
        raise _too_many(name, f"{members:,}")


def _check_members(infos: list[zipfile.ZipInfo], name: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members to unpack by their path; desktops' additions are left out."""
    if len(infos) > MOST_MEMBERS:
        raise _too_many(name, f"{len(infos):,}")
    members: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    for info in infos:
        path = info.filename.replace("\\", "/").removesuffix("/")  # Windows PowerShell writes its own separators
        parts = path.split("/")
        fault = _fault(info, path, parts)
        if fault:
            raise refuse("format", "archive-unsafe", "an archive with plain files only", f"{name}: {fault}",
                "Save the model again with model.save, or zip its folder with the system's zip program.")  # fmt: skip
        if any(is_noise(part) for part in parts):
            continue
        parents = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        if path in members or parents & members.keys() or (not info.is_dir() and path in folders):
            raise refuse("format", "archive-unsafe", "an archive with each file once", f"{name}: {path[:80]!r} twice",
                "Save the model again with model.save.")  # fmt: skip
        folders |= parents
        if info.is_dir():
            folders.add(path)
        else:
            members[path] = info
    total = sum(info.file_size for info in members.values())
    if total > MOST_UNPACKED_BYTES:
        raise _bomb(name, f"{total / MEBIBYTE:,.0f} MiB")
    return members


def _fault(info: zipfile.ZipInfo, path: str, parts: list[str]) -> str | None:
    """Say what is wrong with a member, or None."""
    mode = info.external_attr >> 16
    if not path or path.startswith("/") or _CONTROL.search(path) or any(part in ("", ".", "..") for part in parts):
        return f"member {path[:80]!r} has a path that leaves the archive"
    if len(parts) > MOST_DEPTH or any(len(part.encode("utf-8", "replace")) > 255 for part in parts):
        return f"member {path[:80]!r} has a path too long"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"member {path[:80]!r} is a link or a device"
    if info.flag_bits & _ENCRYPTED:
        return f"member {path[:80]!r} is encrypted"
    if info.compress_type not in _COMPRESSIONS:
        return f"member {path[:80]!r} is compressed in an unusual way (type {info.compress_type})"
    return None


def _extract(opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], into: Path) -> None:
    """Write the members, counting what really comes out rather than what the directory says."""
    left = MOST_UNPACKED_BYTES
    for path, info in members.items():
        target = into / path
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with opened.open(info) as packed, target.open("xb") as output:
            while block := packed.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise _bomb(path, "more than it declares")
                output.write(block)
        target.chmod(0o444)


def _too_many(name: str, found: str) -> Refused:
    return refuse("size", "too-many-files", f"at most {MOST_MEMBERS} files in an archive", f"{name} holds {found}",
        "Put only the model into the archive, not the project or its data.")  # fmt: skip


def _bomb(name: str, found: str) -> Refused:
    return refuse("size", "unpacks-too-big", f"at most {MOST_UNPACKED_BYTES // MEBIBYTE} MiB when unpacked",
        f"{name} unpacks to {found}", "Save a smaller model, with fewer or smaller layers.")  # fmt: skip


def _damaged(name: str, detail: str) -> Refused:
    return refuse("format", "damaged", "an archive that can be unpacked", f"{name} is damaged ({detail[:120]})",
        "The file was cut short or changed on its way. Save or copy it again.")  # fmt: skip
