"""What a release of its own would load and ours reads in another way, and the sentences for what nothing can load."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examiner
from tests.graders.legacy import archives

FOUR_TO_THREE = Contract(input_shape=(4,), output_shape=(3,))


@pytest.mark.parametrize("form", ["h5", "keras", "savedmodel"])
def test_a_normalisation_over_several_axes_by_keras_2(examiner: Examiner, form: str) -> None:
    """TensorFlow fuses it into an operation that takes one axis only."""
    inputs = np.random.default_rng(1).uniform(size=(5, 6, 3)).astype(np.float32)

    result = examiner.examine(
        examiner.build(f"normalised_over_axes_{form}"), Contract(input_shape=(6, 3), output_shape=(3,)), inputs
    )

    assert np.ptp(result.outputs) > 1e-3


def test_an_optimizer_that_only_training_needs_is_left_out(examiner: Examiner) -> None:
    result = examiner.examine(examiner.build("optimizer_of_its_own"), FOUR_TO_THREE, np.eye(4, dtype=np.float32))

    assert np.ptp(result.outputs) > 1e-3


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        ("RegexSplitWithOffsets", "tensorflow_text"),
        ("Addons>Resampler", "tensorflow_addons"),
        ("Unheard", "operations that TensorFlow doesn't have"),
    ],
)
def test_operations_of_a_library_are_named(examiner: Examiner, operation: str, found: str) -> None:
    model = examiner.build(f"operation_{operation}")

    refusal = examiner.examine(model, FOUR_TO_THREE, np.eye(4, dtype=np.float32)).refusal

    assert (refusal.link, refusal.code) == ("load", "operations-missing")
    assert found in refusal.found
    assert operation in refusal.found


def test_a_function_of_keras_2_is_named(examiner: Examiner) -> None:
    model = examiner.build("registered_function_keras")

    refusal = examiner.examine(model, FOUR_TO_THREE, np.eye(4, dtype=np.float32)).refusal

    assert (refusal.link, refusal.code) == ("rules", "custom-object")
    assert "own_activation" in refusal.found


def cut(model: Path, version: str, names: list[str] | None) -> None:
    """Make of an .h5 file one whose second layer's weights have these names, or aren't there."""
    with h5py.File(model, "r+") as file:
        file.attrs["keras_version"] = version
        layer = file["model_weights"].attrs["layer_names"][1]
        if names is None:
            del file["model_weights"][layer]
        else:
            file["model_weights"][layer].attrs["weight_names"] = names


@pytest.mark.parametrize(
    ("version", "names", "found", "advice"),
    [
        ("3.0.5", ["kernel", "kernel"], "Keras 3.0.5 left out weights", ["mymodel.keras", "update Keras"]),
        ("3.8.0", ["a/kernel", "a/kernel"], "two weights called a/kernel", ["mymodel.keras", "names of their own"]),
        ("2.2.4-tf", ["a/kernel:0", "a/kernel:0"], "two weights called a/kernel:0", ['"mymodel", save_format="tf"']),
        ("3.8.0", None, "Keras 3.8.0 ends at layer", ["traceback", "another name", "mymodel.keras"]),
        ("2.9.0", None, "Keras 2.9.0 ends at layer", ["traceback", "another name", '"mymodel", save_format="tf"']),
    ],
)
def test_weights_that_are_not_in_the_file(
    examiner: Examiner, version: str, names: list[str] | None, found: str, advice: list[str]
) -> None:
    model = examiner.build("dense_h5")
    cut(model, version, names)

    refusal = examiner.examine(model, FOUR_TO_THREE, np.eye(4, dtype=np.float32)).refusal

    assert (refusal.link, refusal.code) == ("load", "incomplete")
    assert found in refusal.found
    assert all(part in refusal.advice for part in advice), refusal.advice
    assert "mymodel.h5" not in refusal.advice


@pytest.mark.parametrize("form", ["h5", "keras"])
def test_calls_that_keras_3_2_lost_are_told(examiner: Examiner, tmp_path: Path, form: str) -> None:
    wrote = archives.unpacked("keras-3.2", tmp_path)
    name = f"shared_layer.{form}"

    refusal = examiner.examine(wrote.folder / name, wrote.contract(name), wrote.inputs(name)).refusal

    assert (refusal.link, refusal.code) == ("load", "incomplete")
    assert "Keras 3.2.1" in refusal.found
    assert "layer dense" in refusal.expected
    assert "model.export" in refusal.advice


def test_bins_that_keras_2_5_kept_as_weights_are_told(examiner: Examiner, tmp_path: Path) -> None:
    wrote = archives.unpacked("2.5", tmp_path)

    refusal = examiner.examine(
        wrote.folder / "encoded.h5", wrote.contract("encoded.h5"), wrote.inputs("encoded.h5")
    ).refusal

    assert "Keras 2.5 keeps them as weights" in refusal.found
    assert 'save_format="tf"' in refusal.advice
