"""Bring a candidate's model into a private folder: copied, hashed, recognised by content, unpacked within limits.

Runs on the trusted side, so it follows no link, waits for no pipe, and never parses HDF5 or protocol buffers: of a
file's content it reads the first bytes, and of a zip archive the directory.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from graders import formats
from graders.contract import MEBIBYTE, Contract
from graders.formats import Format
from graders.recognition.choice import choice, without_twins
from graders.recognition.names import name_of
from graders.recognition.places import place
from graders.sentences import Sentence, sentence, sentences
from graders.trusted import archive, foreign_formats
from graders.trusted.refused import Refused, refuse

__all__ = ["Refused", "Staged", "stage"]

BLOCK = MEBIBYTE
MOST_FILES = archive.MOST_MEMBERS
MOST_DEPTH = 10
ACCEPTED = sentence("a model saved by Keras: {any}, or a zip of one of these", any=formats.ANY)

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_READ_FILE = _READ | os.O_NONBLOCK  # a pipe would otherwise wait for a writer


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """A private, read-only copy of a model.

    `path` is a file for h5, a folder for keras (its archive unpacked) and savedmodel. `bytes` and `sha256` are those of
    what was handed in; for a folder, the sum of its files and the hash of the sorted lines
    "relative path NUL size NUL sha256". `others` are paths of models beside it, which were left.
    """

    kind: Format
    path: Path
    bytes: int
    sha256: str
    others: tuple[str, ...] = ()


def stage(source: Path, into: Path, contract: Contract, *, within: str = "") -> Staged:
    """Copy the model at `source` into the empty private folder `into` and say what it is.

    `within` names the folder of a project whose model is meant. Raises Refused with the first link that broke: file,
    size or format.
    """
    status = _status(source)
    if name_of(source.name).is_unfinished:
        raise foreign_formats.refusal_of_unfinished(source.name)
    if stat.S_ISDIR(status.st_mode):
        folder = into / "folder"
        size, digest = _copy_folder(source, folder, contract.max_bytes)
        found = _kind_of_folder(folder, into, source.name, within)
    else:
        path = into / "file"
        size, digest = _copy_named(source, path, contract.max_bytes)
        found = _kind_of_file(path, into, source.name, within)
    _require_allowed(found.kind, contract)
    return Staged(kind=found.kind, path=found.path, bytes=size, sha256=digest, others=found.others)


def _status(source: Path) -> os.stat_result:
    try:
        status = source.lstat()
    except FileNotFoundError:
        raise refuse(
            "file",
            "missing",
            ACCEPTED,
            sentence("no file named {file}", file=source.name),
            sentence("Run the script to its end so that it saves the model, then submit again."),
        ) from None
    except (OSError, ValueError) as error:
        raise _unreadable(source.name, error) from None
    _require_plain(source.name, status.st_mode)
    return status


def _require_plain(name: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise _link(name)
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise _special(name, mode)


def _copy_named(source: Path, target: Path, limit: int) -> tuple[int, str]:
    try:
        handle = os.open(source, _READ_FILE)
    except OSError as error:
        raise _unreadable(source.name, error) from None
    try:
        return _copy(handle, target, limit, source.name)
    finally:
        os.close(handle)


def _copy(handle: int, target: Path, limit: int, name: str) -> tuple[int, str]:
    """Copy an open file, hashing on the way. The size is checked before the first byte is read."""
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        raise _special(name, before.st_mode)
    if before.st_size > limit:
        raise _too_big(sentence("{file} has {size} MiB", file=name, size=_mebibytes(before.st_size)), limit)
    if before.st_size == 0:
        raise refuse(
            "file",
            "empty",
            ACCEPTED,
            sentence("{file} is empty (0 bytes)", file=name),
            sentence("The save was cut short or the disk is full. Save the model again."),
        )
    digest, copied = hashlib.sha256(), 0
    with target.open("xb") as output:
        for block in _blocks(handle, name):
            copied += len(block)
            if copied > before.st_size:
                break
            digest.update(block)
            output.write(block)
        os.utime(output.fileno(), ns=(before.st_mtime_ns, before.st_mtime_ns))
        os.fchmod(output.fileno(), 0o444)
    after = os.fstat(handle)
    if copied != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise refuse(
            "file",
            "changing",
            sentence("a finished file"),
            sentence("{file} changed while it was being copied", file=name),
            sentence("Wait until the script has saved the model, then submit again."),
        )
    return copied, digest.hexdigest()


def _blocks(handle: int, name: str) -> Iterator[bytes]:
    try:
        while block := os.read(handle, BLOCK):
            yield block
    except OSError as error:
        raise _unreadable(name, error) from None


def _copy_folder(source: Path, target: Path, limit: int) -> tuple[int, str]:
    try:
        handle = os.open(source, _READ | os.O_DIRECTORY)
    except OSError as error:
        raise _unreadable(source.name, error) from None
    try:
        lines: dict[str, tuple[int, str]] = {}
        _copy_tree(handle, target, "", limit, lines)
    finally:
        os.close(handle)
    digest = hashlib.sha256()
    for name in sorted(lines):
        size, content = lines[name]
        digest.update(f"{name}\0{size}\0{content}\n".encode("utf-8", "surrogateescape"))
    return sum(size for size, _ in lines.values()), digest.hexdigest()


def _copy_tree(handle: int, target: Path, inner: str, limit: int, lines: dict[str, tuple[int, str]]) -> None:
    """Copy an open folder by descriptors, so that no name is looked up twice on the way down."""
    if inner.count("/") >= MOST_DEPTH:
        raise refuse(
            "size",
            "too-deep",
            sentences(
                "a model folder at most {count} level deep",
                "a model folder at most {count} levels deep",
                count=MOST_DEPTH,
            ),
            sentence("{folder} lies deeper", folder=inner),
            sentence("Hand in the folder that model.export or tf.saved_model.save wrote, and nothing around it."),
        )
    target.mkdir(mode=0o755)
    with os.scandir(handle) as entries:
        names = sorted(entry.name for _, entry in zip(range(MOST_FILES + 1), entries, strict=False))
    if len(lines) + len(names) > MOST_FILES:
        raise refuse(
            "size",
            "too-many-files",
            sentences("at most {count} file", "at most {count} files", count=MOST_FILES),
            sentences("more than {count} file", "more than {count} files", count=MOST_FILES),
            sentence("Hand in the model's own folder only, not the one that it lies in."),
        )
    for name in names:
        path = inner + name
        try:
            _require_plain(path, os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)
            child = os.open(name, _READ_FILE, dir_fd=handle)
        except OSError as error:
            raise _unreadable(path, error) from None
        try:
            _copy_entry(child, target / name, path, limit, lines)
        finally:
            os.close(child)


def _copy_entry(child: int, target: Path, path: str, limit: int, lines: dict[str, tuple[int, str]]) -> None:
    status = os.fstat(child)
    if stat.S_ISDIR(status.st_mode):
        _copy_tree(child, target, f"{path}/", limit, lines)
    elif stat.S_ISREG(status.st_mode) and status.st_size == 0:
        target.touch(0o444)  # `fingerprint.pb` and assets may be empty
        lines[path] = (0, hashlib.sha256().hexdigest())
    else:
        used = sum(size for size, _ in lines.values())
        if used + status.st_size > limit:
            raise _too_big(sentence("the folder has {size} MiB", size=_mebibytes(used + status.st_size)), limit)
        lines[path] = _copy(child, target, limit - used, path)


class _Found(NamedTuple):
    """A model's format and place, and the paths of others that lay beside it and were left."""

    kind: Format
    path: Path
    others: tuple[str, ...] = ()


