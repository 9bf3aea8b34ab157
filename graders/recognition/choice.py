"""Of the models in a place, the one that is meant: chosen, or not without asking."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from graders import formats
from graders.recognition.names import folded, name_of
from graders.recognition.places import Model, Place

_ORDER = [suffix for each in formats.FORMATS for suffix in each.suffixes or ("",)]


class Choice(NamedTuple):
    """What is meant by "the model" of a place.

    `chosen` is None where there is none, or several and none is called as starters call it. `others` are models beside
    it. `rivals` are later copies of it (`mymodel (1).h5` beside an older `mymodel.h5`): nobody but the person knows
    which of them is meant. `unfinished` is a download that began after it was saved.
    """

    chosen: Path | None
    others: tuple[Path, ...] = ()
    rivals: tuple[Path, ...] = ()
    unfinished: Path | None = None


def choice(found: Place, *, within: str = "") -> Choice:
    """The model of a place: the only one, else the newest that is called as starters call it; else none.

    In a project with several, those in its folder called `within` count. Of equally new ones the usual format is taken.
    """
    models = _within(found.models, within)
    called = _nearest([model for model in models if name_of(model.path.name).is_called])
    copies = [model for model in models if name_of(model.path.name).is_copy]
    if not called:
        called = _nearest(copies)
    if called is None:
        return _without(found.models)
    if not called and len(models) > 1:
        return _without(found.models)
    chosen = max(called or models, key=_rank, default=None)
    if chosen is None:
        return Choice(None, unfinished=_latest(found.unfinished))
    beside = [model for model in copies if model.path.parent == chosen.path.parent and model != chosen]
    rivals = beside if chosen in copies else [model for model in beside if model.changed > chosen.changed]
    return Choice(
        chosen.path,
        tuple(model.path for model in found.models if model != chosen),
        tuple(model.path for model in sorted(rivals, key=lambda model: model.changed, reverse=True)),
        _latest([one for one in found.unfinished if _is_later(one, chosen)]),
    )


def without_twins(selected: Choice, folder: Path) -> Choice:
    """The choice without the rivals whose content is that of the chosen file: nobody need be asked about those."""
    if selected.chosen is None:
        return selected
    chosen = folder / selected.chosen
    rivals = tuple(path for path in selected.rivals if not _are_equal(folder / path, chosen))
    return selected._replace(rivals=rivals)


def _without(models: Sequence[Model]) -> Choice:
    return Choice(None, tuple(model.path for model in models))


def _within(models: Sequence[Model], within: str) -> Sequence[Model]:
    """Those in the folder of that name, where there are any."""
    return [model for model in models if within and folded(within) in map(folded, model.path.parts[:-1])] or models


def _nearest(models: Sequence[Model]) -> list[Model] | None:
    """Those of the folder that lies least deep; None where several lie equally deep."""
    if not models:
        return []
    depth = min(len(model.path.parts) for model in models)
    nearest = [model for model in models if len(model.path.parts) == depth]
    return nearest if len({model.path.parent for model in nearest}) == 1 else None


def _rank(model: Model) -> tuple[int, int, str]:
    suffix = model.path.suffix.lower()
    place = _ORDER.index(suffix) if suffix in _ORDER else len(_ORDER)
    return model.changed, -place, str(model.path)


def _is_later(download: Model, chosen: Model) -> bool:
    """Whether a download of another such model went on after one was saved; aria2 writes into the file itself."""
    if download.path.parent != chosen.path.parent or not name_of(download.path.name).is_meant:
        return False
    return download.changed > chosen.changed or folded(download.path.name) == folded(f"{chosen.path.name}.aria2")


def _are_equal(one: Path, other: Path) -> bool:
    try:
        return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _latest(models: Sequence[Model]) -> Path | None:
    return max(models, key=lambda model: model.changed).path if models else None
