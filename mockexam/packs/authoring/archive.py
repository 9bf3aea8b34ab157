"""A pack as one file: the same bytes for the same pack on every machine, and unpacked without trust."""

from __future__ import annotations

import errno
import json
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import msgspec

import mockexam
from mockexam.errors import RefusalError
from mockexam.files.writing import AtomicFile, Promise
from mockexam.packs.data.preparation import prepare
from mockexam.packs.format.digest import content_files, pack_digest
from mockexam.packs.format.model import Identifier, Pack, Problem, fill
from mockexam.packs.workers.client import Progress

LABEL = "mockexam-pack.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can state
MOST_MEMBERS = 50_000
MOST_BYTES = 2 << 30
MOST_RATIO = 200  # of a member's size to its compressed size, beyond a megabyte
BLOCK = 1 << 20
MOST_DEPTH = 20  # of folders in folders
MOST_NAME = 255  # bytes, what file systems can write
# What zipfile raises for archives that were cut, changed or made up.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError, OSError)
_UNSAFE = re.compile(r'[\x00-\x1f\\:*?"<>|]')


class Label(msgspec.Struct, frozen=True):
    """What an archive says of itself: `digest` is that of the pack it was built from."""

    id: Identifier
    version: str
    kind: str  # "full" for the grader, "public" for candidates
    digest: str
    built_with: str


def build(pack: Pack, target: Path) -> Label:
    """Write everything in the pack, solutions and hidden sets included, to the archive `target`."""
    label = _label(pack, "full")
    _write(target, label, ((f"{pack.id}/{name}", path) for name, path in content_files(pack.root)))
    return label


def build_public(pack: Pack, target: Path, *, seed: int, cache: Path, progress: Progress) -> Label:
    """Write what candidates may have of every problem: statement, starter and data, as `seed` draws them."""
    label = _label(pack, "public")
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        root = Path(scratch)
        for number, problem in enumerate(pack.problems):
            share = len(pack.problems)

            def report(fraction: float, detail: str, number: int = number, share: int = share) -> None:
                progress((number + fraction) / share, detail)

            _write_public(problem, root / f"Category{problem.category}-{problem.id}", seed, cache, report)
        _write(target, label, ((f"{pack.id}/{name}", path) for name, path in content_files(root)))
    return label


def read_label(archive: Path) -> Label:
    """What the archive says of itself; RefusalError when it is no archive of a pack."""
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(LABEL) as member:
            return msgspec.json.decode(member.read(1 << 16), type=Label)
    except (KeyError, msgspec.MsgspecError, *DAMAGED) as error:
        advice = "Give the file that `mockexam pack build` wrote, or the pack's folder."
        raise RefusalError("an archive of a pack", f"{archive.name}: {error}", advice) from None


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a full archive below the empty folder `into` and return the pack's folder.

    Raises RefusalError for anything but plain files at safe paths, for what is too big, and when the content isn't
    what the label says.
    """
    label = read_label(archive)
    if label.kind != "full":
        advice = "Ask for the full archive; candidates unpack this one and work in it."
        raise RefusalError("a full archive", f"{archive.name} is for candidates: it has no hidden sets", advice)
    root = into / label.id
    with zipfile.ZipFile(archive) as opened:
        members = _checked(opened, archive.name)
        for name in members:
            if name != LABEL and not name.startswith(f"{label.id}/"):
                raise _unsafe(archive.name, f"{name!r} outside {label.id}/")
        _extract(opened, members, into, archive.name)
    if not root.is_dir() or (found := pack_digest(root)) != label.digest:
        advice = "It was damaged or changed on its way: copy it again."
        found = found[:12] if root.is_dir() else "no files"
        raise RefusalError(f"content with the digest {label.digest[:12]}…", f"{found}…", advice)
    return root


def _label(pack: Pack, kind: str) -> Label:
    return Label(pack.id, pack.version, kind, pack.digest, mockexam.__version__)


def _write_public(problem: Problem, folder: Path, seed: int, cache: Path, progress: Progress) -> None:
    values = prepare(problem, seed=seed, public=folder / "data", cache=cache, progress=progress).values
    for language in problem.languages:
        suffix = "" if language == problem.languages[0] else f".{language}"
        (folder / f"PROBLEM{suffix}.md").write_text(fill(problem.statement(language), values), "utf-8")
    (folder / "starter.py").write_text(fill(problem.starter, values), "utf-8")


def _write(target: Path, label: Label, files: Iterable[tuple[str, Path]]) -> None:
    """Write the archive whole or not at all; times, owners and order say nothing of the machine."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        AtomicFile(target, Promise(mode=0o666)) as draft,
        zipfile.ZipFile(draft.file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
    ):
        archive.writestr(_member(LABEL), json.dumps(msgspec.to_builtins(label), indent=2) + "\n")
        for name, path in sorted(files):
            content = path.read_bytes()
            archive.writestr(_member(name, stored=_suspicious(content)), content)


