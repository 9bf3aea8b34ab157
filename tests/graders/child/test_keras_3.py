"""Models of every minor version of Keras 3 give today what they gave then."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examiner

LEGACY = Path(__file__).parent.parent / "legacy"
ARCHIVES = sorted(LEGACY.glob("keras-3.*.zip"))


OTHERWISE = {f"keras-{version}/randomly_cropped.{form}" for version in ("3.6", "3.7") for form in ("h5", "keras")}
"""Files that Keras itself has read otherwise since 3.8: RandomCrop cut something out even when a model predicted."""


class Version(NamedTuple):
    """One archive, unpacked; `unreadable` are files that the Keras which wrote them can't load back."""

    folder: Path
    reference: dict[str, np.ndarray]
    unreadable: frozenset[str]


def files(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return sorted({name.split("/")[0] for name in opened.namelist()} - {"reference.npz"})


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Version]:
    found = {}
    for archive in ARCHIVES:
        folder = tmp_path_factory.mktemp(archive.stem)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        with np.load(folder / "reference.npz") as arrays:
            reference = dict(arrays)
        found[archive.stem] = Version(folder, reference, frozenset(reference.pop("unreadable").tolist()))
    return found


def contract(inputs: np.ndarray, outputs: np.ndarray) -> Contract:
    dtype: Any = {"U": "string", "i": "int32", "f": "float32"}[inputs.dtype.kind]
    return Contract(input_shape=inputs.shape[1:], output_shape=outputs.shape[1:], input_dtype=dtype)


def test_there_is_something_of_nearly_every_version() -> None:
    assert len(ARCHIVES) >= 12
    assert all(len(files(archive)) > 80 for archive in ARCHIVES)


@pytest.mark.parametrize(
    ("version", "name"),
    [(archive.stem, name) for archive in ARCHIVES for name in files(archive)],
    ids=lambda value: value.removeprefix("keras-"),
)
def test_a_file_is_read_as_it_was_written(
    examiner: Examiner, versions: dict[str, Version], version: str, name: str
) -> None:
    """One that its own Keras can't load back is read all the same, or refused."""
    wrote = versions[version]
    stem = name.split(".")[0]
    inputs, outputs = wrote.reference[f"{stem}.inputs"], wrote.reference[f"{stem}.outputs"]

    result = examiner.examine(wrote.folder / name, contract(inputs, outputs), inputs)

    if f"{version}/{name}" in OTHERWISE:
        assert result.outputs.shape == outputs.shape
    elif name in wrote.unreadable and result.reason is not None:
        assert result.reason.code in ("incomplete", "not-loadable")
    else:
        assert np.abs(result.outputs - outputs).max() <= 1e-4
        assert np.ptp(outputs) > 1e-3
