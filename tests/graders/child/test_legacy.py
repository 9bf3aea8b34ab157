"""Models of TensorFlow 2.0 to 2.18 give today what they gave then."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examiner

LEGACY = Path(__file__).parent.parent / "legacy"
VERSIONS = ("2.0", "2.3", "2.6", "2.9", "2.12", "2.14", "2.15", "2.16", "2.17", "2.18")
MORE = ("2.9-more", "2.15-more", "2.17-more")  # of other layers and ways of saving


def models(version: str) -> list[str]:
    with zipfile.ZipFile(LEGACY / f"{version}.zip") as archive:
        return sorted({name.split("/")[0] for name in archive.namelist()} - {"reference.npz"})


CASES = [(version, name) for version in (*VERSIONS, *MORE) for name in models(version)]
LAMBDAS = [case for case in CASES if "times400" in case[1]]


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("legacy")
    for version in (*VERSIONS, *MORE):
        with zipfile.ZipFile(LEGACY / f"{version}.zip") as archive:
            archive.extractall(folder / version)
    return folder


def reference(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(folder / "reference.npz") as arrays:
        stem = name.split(".")[0]
        return arrays[f"{stem}.inputs"], arrays[f"{stem}.outputs"]


def contract(inputs: np.ndarray, outputs: np.ndarray, **more: Any) -> Contract:
    dtype: Any = {"U": "string", "i": "int32", "f": "float32"}[inputs.dtype.kind]
    return Contract(input_shape=inputs.shape[1:], output_shape=outputs.shape[1:], input_dtype=dtype, **more)


def test_there_is_something_of_every_version() -> None:
    for version in VERSIONS:
        names = models(version)
        assert {"dense", "dense.h5", "cnn.h5", "lstm.h5", "gru.h5", "text.h5", "times400.h5"} <= set(names)
        assert ("lstm.keras" in names) == (version in ("2.12", "2.14", "2.15", "2.16", "2.17", "2.18"))


@pytest.mark.parametrize(("version", "name"), [case for case in CASES if case not in LAMBDAS])
def test_the_predictions_agree(examiner: Examiner, unpacked: Path, version: str, name: str) -> None:
    inputs, outputs = reference(unpacked / version, name)
    result = examiner.examine(unpacked / version / name, contract(inputs, outputs), inputs)
    assert np.abs(result.outputs - outputs).max() < 1e-4
    assert np.ptp(outputs) > 1e-3  # so that equal predictions mean something
    loader = result.reports["loaded"]["loader"]
    of_its_generation = "keras" if version.startswith(("2.16", "2.17", "2.18")) else "tf_keras"
    assert loader == ("savedmodel" if "." not in name else of_its_generation)


@pytest.mark.parametrize(("version", "name"), LAMBDAS)
def test_lambda_layers_are_refused_by_name(examiner: Examiner, unpacked: Path, version: str, name: str) -> None:
    inputs, outputs = reference(unpacked / version, name)
    reason = examiner.examine(unpacked / version / name, contract(inputs, outputs), inputs).refusal
    assert (reason.link, reason.code) == ("rules", "lambda")
    assert "scale" in reason.found


@pytest.mark.parametrize(("version", "name"), LAMBDAS)
def test_allowed_lambda_layers_run_if_this_python_wrote_them(
    examiner: Examiner, unpacked: Path, version: str, name: str
) -> None:
    import sys

    inputs, outputs = reference(unpacked / version, name)
    allowed = contract(inputs, outputs, lambda_allowed=True)
    result = examiner.examine(unpacked / version / name, allowed, inputs)
    if version in ("2.12", "2.14", "2.15", "2.16", "2.17", "2.18") and sys.version_info[:2] == (3, 11):
        assert np.abs(result.outputs - outputs).max() < 1e-3
    else:
        assert (result.refusal.link, result.refusal.code) == ("load", "lambda-python")
        assert "Python" in result.refusal.found