def _suspicious(content: bytes) -> bool:
    """Whether it shrinks so much that `unpack` would take it for a bomb; then it is better not compressed."""
    return len(content) > BLOCK and len(content) > MOST_RATIO / 4 * len(zlib.compress(content, 1))


def _member(name: str, *, stored: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _checked(opened: zipfile.ZipFile, archive: str) -> dict[str, zipfile.ZipInfo]:
    """The archive's files by name, none of which leaves its folder; RefusalError for the first that would."""
    infos = opened.infolist()
    if len(infos) > MOST_MEMBERS:
        raise RefusalError(f"at most {MOST_MEMBERS} files", f"{len(infos)} in {archive}", "Pack the data into fewer.")
    members: dict[str, zipfile.ZipInfo] = {}
    lowered: set[str] = set()
    for info in infos:
        name = info.filename
        if (fault := _fault(info)) is not None:
            raise _unsafe(archive, f"{name[:80]!r}, {fault}")
        if name.lower() in lowered:
            raise _unsafe(archive, f"{name[:80]!r} twice")
        lowered.add(name.lower())
        members[name] = info
    folders = {str(folder).lower() for name in members for folder in PurePosixPath(name).parents}
    if both := folders & lowered:
        raise _unsafe(archive, f"{min(both)[:80]!r} as a file and as a folder")
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise RefusalError(f"at most {MOST_BYTES >> 20} MiB unpacked", f"more in {archive}", "Subsample the data.")
    return members


def _fault(info: zipfile.ZipInfo) -> str | None:
    name, mode = info.filename, info.external_attr >> 16
    path = PurePosixPath(name)
    if not name or name.startswith("/") or _UNSAFE.search(name) or str(path) != name or ".." in path.parts:
        return "a path that leaves the archive"
    if len(path.parts) > MOST_DEPTH or any(len(part.encode(errors="replace")) > MOST_NAME for part in path.parts):
        return "a path too long to write"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or a device"
    if info.flag_bits & 1:
        return "encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in an unusual way"
    if info.file_size > BLOCK and info.file_size > MOST_RATIO * max(1, info.compress_size):
        return "far bigger than it is in the archive"
    return None


def _extract(opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], into: Path, archive: str) -> None:
    left = MOST_BYTES  # counts what comes out: what the directory says may be a lie
    for name, info in members.items():
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with opened.open(info) as packed, target.open("xb") as output:
                while block := packed.read(BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise _unsafe(archive, f"{name!r}, bigger than it says")
                    output.write(block)
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            advice = "It was damaged on its way: copy it again."
            raise RefusalError("an archive that can be unpacked", f"{archive}: {error}", advice) from None


def _unsafe(archive: str, found: str) -> RefusalError:
    advice = "Don't use this archive; ask its author to build it with `mockexam pack build`."
    return RefusalError("an archive of plain files", f"{archive} has {found}", advice)
