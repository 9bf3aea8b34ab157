"""A pack as one file: the same bytes for the same pack on every machine, unpacked without trusting it."""

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
from graders.sentences import Sentence, Words, sentence
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
MOST_RATIO = 200  # of a member's size to its compressed size, for members beyond a megabyte
MOST_DIRECTORY_BYTES = 32 << 20
MOST_LABEL = 1 << 16
MOST_DEPTH = 20  # of nested folders
NAMES = Names(unprintable=True)
UNSAFE = sentence("an archive of plain files")
DAMAGED = sentence("It was damaged on its way: copy it again.")


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
    """Write the parts of every problem that candidates may have: statement, starter and data, as `seed` draws them."""
    label = _label(pack, "public")
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        root = Path(scratch)
        for number, problem in enumerate(pack.problems):
            share = len(pack.problems)

            def report(fraction: float, detail: Words, number: int = number, share: int = share) -> None:
                progress((number + fraction) / share, detail)

            _write_public(problem, root / f"Category{problem.category}-{problem.id}", seed, cache, report)
        _write(target, label, ((f"{pack.id}/{name}", path) for name, path in content_files(root)))
    return label


def read_label(archive: Path) -> Label:
    """What the archive says of itself; RefusalError when it isn't a pack's archive, or isn't safe."""
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
            advice = sentence("Ask for the full archive; candidates unpack this one and work in it.")
            held = sentence("{file} is for candidates: it has no hidden sets", file=archive.name)
            raise RefusalError(sentence("a full archive"), held, advice)
        for name in opened.members:
            if name != LABEL and not name.startswith(f"{label.id}/"):
                outside = sentence(
                    "{archive} has {file} outside {folder}/", archive=archive.name, file=repr(name), folder=label.id
                )
                raise _unsafe(outside)
        _extract(opened, into, archive.name)
    root = into / label.id
    digest = pack_digest(root) if root.is_dir() else None
    if digest != label.digest:
        expected = sentence("content with the digest {digest}…", digest=label.digest[:12])
        found = f"{digest[:12]}…" if digest else sentence("no files")
        raise RefusalError(expected, found, sentence("It was damaged or changed on its way: copy it again."))
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
    """Write the archive whole or not at all; times, owners and order reveal nothing about the machine."""
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
    """Whether it compresses so well that `unpack` would take it for a bomb; then it is stored uncompressed."""
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
        raise _no_pack(archive.name, error.found or sentence("a label that is too long")) from None
    except (msgspec.MsgspecError, RecursionError, OSError) as error:
        raise _no_pack(archive.name, str(error)) from None


def _extract(opened: Archive, into: Path, archive: str) -> None:
    expected = sentence("an archive that can be unpacked")
    try:
        opened.unpack(into)
    except ArchiveError as error:
        raise RefusalError(expected, f"{archive}: {error.found}", DAMAGED) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise RefusalError(expected, f"{archive}: {error}", DAMAGED) from None


def _refusal(error: ArchiveError, archive: str) -> RefusalError:
    if error.rule == "members":
        found = sentence("{count} in {archive}", count=error.amount, archive=archive)
        expected = sentence("at most {count} files", count=MOST_MEMBERS)
        return RefusalError(expected, found, sentence("Pack the data into fewer."))
    if error.rule == "bytes":
        expected = sentence("at most {size} MiB unpacked", size=MOST_BYTES >> 20)
        return RefusalError(expected, sentence("more in {archive}", archive=archive), sentence("Subsample the data."))
    held = _unsafe_member(error.rule, archive, repr(error.member[:80]))
    return _unsafe(held) if held is not None else _no_pack(archive, error.found)


def _unsafe_member(rule: Rule, archive: str, file: str) -> Sentence | None:
    """What is unsafe about a file in the archive; None where the rule is about the whole."""
    found: dict[Rule, Sentence] = {
        "name": sentence("{archive} has {file}, a path that leaves the archive", archive=archive, file=file),
        "long": sentence("{archive} has {file}, a path too long to write", archive=archive, file=file),
        "special": sentence("{archive} has {file}, a link or a device", archive=archive, file=file),
        "encrypted": sentence("{archive} has {file}, encrypted", archive=archive, file=file),
        "compression": sentence("{archive} has {file}, compressed in an unusual way", archive=archive, file=file),
        "ratio": sentence("{archive} has {file}, far bigger than it is in the archive", archive=archive, file=file),
        "twice": sentence("{archive} has {file} twice", archive=archive, file=file),
        "clash": sentence("{archive} has {file} as a file and as a folder", archive=archive, file=file),
    }
    return found.get(rule)


def _no_pack(archive: str, found: Words) -> RefusalError:
    advice = sentence("Give the file that `mockexam pack build` wrote, or the pack's folder.")
    held = sentence("{archive}: {found}", archive=archive, found=found)
    return RefusalError(sentence("an archive of a pack"), held, advice)


def _unsafe(found: Sentence) -> RefusalError:
    advice = sentence("Don't use this archive; ask its author to build it with `mockexam pack build`.")
    return RefusalError(UNSAFE, found, advice)
