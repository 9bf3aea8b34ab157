"""The file that an attempt travels in: a zip with a signed list of what is in it, read without trust."""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from mockexam.errors import RefusalError
from mockexam.files.writing import AtomicFile, Promise
from mockexam.store.records import Submission
from mockexam.store.sidecar import AttemptRecord, decode, encode
from mockexam.transfer import signing

FORMAT = 1
PURPOSE = "attempt"
LABEL = "mockexam-attempt.json"
MOST_LABEL = 64 << 20
MOST_FILES = 200_000
MOST_BYTES = 8 << 30
BLOCK = 1 << 20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
    KeyError, OverflowError,
)  # fmt: skip
"""What zipfile raises for files that are no zip, or were damaged."""


class BundleError(RefusalError):
    """A file is no exported attempt, or not one to be trusted."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says of itself; `members` maps every other file in it to its SHA-256.

    `interpreter` and `home` are the Python and the MOCKEXAM_HOME that the project's editor files name; `left_out` are
    the project's files that can't travel.
    """

    format: int
    made_by: str
    exported_at: datetime
    interpreter: str
    home: str = ""
    kept: AttemptRecord
    submissions: tuple[Submission, ...]
    members: dict[str, str]
    left_out: tuple[str, ...] = ()


class Writing:
    """A bundle on its way: files are added, then it is sealed; until `publish` it has another name."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.members: dict[str, str] = {}
        self.bytes = 0
        self._draft = AtomicFile(target, Promise(mode=0o666, follow_links=False))
        self.draft = self._draft.draft
        self._archive = zipfile.ZipFile(self._draft.file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, name: str, reading: IO[bytes]) -> None:
        """Copy an open file into it, as it is while it is read."""
        digest = hashlib.sha256()
        with self._archive.open(_info(name), "w", force_zip64=True) as writing:
            while block := reading.read(BLOCK):
                self.bytes += len(block)
                if self.bytes > MOST_BYTES:
                    raise too_much()
                digest.update(block)
                writing.write(block)
        self.members[name] = digest.hexdigest()

    def seal(self, label: Label, key_file: Path) -> None:
        """Add the signed label and put everything on the disk."""
        content = msgspec.Raw(encode(label))
        self._archive.writestr(_info(LABEL), signing.signed(PURPOSE, content, key_file))
        self._archive.close()
        self._draft.seal()

    def publish(self) -> None:
        """Give it its name."""
        self._draft.publish()

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError, ValueError):  # closing writes a directory, for which a full disk has no room
            self._archive.close()
        self._draft.discard()


class Bundle:
    """An open bundle whose label was verified and whose names are safe; contents are verified as they are read."""

    def __init__(self, name: str, label: Label, digest: str, key: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.label = label
        self.digest = digest
        self.key = key
        self._archive = archive
        self.bytes = sum(info.file_size for info in archive.infolist())

    def below(self, folder: str) -> list[str]:
        """The names in a folder, without it, sorted."""
        return sorted(name.removeprefix(f"{folder}/") for name in self.label.members if name.startswith(f"{folder}/"))

    def unpack(self, folder: str, into: Path) -> None:
        """Write the files of a folder below `into`, which is ours alone. Raises BundleError, OSError for the disk."""
        for name in self.below(folder):
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(f"{folder}/{name}", target)

    def snapshot(self, sha256: str, copy: Path) -> None:
        """Write a submitted model, a file or a folder, to `copy`."""
        name = f"snapshots/{sha256}"
        if name in self.label.members:
            self._write(name, copy)
        else:
            self.unpack(name, copy)

    def _write(self, name: str, target: Path) -> None:
        left, digest = self._archive.getinfo(name).file_size, hashlib.sha256()
        with target.open("xb") as output:
            for block in self._blocks(name):
                left -= len(block)
                digest.update(block)
                if left < 0:
                    break
                output.write(block)
        if left or digest.hexdigest() != self.label.members[name]:
            raise _damaged(self.name, f"{name!r} that is not what the list says")

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(name) as packed:
                while block := packed.read(BLOCK):
                    yield block
        except _BROKEN as error:
            raise _damaged(self.name, f"{name!r} that can't be unpacked: {error}") from None


@contextmanager
def opened(file: Path) -> Iterator[Bundle]:
    """The bundle in `file`; raises BundleError or SignatureError when it is none, or unsafe."""
    if not file.is_file():
        found = "something that is no file" if file.exists() else "nothing there"
        raise BundleError(f"an exported attempt in {file}", found, "Name the file.", kind="nothing")
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise _no_parcel(file.name, str(error)) from None
    with archive:
        infos = _checked(archive, file.name)
        content, key = signing.verified(PURPOSE, _label_bytes(archive, file.name), file.name)
        label = _label(content, file.name)
        if infos != set(label.members):
            raise _damaged(file.name, "other files than its list says")
        yield Bundle(file.name, label, hashlib.sha256(content).hexdigest(), key, archive)


def _checked(archive: zipfile.ZipFile, name: str) -> set[str]:
    """The names of all files but the label; BundleError for the first that could do harm."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES + MOST_LABEL:
        raise BundleError(
            f"at most {MOST_FILES} files of {MOST_BYTES >> 30} GB in all", f"more in {name}", "Don't use this file."
        )
    names: set[str] = set()
    for info in infos:
        if (fault := _fault(info)) or info.filename in names:
            raise BundleError(
                "an exported attempt of plain files",
                f"{name} has {info.filename[:80]!a}, {fault or 'twice'}",
                "Don't use this file: `mockexam export-attempt` writes none like it.",
            )
        names.add(info.filename)
    return names - {LABEL}


def _fault(info: zipfile.ZipInfo) -> str:
    if not safe_name(info.filename):
        return "a name that leads elsewhere"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "a link or a device"
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way"
    return ""


def safe_name(name: str) -> bool:
    """Whether a member's name is a plain relative path that stays below where it is unpacked."""
    path = PurePosixPath(name)
    return bool(name) and name.isprintable() and str(path) == name and not path.is_absolute() and ".." not in path.parts


def _label_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(LABEL) as member:
            content = member.read(MOST_LABEL + 1)
    except _BROKEN as error:
        raise _no_parcel(name, str(error)) from None
    if len(content) > MOST_LABEL:
        raise _no_parcel(name, "a list that is too long")
    return content


def _label(content: bytes, name: str) -> Label:
    said = msgspec.json.decode(content)
    if isinstance(said, Mapping) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
        raise BundleError(
            f"an attempt of format {FORMAT}", f"format {said['format']} in {name}", "Update mockexam: it is newer."
        )
    try:
        label: Label = decode(content, Label)
    except msgspec.MsgspecError as error:
        raise _no_parcel(name, str(error)) from None
    return label


def too_much() -> BundleError:
    """The refusal of a project that is too large to travel."""
    return BundleError(
        f"a project and models of at most {MOST_BYTES >> 30} GB",
        "more",
        "Move large files that you don't need out of the project folder.",
    )


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _no_parcel(name: str, found: str) -> BundleError:
    return BundleError(
        "a file that `mockexam export-attempt` wrote", f"{name}: {found}", "Copy it again, or name the right file."
    )


def _damaged(name: str, found: str) -> BundleError:
    return BundleError("an exported attempt as it was written", f"{name} with {found}", "Copy the file again.")
