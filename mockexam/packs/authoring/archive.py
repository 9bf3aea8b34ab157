"""A pack as one file: the same bytes for the same pack on every machine, and unpacked without trust."""

from __future__ import annotations

import errno
import json
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

import mockexam
from graders.archives import SMALL, Archive, ArchiveError, Limits, Names, Rule, guarded
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
MOST_DIRECTORY_BYTES = 32 << 20
MOST_LABEL = 1 << 16
MOST_DEPTH = 20  # of folders in folders
NAMES = Names(unprintable=True)
FAULTS: dict[Rule, str] = {
    "name": ", a path that leaves the archive",
    "long": ", a path too long to write",
    "special": ", a link or a device",
    "encrypted": ", encrypted",
    "compression": ", compressed in an unusual way",
    "ratio": ", far bigger than it is in the archive",
    "twice": " twice",
    "clash": " as a file and as a folder",
}


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
    """What the archive says of itself; RefusalError when it is no archive of a pack, or not a safe one."""
    with _opened(archive) as opened:
        return _label_in(opened, archive)


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a full archive below the empty folder `into` and return the pack's folder.

    Raises RefusalError for anything but plain files at safe paths, for what is too big, and when the content isn't
    what the label says.
    """
    with _opened(archive) as opened:
        label = _label_in(opened, archive)
        if label.kind != "full":
            advice = "Ask for the full archive; candidates unpack this one and work in it."
            raise RefusalError("a full archive", f"{archive.name} is for candidates: it has no hidden sets", advice)
        for name in opened.members:
            if name != LABEL and not name.startswith(f"{label.id}/"):
                raise _unsafe(archive.name, f"{name!r} outside {label.id}/")
        _extract(opened, into, archive.name)
    root = into / label.id
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
    return len(content) > SMALL and len(content) > MOST_RATIO / 4 * len(zlib.compress(content, 1))


def _member(name: str, *, stored: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


@contextmanager
def _opened(archive: Path) -> Iterator[Archive]:
    limits = Limits(MOST_MEMBERS, MOST_BYTES, MOST_DIRECTORY_BYTES, MOST_DEPTH, MOST_RATIO)
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(guarded(archive, limits, NAMES))
        except ArchiveError as error:
            raise _refusal(error, archive.name) from None
        except OSError as error:
            raise _no_pack(archive.name, str(error)) from None
        yield opened


def _label_in(opened: Archive, archive: Path) -> Label:
    try:
        return msgspec.json.decode(opened.read(LABEL, MOST_LABEL), type=Label)
    except ArchiveError as error:
        raise _no_pack(archive.name, error.found or "a label that is too long") from None
    except (msgspec.MsgspecError, OSError) as error:
        raise _no_pack(archive.name, str(error)) from None


def _extract(opened: Archive, into: Path, archive: str) -> None:
    advice = "It was damaged on its way: copy it again."
    try:
        opened.unpack(into)
    except ArchiveError as error:
        raise RefusalError("an archive that can be unpacked", f"{archive}: {error.found}", advice) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise RefusalError("an archive that can be unpacked", f"{archive}: {error}", advice) from None


def _refusal(error: ArchiveError, archive: str) -> RefusalError:
    if error.rule == "members":
        found = f"{error.amount} in {archive}"
        return RefusalError(f"at most {MOST_MEMBERS} files", found, "Pack the data into fewer.")
    if error.rule == "bytes":
        return RefusalError(f"at most {MOST_BYTES >> 20} MiB unpacked", f"more in {archive}", "Subsample the data.")
    if error.rule in FAULTS:
        return _unsafe(archive, f"{error.member[:80]!r}{FAULTS[error.rule]}")
    return _no_pack(archive, error.found)


def _no_pack(archive: str, found: str) -> RefusalError:
    advice = "Give the file that `mockexam pack build` wrote, or the pack's folder."
    return RefusalError("an archive of a pack", f"{archive}: {found}", advice)


def _unsafe(archive: str, found: str) -> RefusalError:
    advice = "Don't use this archive; ask its author to build it with `mockexam pack build`."
    return RefusalError("an archive of plain files", f"{archive} has {found}", advice)
