"""Files as people have them: structures of earlier releases, archives from Windows, saves that broke off."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examined, Examiner

# NAME.json is the contract, NAME.npz the inputs and, as labels, what the release that wrote NAME.* predicted.
FILES = Path(__file__).with_name("files")
READABLE = (
    "a313_softmax.h5",  # Softmax(axis=[1, 2]), which Keras' own reader takes for Softmax()
    "a313_softmax.keras",
    "aug_3_5_0_rotation.keras",  # a setting that RandomRotation had until 3.5
    "base_3_8_0.h5",  # a model in a Sequential, whose output stands in a list of its own until 3.10
    "base_3_8_0.keras",
    "n313_grid.h5",  # Normalization(axis=None)
    "o07_attention.h5",  # score_mode="dot", which Keras' own reader takes for a function
    "o07_attention.keras",
    "r01_bilstm.keras",
    "r04_backslash.keras",  # Keras 2 on Windows
    "w213_dense.keras",
    "w215_lstm.keras",
)


def examined(examiner: Examiner, name: str) -> tuple[Examined, np.ndarray]:
    stem = name.split(".")[0]
    contract = msgspec.convert(json.loads((FILES / f"{stem}.json").read_text("utf-8")), Contract)
    with np.load(FILES / f"{stem}.npz") as arrays:
        inputs, outputs = arrays["inputs"], arrays["labels"]
    return examiner.examine(FILES / name, contract, inputs), outputs


@pytest.mark.parametrize("name", READABLE)
def test_they_predict_what_their_writer_predicted(examiner: Examiner, name: str) -> None:
    result, outputs = examined(examiner, name)

    assert np.abs(result.outputs - outputs).max() <= 1e-4
    assert np.ptp(outputs) > 1e-3


@pytest.mark.parametrize(
    ("name", "found", "advice"),
    [
        ("aug_3_5_0_rotation.h5", ["empty", "broke off"], ["traceback", "mymodel.keras"]),
        ("r06_shell.h5", ["Keras 2.10.0", "broke off"], ["traceback"]),
        ("r01_bilstm.h5", ["Keras 3.0.5", "layer bidirectional"], ["mymodel.keras"]),
        ("r07_cutlayer.h5", ["layer third"], ["layer third another name", "mymodel.keras"]),
        ("r08_text.h5", ["Keras 3.0.5", "vocabularies"], ["mymodel.keras"]),
    ],
)
def test_what_a_save_left_out_is_named_with_what_helps(
    examiner: Examiner, name: str, found: list[str], advice: list[str]
) -> None:
    refusal = examined(examiner, name)[0].refusal

    assert (refusal.link, refusal.code) == ("load", "incomplete")
    assert all(part in str(refusal.found) for part in found), refusal.found
    assert all(part in str(refusal.advice) for part in advice), refusal.advice
    assert "mymodel.h5" not in str(refusal.advice)  # it is what led here