def _kind_of_file(path: Path, into: Path, name: str, within: str, *, nested: bool = False) -> _Found:
    """Say what a copied file is by its content; unpacks an archive and looks inside it, once."""
    for each in formats.FORMATS:
        if _has_signature(path, each):
            return _Found(each.name, path.rename(path.with_name(f"model{each.suffixes[0]}")))
    if not foreign_formats.is_zip(path):
        raise foreign_formats.refusal_of_file(path, name)
    if nested:
        raise refuse(
            "format",
            "nested-archive",
            ACCEPTED,
            sentence("{file} holds an archive that is not a .keras file", file=name),
            sentence("Put the model itself into the zip, or submit it without one."),
        )
    folder = into / "unpacked"
    _unpack(path, folder, name)
    path.unlink()
    return _kind_of_folder(folder, into, name, within, archived=True)


def _unpack(path: Path, folder: Path, name: str) -> None:
    try:
        archive.unpack(path, folder, name)
    except Refused:
        if foreign_formats.was_text(path):
            raise foreign_formats.refusal_as_text(name) from None
        raise


def _kind_of_folder(folder: Path, into: Path, name: str, within: str, *, archived: bool = False) -> _Found:
    """Say which part of a copied or unpacked folder is the model, and what it is."""
    contents = place(folder)
    selected = without_twins(choice(contents, within=within), folder)
    chosen = selected.chosen
    if chosen is None and archived and contents.only is not None and _may_be_model(contents.only.name):
        chosen = contents.only
    if chosen is None or selected.unfinished is not None:
        raise foreign_formats.refusal_of_folder(folder, name, selected.others, selected.unfinished)
    if selected.rivals:
        raise foreign_formats.refusal_of_rivals(name, chosen, selected.rivals)
    others = tuple(str(model) for model in selected.others)
    inner = folder / chosen
    kind = formats.of_folder(inner) if inner.is_dir() else None
    if kind is not None:
        return _Found(kind.name, inner, others)
    if not foreign_formats.is_zip(inner):
        return _kind_of_file(inner, into, chosen.name, within, nested=True)._replace(others=others)
    unpacked = into / "inner"
    _unpack(inner, unpacked, chosen.name)
    kind = formats.of_folder(unpacked)
    if kind is None or not kind.suffixes:
        return _kind_of_file(inner, into, name, within, nested=True)
    return _Found(kind.name, unpacked, others)


