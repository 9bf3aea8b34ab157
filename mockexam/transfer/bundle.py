"""The file that an attempt travels in: a zip with a signed list of what is in it, read without trusting it."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

import mockexam
from graders.archives import Archive, ArchiveError, Limits, Names, Rule, guarded, name_fault
from graders.sentences import Sentence, Words, sentence
from graders.texts import one_line
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
MOST_DIRECTORY_BYTES = 128 << 20
MOST_DEPTH = 2_048
"""Depth of nested folders: as deep as a path can go."""
NAMES = Names(refused="", spelling_matters=True)
"""Every name that a project's own file system allows; a label lists each file with its hash."""


class BundleError(RefusalError):
    """A file isn't an exported attempt, or isn't one to be trusted."""


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
    """A bundle being written: files are added, then it is sealed; until `publish` it has another name."""

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
        """Add the signed label and sync everything to disk."""
        content = msgspec.Raw(encode(label))
        self._archive.writestr(_info(LABEL), signing.signed(PURPOSE, content, key_file))
        self._archive.close()
        self._draft.seal()

    def publish(self) -> None:
        """Give it its name."""
        self._draft.publish()

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError, ValueError):  # closing writes a directory, for which a full disk has no space
            self._archive.close()
        self._draft.discard()


class Bundle:
    """An open bundle whose label was verified and whose names are safe; contents are verified as they are read."""

    def __init__(self, name: str, label: Label, digest: str, key: str, archive: Archive) -> None:
        self.name = name
        self.label = label
        self.digest = digest
        self.key = key
        self._archive = archive
        self.bytes = archive.bytes

    def below(self, folder: str) -> list[str]:
        """The names in a folder, without it, sorted."""
        return sorted(name.removeprefix(f"{folder}/") for name in self.label.members if name.startswith(f"{folder}/"))

    def unpack(self, folder: str, into: Path) -> None:
        """Write the files of a folder below `into`, a private folder. Raises BundleError, and OSError for the disk."""
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
        digest = hashlib.sha256()
        with target.open("xb") as output:
            for block in self._blocks(name):
                digest.update(block)
                output.write(block)
        if digest.hexdigest() != self.label.members[name]:
            raise _damaged(self.name, sentence("{file}, which is not what the list says", file=repr(name)))

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            yield from self._archive.blocks(name)
        except (ArchiveError, OSError) as error:
            found = error.found if isinstance(error, ArchiveError) else str(error)
            held = sentence("{file}, which can't be unpacked: {error}", file=repr(name), error=found)
            raise _damaged(self.name, held) from None


@contextmanager
def opened(file: Path) -> Iterator[Bundle]:
    """The bundle in `file`; raises BundleError or SignatureError when it isn't one, or is unsafe."""
    if not file.is_file():
        found = sentence("something that isn't a file") if file.exists() else sentence("nothing there")
        expected = sentence("an exported attempt in {file}", file=file)
        raise BundleError(expected, found, sentence("Name the file."), kind="nothing")
    with _guarded(file) as archive:
        content, key = signing.verified(PURPOSE, _label_bytes(archive, file.name), file.name)
        label = _label(content, file.name)
        if archive.members.keys() - {LABEL} != label.members.keys():
            raise _damaged(file.name, sentence("other files than its list says"))
        yield Bundle(file.name, label, hashlib.sha256(content).hexdigest(), key, archive)


@contextmanager
def _guarded(file: Path) -> Iterator[Archive]:
    limits = Limits(MOST_FILES, MOST_BYTES + MOST_LABEL, MOST_DIRECTORY_BYTES, MOST_DEPTH)
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(guarded(file, limits, NAMES))
        except ArchiveError as error:
            raise _refusal(error, file.name) from None
        except OSError as error:
            raise _no_bundle(file.name, str(error)) from None
        yield archive


def _refusal(error: ArchiveError, name: str) -> BundleError:
    if error.rule in ("members", "bytes"):
        return BundleError(
            sentence("at most {count} files of {size} GB in all", count=MOST_FILES, size=MOST_BYTES >> 30),
            sentence("more in {name}", name=name),
            sentence("Don't use this file."),
        )
    held = _unsafe_member(error.rule, name, ascii(error.member[:80]))
    if held is None:
        return _no_bundle(name, error.found)
    return BundleError(
        sentence("an exported attempt of plain files"),
        held,
        sentence("Don't use this file: `mockexam export-attempt` writes none like it."),
    )


def _unsafe_member(rule: Rule, name: str, file: str) -> Sentence | None:
    """What is unsafe about a file in the bundle; None where the rule is about the whole."""
    unusual = sentence("{name} has {file}, packed in an unusual way", name=name, file=file)
    found: dict[Rule, Sentence] = {
        "name": sentence("{name} has {file}, a name that leads elsewhere", name=name, file=file),
        "long": sentence("{name} has {file}, a name that is too long", name=name, file=file),
        "special": sentence("{name} has {file}, a link or a device", name=name, file=file),
        "encrypted": unusual,
        "compression": unusual,
        "twice": sentence("{name} has {file}, twice", name=name, file=file),
        "clash": sentence("{name} has {file}, as a file and as a folder", name=name, file=file),
    }
    return found.get(rule)


def safe_name(name: str) -> bool:
    """Whether a member may have the name: a plain relative path that stays below where it is unpacked."""
    return name_fault(name, NAMES, MOST_DEPTH) is None


def _label_bytes(archive: Archive, name: str) -> bytes:
    try:
        return archive.read(LABEL, MOST_LABEL)
    except ArchiveError as error:
        raise _no_bundle(name, error.found or sentence("a list that is too long")) from None
    except OSError as error:
        raise _no_bundle(name, str(error)) from None


def _label(content: bytes, name: str) -> Label:
    said = msgspec.json.decode(content)
    if isinstance(said, Mapping) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
        raise BundleError(
            sentence("an attempt of format {format}", format=FORMAT),
            sentence("format {format} in {name}", format=said["format"], name=name),
            sentence("Update mockexam: it is newer."),
        )
    try:
        label: Label = decode(content, Label)
    except (msgspec.MsgspecError, RecursionError) as error:
        made_by = said.get("made_by") if isinstance(said, Mapping) else None
        if isinstance(made_by, str) and made_by != mockexam.__version__:
            raise _of_another_version(name, made_by, str(error)) from None
        raise _no_bundle(name, str(error)) from None
    return label


def _of_another_version(name: str, made_by: str, found: str) -> BundleError:
    return BundleError(
        sentence("an attempt that mockexam {version} can read", version=mockexam.__version__),
        sentence("{name}, written by mockexam {maker}: {found}", name=name, maker=one_line(made_by, 40), found=found),
        sentence("Update mockexam here to that version, or a newer one."),
    )


def too_much() -> BundleError:
    """The refusal of a project that is too large to travel."""
    return BundleError(
        sentence("a project and models of at most {size} GB", size=MOST_BYTES >> 30),
        sentence("more"),
        sentence("Move large files that you don't need out of the project folder."),
    )


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _no_bundle(name: str, found: Words) -> BundleError:
    return BundleError(
        sentence("a file that `mockexam export-attempt` wrote"),
        sentence("{name}: {found}", name=name, found=found),
        sentence("Copy it again, or name the right file."),
    )


def _damaged(name: str, found: Words) -> BundleError:
    return BundleError(
        sentence("an exported attempt as it was written"),
        sentence("{name} with {found}", name=name, found=found),
        sentence("Copy the file again."),
    )
