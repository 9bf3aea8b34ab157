"""Which parts stand before a program, and the environment variables that bring them in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.sentences import Sentence, sentence

if TYPE_CHECKING:
    from mockexam.store.settings import Settings

FOLDER = Path(__file__).resolve().parent / "folder"
PREFIX = "MOCKEXAM_PRELOAD_"

DOES = {
    "keras_2": sentence("Makes tf.keras, keras and keras_preprocessing lead to tf_keras, which is Keras 2."),
    "plots": sentence(
        "Hands the figures of matplotlib to the Plots window, so that plt.show() neither waits nor fails."
    ),
    "rescue": sentence("Saves a trained model that the program would lose when it ends by an error."),
}
"""What each part does, by its switch, in the order in which the parts start."""

OPTIONAL = ("plots", "rescue")
"""The parts that a user may switch off, each by the setting of its name. Which Keras there is, an interpreter says."""
FILES = {"keras_2": ("keras_2*.py",), "plots": ("plots*.py",), "rescue": ("rescue.py", "unsaved/*.py")}


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched on before a program; nothing is, unless said.

    `plots` is the folder for a run's figures, `rescue` the one for trained models that the program would lose, `log`
    the file that is told of our own faults.
    """

    keras_2: bool = False
    plots: Path | None = None
    rescue: Path | None = None
    log: Path | None = None

    def __bool__(self) -> bool:
        return self.keras_2 or self.plots is not None or self.rescue is not None

    def without(self, parts: Collection[str]) -> Switches:
        """The same with some parts off; keras_2 belongs to the interpreter and stays."""
        return msgspec.structs.replace(self, **{part: None for part in OPTIONAL if part in parts})


def variables(switches: Switches, base: Mapping[str, str]) -> dict[str, str]:
    """The variables that a program's environment gets on top of `base`; none when every part is off.

    `base` is the environment without ours: its PYTHONPATH is kept, behind our folder.
    """
    if not switches:
        return {}
    values = {
        "keras_2": "1" if switches.keras_2 else None,
        "plots": switches.plots,
        "rescue": switches.rescue,
        "log": switches.log,
    }
    on = {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}
    rest = [entry for entry in base.get("PYTHONPATH", "").split(os.pathsep) if entry != str(FOLDER)]
    behind = os.pathsep.join(rest)
    return {"PYTHONPATH": f"{FOLDER}{os.pathsep}{behind}" if behind else str(FOLDER), **on}


def switched_off(settings: Settings) -> tuple[str, ...]:
    """The parts that the user has switched off."""
    return tuple(part for part in OPTIONAL if not settings.get(part, True))


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One of the parts that may stand before a program: what people are told of it, and the files that it is."""

    switch: str
    does: Sentence
    files: tuple[Path, ...]


def parts(switches: Switches) -> tuple[Part, ...]:
    """What stands before a program with these switches, in the order in which it starts; nothing when all are off."""
    return tuple(part for part in every_part() if not part.switch or getattr(switches, part.switch)) if switches else ()


def every_part() -> tuple[Part, ...]:
    """Everything that may stand before a program: the way in first, whose switch is empty, then the parts."""
    modules = FOLDER / "mockexam_preload"
    way_in = Part(
        switch="",
        does=sentence("Starts the other parts, and then the sitecustomize that this Python has itself."),
        files=(FOLDER / "sitecustomize.py", modules / "__init__.py", modules / "hooks.py"),
    )
    return (way_in, *(Part(switch=name, does=does, files=_files(modules, name)) for name, does in DOES.items()))


def _files(folder: Path, part: str) -> tuple[Path, ...]:
    return tuple(file for pattern in FILES[part] for file in sorted(folder.glob(pattern)))