def _may_be_model(name: str) -> bool:
    """Whether the only file of an archive is looked into: called as a model, or without a suffix that says else."""
    return name_of(name).may_be_model or not Path(name).suffix


def _has_signature(path: Path, kind: formats.ModelFormat) -> bool:
    """Whether a file starts as the format does, at 0 or behind a user block: 512, 1024, 2048, … as HDF5 allows.

    In an archive, what lies there may be a member's beginning.
    """
    if not kind.signature or foreign_formats.is_zip(path):
        return False
    size, offset = path.stat().st_size, 0
    with path.open("rb") as file:
        while offset + len(kind.signature) <= size:
            file.seek(offset)
            if file.read(len(kind.signature)) == kind.signature:
                return True
            if not kind.user_block:
                break
            offset = max(512, offset * 2)
    return False


def _require_allowed(kind: Format, contract: Contract) -> None:
    if kind in contract.formats:
        return
    allowed = [formats.BY_NAME[each] for each in contract.formats]
    titles = formats.listed([each.title for each in allowed])
    raise refuse(
        "format",
        "format-not-allowed",
        sentence("a model in the format {format}", format=titles),
        sentence("a model in the format {format}", format=formats.BY_NAME[kind].title),
        sentence("Save it with {statement}.", statement=allowed[0].statement) if allowed else "",
    )


def _too_big(found: Sentence, limit: int) -> Refused:
    return refuse(
        "size",
        "too-big",
        sentence("at most {size} MiB", size=_mebibytes(limit)),
        found,
        sentence(
            "Use fewer or smaller layers (Flatten before a large Dense layer is the usual cause), "
            "or save without the optimizer: model.save(..., include_optimizer=False)."
        ),
    )


def _mebibytes(size: int) -> str:
    return f"{size / MEBIBYTE:,.1f}"


def _link(name: str) -> Refused:
    return refuse(
        "file",
        "link",
        sentence("a file or folder of its own"),
        sentence("{file} is a symbolic link", file=name),
        sentence("Copy the model to this place instead of linking to it."),
    )


def _special(name: str, mode: int) -> Refused:
    kind = next((kind for test, kind in _SPECIAL if test(mode)), _NEITHER)
    return refuse(
        "file",
        "not-a-file",
        sentence("a file or folder"),
        sentence("{file} is {kind}", file=name, kind=kind),
        sentence("Save the model with model.save to an ordinary path."),
    )


_NEITHER = sentence("something that is neither file nor folder")
_SPECIAL = (
    (stat.S_ISFIFO, sentence("a named pipe")),
    (stat.S_ISSOCK, sentence("a socket")),
    (stat.S_ISCHR, sentence("a device")),
    (stat.S_ISBLK, sentence("a device")),
    (stat.S_ISDIR, sentence("a folder")),
)


def _unreadable(name: str, error: OSError | ValueError) -> Refused:
    why = error.strerror if isinstance(error, OSError) else None
    return refuse(
        "file",
        "unreadable",
        sentence("a file that can be read"),
        f"{name}: {why.lower()}" if why else sentence("{file}: not a usable path", file=name),
        sentence("Check that the file is there and that you may read it (ls -l), then submit again."),
    )
