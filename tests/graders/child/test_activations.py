"""TensorFlow's own functions as activations: what Keras 3 writes of them and can't read back."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examiner

# TensorFlow runs in the examiner: its list of functions is repeated here, and a name that it lacks fails.
NAMES = (
    *("softmax", "log_softmax", "crelu", "swish", "silu", "relu", "relu6", "sigmoid"),
    *("tanh", "elu", "selu", "leaky_relu", "softplus", "softsign", "gelu"),
)
ROWS = np.random.default_rng(5).normal(size=(70, 4)).astype(np.float32)


def contract(name: str) -> Contract:
    return Contract(
        input_shape=(4,),
        output_shape=(6 if name == "crelu" else 3,),
        activation="softmax" if name == "softmax" else "any",
    )


@pytest.mark.parametrize("form", ["h5", "keras"])
@pytest.mark.parametrize("name", NAMES)
def test_a_function_of_tf_nn_gives_what_its_writer_gave(examiner: Examiner, name: str, form: str) -> None:
    model = examiner.build(f"tf_nn_{name}_{form}")

    result = examiner.examine(model, contract(name), ROWS)

    assert np.abs(result.outputs - np.load(model.with_name("written.npy"))).max() <= 1e-6
    assert result.reports["loaded"]["loader"] == "keras"


@pytest.mark.parametrize("form", ["h5", "keras"])
@pytest.mark.parametrize(
    "name", ["softmax_v3", "os.system", "tensorflow.nn.softmax", "exec", "softmax_v2 ", "Softmax_v2"]
)
def test_any_other_name_is_refused(examiner: Examiner, tmp_path: Path, name: str, form: str) -> None:
    model = examiner.build(f"tf_nn_softmax_{form}")
    renamed = renamed_activation(model, tmp_path / model.name, name)

    refusal = examiner.examine(renamed, contract("softmax"), ROWS).refusal

    assert refusal.code == "custom-object"
    assert name.strip() in str(refusal.found)


def renamed_activation(model: Path, copy: Path, name: str) -> Path:
    """A copy of a model in which the function softmax_v2 has another name."""

    def renamed(config: Any) -> str:
        text = json.dumps(config)
        assert json.dumps("softmax_v2") in text
        return text.replace(json.dumps("softmax_v2"), json.dumps(name))

    if model.suffix == ".h5":
        shutil.copy(model, copy)
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = renamed(json.loads(file.attrs["model_config"]))
        return copy
    with zipfile.ZipFile(model) as whole, zipfile.ZipFile(copy, "w") as changed:
        for member in whole.namelist():
            content = whole.read(member)
            changed.writestr(member, renamed(json.loads(content)) if member == "config.json" else content)
    return copy
