"""The available packs: those that installed distributions announce, and those in the user's folder."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import random
from collections.abc import Collection, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.packs.format.faults import Fault, PackError
from mockexam.packs.format.model import Pack, Problem
from mockexam.packs.format.reading import Examined, examine

GROUP = "mockexam.packs"
Kind = Literal["distribution", "folder"]
Spot = tuple[str, Kind, Path | None]  # whose it is, of which kind, and its folder unless that can't be found


class UnknownPackError(Error):
    """There is no such pack; the message says which there are."""


def unknown(wanted: str, known: Collection[str]) -> UnknownPackError:
    """The refusal of an unknown pack id, with the ids there are."""
    if known:
        expected = sentence("one of the packs {names}", names=", ".join(sorted(known)))
    else:
        expected = sentence("an installed pack")
    advice = sentence("`mockexam pack list` shows the packs there are and what is wrong with the others.")
    return UnknownPackError(expected, f'"{wanted}"', advice)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a pack was found. `origin` is the distribution's name, or "folder"."""

    origin: str
    kind: Kind
    root: Path
    pack: Pack | None
    faults: tuple[Fault, ...]


class Catalogue:
    """Every pack that can be found, read at most once; a broken one is listed without affecting the others."""

    def __init__(self, user_folder: Path | None = None, *, cache: Path | None = None) -> None:
        """`cache`: a folder that remembers what was read until a file of the pack changes."""
        self._user_folder = user_folder
        self._cache = cache
        self._entries: tuple[Entry, ...] | None = None

    def entries(self) -> tuple[Entry, ...]:
        """Every place where a pack was found: distributions first, then the user's folder by name."""
        if self._entries is None:
            self._entries = tuple(self._read())
        return self._entries

    def packs(self) -> tuple[Pack, ...]:
        """The packs that can be used."""
        return tuple(entry.pack for entry in self.entries() if entry.pack is not None)

    def pack(self, pack_id: str) -> Pack:
        """The pack of that id; raises UnknownPackError, or PackError when it is there but broken."""
        for pack in self.packs():
            if pack.id == pack_id:
                return pack
        for entry in self.entries():
            if entry.pack is None and entry.root.name == pack_id:
                raise PackError(entry.faults)
        raise unknown(pack_id, {pack.id for pack in self.packs()})

    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong with any pack."""
        return tuple(fault for entry in self.entries() for fault in entry.faults)

    def refresh(self) -> None:
        """Look again when next asked: a pack was installed, removed or changed."""
        self._entries = None

    def _read(self) -> Iterator[Entry]:
        places: list[Spot] = [*_announced(), *self._in_folder()]
        with _uncollected():
            found = self._examined([root for _, _, root in places if root is not None])
        owners: dict[str, Path] = {}
        for origin, kind, root in places:
            if root is None:
                yield Entry(origin=origin, kind=kind, root=Path(), pack=None, faults=(_missing(origin),))
                continue
            examined = found[root]
            if (pack := examined.pack) is not None and (owner := owners.setdefault(pack.id, root)) != root:
                examined = Examined(None, (*examined.faults, _same_id(pack, owner)))
            yield Entry(origin=origin, kind=kind, root=root, pack=examined.pack, faults=examined.faults)

    def _in_folder(self) -> Iterator[Spot]:
        if self._user_folder is not None and self._user_folder.is_dir():
            with os.scandir(self._user_folder.resolve()) as found:
                roots = sorted((one.path, one.is_symlink()) for one in found if one.name[0] not in "._")
            for root, elsewhere in roots:
                if Path(root).is_dir():
                    yield "folder", "folder", Path(root).resolve() if elsewhere else Path(root)

    def _examined(self, roots: list[Path]) -> dict[Path, Examined]:
        if self._cache is None:
            return {root: examine(root) for root in roots}
        from mockexam.packs.cache import Memory

        with Memory(self._cache / "catalogue.msgpack") as memory:
            return {root: memory.examined(root) for root in roots}


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Pause garbage collection: all that is read is kept, and scanning it again and again takes long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def choose_form(pack: Pack, seed: int, met: Collection[str] = ()) -> tuple[Problem, ...]:
    """One problem of each category, drawn by `seed`; one whose uuid is in `met` only when no other is left."""
    form = []
    for category in sorted(pack.form.weights):
        bank = sorted((p for p in pack.problems if p.category == category), key=lambda p: p.uuid)
        fresh = [problem for problem in bank if problem.uuid not in met] or bank
        form.append(random.Random(f"{pack.id}/{seed}/{category}").choice(fresh))
    return tuple(form)


def _announced() -> Iterator[Spot]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        origin = point.dist.name if point.dist is not None else point.name
        yield origin, "distribution", _folder(point)


def _folder(point: EntryPoint) -> Path | None:
    """The folder of an entry point's package, found without running its code."""
    try:
        spec = importlib.util.find_spec(point.module)
    except (ImportError, AttributeError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]).resolve() if places else None


def _missing(origin: str) -> Fault:
    return Fault(
        file=Path(origin),
        line=None,
        code="no-package",
        expected=sentence("a package with pack.toml in it"),
        found=sentence("no such package, though the distribution {name} announces one", name=origin),
        advice=sentence("Install it again: python -m pip install --force-reinstall {name}.", name=origin),
    )


def _same_id(pack: Pack, owner: Path) -> Fault:
    return Fault(
        file=pack.root / "pack.toml",
        line=None,
        code="same-id",
        expected=sentence("an id of its own"),
        found=sentence('"{id}", which the pack in {folder} has too', id=pack.id, folder=owner),
        advice=sentence("Change the id, or remove one of the two."),
    )
