"""Install packs into the user's folder and remove them again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from graders.sentences import sentence
from mockexam.errors import RefusalError
from mockexam.files.writing import put_folder
from mockexam.packs.authoring.archive import unpack
from mockexam.packs.authoring.check import check
from mockexam.packs.catalogue import Catalogue
from mockexam.packs.format.digest import content_files
from mockexam.packs.format.faults import Fault, PackError, broken
from mockexam.packs.format.model import Pack
from mockexam.packs.format.reading import read_pack


def install(source: Path, user_folder: Path, *, replace: bool = False) -> Pack:
    """Install the pack in the folder or archive `source`; raises PackError when it is faulty, else RefusalError.

    The old one stays until the new one is whole, and is put back when this is interrupted.
    """
    user_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".install-", dir=user_folder) as scratch:
        root = _copied(source, Path(scratch, "pack"))
        examined = check(root)
        if examined.pack is None or broken(examined.faults):
            raise PackError(tuple(_at_its_source(fault, root, source) for fault in examined.faults))
        target = user_folder / examined.pack.id
        _admit(examined.pack, user_folder, target, replace=replace)
        put_folder(root, target, old=Path(scratch, "old"))
    return read_pack(target)


def remove(pack_id: str, catalogue: Catalogue, user_folder: Path) -> Path:
    """Remove the user's pack of that id, broken or not; RefusalError when it isn't the user's to remove."""
    for entry in catalogue.entries():
        named = entry.pack.id if entry.pack is not None else entry.root.name
        if named != pack_id:
            continue
        if entry.kind == "distribution":
            advice = sentence("Remove it with: python -m pip uninstall {package}.", package=entry.origin)
            found = sentence("{pack} belongs to {package}", pack=pack_id, package=entry.origin)
            raise RefusalError(sentence("a pack in your own folder"), found, advice)
        place = next(path for path in user_folder.iterdir() if path.resolve() == entry.root)
        if place.is_symlink():
            place.unlink()  # what it points to is the author's own folder
        else:
            with tempfile.TemporaryDirectory(prefix=".remove-", dir=user_folder) as scratch:
                place.rename(Path(scratch, "old"))
        catalogue.refresh()
        return place
    advice = sentence("`mockexam pack list` shows the packs there are.")
    found = sentence('none called "{pack}"', pack=pack_id)
    raise RefusalError(sentence("an installed pack"), found, advice, kind="nothing")


def _at_its_source(fault: Fault, root: Path, source: Path) -> Fault:
    """The fault placed in the file that its author knows, not in our copy of it."""
    return msgspec.structs.replace(fault, file=source.absolute() / fault.file.relative_to(root.resolve()))


def _copied(source: Path, target: Path) -> Path:
    """Put the pack of `source` below `target`: unpacked, or copied without caches and dot files."""
    if source.is_file():
        return unpack(source, target)
    if not (source / "pack.toml").is_file():
        advice = sentence("Give the folder that holds pack.toml, or the file that `mockexam pack build` wrote.")
        found = sentence("no {path}", path=source)
        if source.is_dir():
            found = sentence("{path} without it", path=source)
        raise RefusalError(sentence("a folder with pack.toml, or an archive"), found, advice, kind="nothing")
    for name, path in content_files(source):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return target


def _admit(pack: Pack, user_folder: Path, target: Path, *, replace: bool) -> None:
    """Refuse a pack whose id is taken, by another source or by the user's own unless it is to be replaced."""
    for entry in Catalogue(user_folder).entries():
        if entry.kind == "distribution" and entry.pack is not None and entry.pack.id == pack.id:
            found = sentence('"{id}", which {package} has too', id=pack.id, package=entry.origin)
            raise RefusalError(sentence("an id of its own"), found, sentence("Change the id in pack.toml."))
    if target.exists() and not replace:
        advice = sentence("Install it with --replace; attempts that have begun with the old one then can't go on.")
        found = sentence('"{id}" is installed in {folder}', id=pack.id, folder=target)
        raise RefusalError(sentence("no pack of that id yet"), found, advice)
