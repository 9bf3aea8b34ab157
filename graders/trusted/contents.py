"""Which part of a folder, or of what an archive unpacked to, is the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from graders import formats
from graders.trusted.archive import is_noise


class Contents(NamedTuple):
    """The models in a folder: files that are called as models are, and folders that are one, by their paths in it.

    `only` is the only file there is, whatever it is called.
    """

    models: tuple[Path, ...]
    only: Path | None

    @property
    def chosen(self) -> Path | None:
        """The only model, else the one that is called as starters call it, the usual format first; else None."""
        if len(self.models) == 1:
            return self.models[0]
        named = [model for model in self.models if model.name.partition(".")[0] == formats.STEM]
        suffixes = [suffix for each in formats.FORMATS for suffix in each.suffixes or ("",)]
        return min(named, key=lambda model: (suffixes.index(model.suffix.lower()), str(model)), default=None)


def models_in(folder: Path) -> Contents:
    """What a private folder holds; desktops' and notebooks' additions don't count."""
    files = [path for path in _walk(folder) if path.is_file()]
    models = [path for path in _walk(folder) if path.is_dir() or path.suffix.lower() in formats.MODEL_SUFFIXES]
    only = files[0].relative_to(folder) if len(files) == 1 else None
    return Contents(tuple(sorted(model.relative_to(folder) for model in models)), only)


def _walk(folder: Path) -> Iterator[Path]:
    """Files, and folders that are models; nothing inside these."""
    if formats.of_folder(folder) is not None:
        yield folder
        return
    for child in sorted(folder.iterdir()):
        if is_noise(child.name):
            continue
        if child.is_dir():
            yield from _walk(child)
        else:
            yield child
