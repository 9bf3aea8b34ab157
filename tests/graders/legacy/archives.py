"""The archives of models in this folder: what is in them, and what is known to become of each file."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from graders import Contract, Limits, Scoring, Task, Threshold

HERE = Path(__file__).parent
AGREES, DIFFERS = "agrees", "differs"
NEAR = 1e-4
"""How far our predictions may lie from the writer's own."""

NEED_CODE = {"own_layer": "custom-object", "own_function": "custom-object", "times400": "lambda"}
"""Kinds that need code which their file doesn't hold, or which a problem has to allow."""


def is_otherwise(writer: str, name: str) -> bool:
    """Whether today's Keras predicts otherwise than the one that wrote a file, or that one itself does each time.

    RandomCrop of 3.6 and 3.7 cut something out even when a model predicted; what Keras 3 exports goes on augmenting.
    """
    # The SavedModel of 2.2 loses the words of a TextVectorization: it predicts the same with 2.2 itself.
    if (writer, name) == ("2.2", "vectorised"):
        return True
    cropped = writer in ("keras-3.6", "keras-3.7") and kind_of(name) == "randomly_cropped"
    return cropped or (writer.startswith("keras") and name in ("augmented", "augmented_base"))


NOT_READ = {"2.5/encoded.h5": "not-loadable"}
"""Files that their writer loads back and nothing of today can hold: Discretization of 2.5 has its bins as a weight."""


class Writer(NamedTuple):
    """One archive, unpacked; `unreadable` are files that the Keras which wrote them can't load back."""

    folder: Path
    reference: dict[str, Any]
    unreadable: frozenset[str]

    @property
    def names(self) -> list[str]:
        """Its models, as their files are called."""
        return sorted(path.name for path in self.folder.iterdir() if path.name != "reference.npz")

    def inputs(self, name: str) -> Any:
        return self.reference[f"{kind_of(name)}.inputs"]

    def outputs(self, name: str) -> Any:
        """What the Keras that wrote it predicted for the inputs."""
        return self.reference[f"{kind_of(name)}.outputs"]

    def contract(self, name: str) -> Contract:
        inputs, outputs = self.inputs(name), self.outputs(name)
        dtype: Any = {"U": "string", "i": "int32", "f": "float32"}[inputs.dtype.kind]
        return Contract(input_shape=inputs.shape[1:], output_shape=outputs.shape[1:], input_dtype=dtype)

    def task(self, name: str) -> Task:
        """To predict what the writer predicted."""
        hidden = self.folder.with_name(f"{self.folder.name}-{kind_of(name)}.npz")
        if not hidden.exists():
            labels = self.outputs(name).astype(np.float32)
            np.savez(hidden, inputs=self.inputs(name), labels=labels)
        scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=NEAR),), draw_size=len(self.inputs(name)))
        limits = Limits(wall_seconds=120.0)
        return Task(contract=self.contract(name), scoring=scoring, hidden=str(hidden), limits=limits)


def kind_of(name: str) -> str:
    return name.split(".")[0]


def form_of(name: str) -> str:
    """The format of a file by its name."""
    return Path(name).suffix or "SavedModel"


def numbers(writer: str) -> tuple[bool, list[int]]:
    """Writers in the order of their release: TensorFlow's with Keras 2, then Keras 3."""
    return writer.startswith("keras"), [int(part) for part in re.findall(r"\d+", writer)]


def archive(writer: str) -> Path:
    return HERE / f"{writer}.tar.xz"


def recorded() -> dict[str, dict[str, str]]:
    """Writer → file → what becomes of it: "agrees", "differs", or the code of its refusal. See record.py."""
    found: dict[str, dict[str, str]] = json.loads((HERE / "outcomes.json").read_text("utf-8"))
    return found


WRITERS = sorted((path.name.removesuffix(".tar.xz") for path in HERE.glob("*.tar.xz")), key=numbers)


def unpacked(writer: str, into: Path) -> Writer:
    """Unpack what a release wrote into a new folder in `into`."""
    folder = into / writer
    with tarfile.open(archive(writer)) as opened:
        opened.extractall(folder, filter="data")
    with np.load(folder / "reference.npz") as arrays:
        reference = dict(arrays)
    return Writer(folder, reference, frozenset(reference.pop("unreadable").tolist()))
