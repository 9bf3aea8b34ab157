"""The formats that a model may be saved in: one record each, and all that is derived from them.

Whatever names a format, looks for its files, recognises its content or opens it reads this table. A new format is a
record here, its name in `Format`, and the module in graders/child/loading that the record's `loader` names.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from graders.sentences import Sentence, Words, sentence

Format = Literal["h5", "keras", "savedmodel"]
"""The name of a format in problem.toml, on the wire and in receipts."""

STEM = "mymodel"
"""What starters call the model that they save."""
ARCHIVE_SUFFIX = ".zip"
"""A zip that holds one model of any format is taken for that model."""


class ModelFormat(NamedTuple):
    """One format of models.

    A file is known by `signature`; a folder, or what an archive unpacks to, by `parts`: it holds one of the names in
    each group. `suffixes` are those of files, the usual one first; a format without any is a folder.
    """

    name: Format
    title: str
    noun: Sentence
    suffixes: tuple[str, ...]
    method: Literal["save", "export"]  # of a Keras model: what writes the format
    loader: str  # the module of graders/child/loading that reads and loads it
    signature: bytes = b""
    user_block: bool = False  # whether the signature may follow a block of 512, 1024, 2048, … bytes
    parts: tuple[tuple[str, ...], ...] = ()
    holds_code: bool = False  # whether loading runs what the file holds, which Keras' safe mode can't prevent

    @property
    def label(self) -> str:
        """The shortest name that people know it by."""
        return self.suffixes[0] if self.suffixes else self.title

    @property
    def file_name(self) -> str:
        """What a starter calls a model of this format."""
        return STEM + (self.suffixes[0] if self.suffixes else "")

    @property
    def statement(self) -> str:
        """The Python that saves a model in this format."""
        return f'model.{self.method}("{self.file_name}")'


FORMATS: tuple[ModelFormat, ...] = (
    ModelFormat(
        "h5",
        title="HDF5 (.h5)",
        noun=sentence("an .h5 file"),
        suffixes=(".h5", ".hdf5"),
        method="save",
        loader="hdf5",
        signature=b"\x89HDF\r\n\x1a\n",
        user_block=True,
    ),
    ModelFormat(
        "keras",
        title=".keras",
        noun=sentence("a .keras file"),
        suffixes=(".keras",),
        method="save",
        loader="keras_archive",
        parts=(("config.json",), ("model.weights.h5", "model.weights.npz")),
    ),
    ModelFormat(
        "savedmodel",
        title="SavedModel",
        noun=sentence("a SavedModel folder"),
        suffixes=(),
        method="export",
        loader="saved_models",
        parts=(("saved_model.pb", "saved_model.pbtxt"),),
        holds_code=True,
    ),
)
BY_NAME: dict[Format, ModelFormat] = {each.name: each for each in FORMATS}
NAMES: tuple[Format, ...] = tuple(BY_NAME)

MODEL_SUFFIXES = frozenset(suffix for each in FORMATS for suffix in each.suffixes)
SAVED_SUFFIXES = tuple(suffix for each in FORMATS if each.method == "save" for suffix in each.suffixes)
"""What Keras itself loads by its suffix."""
FOLDER_MARKS = frozenset(name for each in FORMATS for name in (each.parts[0] if each.parts else ()))
"""Every model that is a folder holds at least one of these names."""
_PARTS = frozenset(name for each in FORMATS for group in each.parts for name in group)


def listed(words: Sequence[Words]) -> Words:
    """Words joined as alternatives: "a, b or c"."""
    match words:
        case []:
            return ""
        case [only]:
            return only
        case [first, last]:
            return sentence("{first} or {last}", first=first, last=last)
        case [first, second, last]:
            return sentence("{first}, {second} or {last}", first=first, second=second, last=last)
        case [first, second, *more]:
            return listed([sentence("{first}, {second}", first=first, second=second), *more])
    raise AssertionError("unreachable")


ANY = listed([each.noun for each in FORMATS])
"""What people are told a model may be: any of the formats."""


def of_names(names: Container[str]) -> ModelFormat | None:
    """The format of a folder that holds files of these names, or None when it isn't a model."""
    for each in FORMATS:
        if each.parts and all(any(name in names for name in group) for group in each.parts):
            return each
    return None


def of_folder(folder: Path) -> ModelFormat | None:
    """The format of the model at `folder`, or None when it isn't a model or a folder. Raises OSError."""
    return of_names({name for name in _PARTS if (folder / name).is_file()})


def is_model_folder(path: Path) -> bool:
    """Whether there is a folder at a path that is a model; one that can't be read doesn't count."""
    try:
        return of_folder(path) is not None
    except OSError:
        return False
