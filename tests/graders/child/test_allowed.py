"""What the rules for names allow: the lists that they come to, and that each exception is of something that exists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child import hostile_configurations as hostile
from tests.graders.child.allowed import listing
from tests.graders.child.conftest import Examiner

KEPT = sorted(path.stem for path in listing.FOLDER.glob("*.txt"))


@pytest.fixture(scope="module")
def told(examiner: Examiner) -> dict[str, Any]:
    return examiner.ask(allowed=True)


@pytest.mark.parametrize("name", KEPT)
def test_a_release_that_changes_what_is_allowed_is_noticed(name: str, told: dict[str, Any]) -> None:
    """To be read, then written anew: python -m tests.graders.child.allowed.listing"""
    found, kept = set(told["lists"][name]), set(listing.kept(name))

    assert found - kept == set()
    assert kept - found == set()


def test_every_operation_is_in_one_list() -> None:
    lists = [set(listing.kept(name)) for name in ("stateful", "stateless", "refused")]

    assert sum(map(len, lists)) == len(set().union(*lists)) > 1800


def test_every_exception_is_of_something_that_exists(told: dict[str, Any]) -> None:
    assert told["absent"] == []


@pytest.mark.parametrize(
    "name",
    ["Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "ResidualWrapper", "DropoutWrapper"],
)
def test_no_class_with_code_is_allowed(name: str) -> None:
    assert not [one for one in listing.kept("classes") if one.endswith(f".{name}")]


@pytest.mark.parametrize(
    "operation",
    [
        *("ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "EagerPyFunc", "PyFuncStateless", "SaveV2", "RestoreV2"),
        *("TextLineDataset", "GeneratorDataset", "IteratorV2", "LMDBReader", "WholeFileReaderV2", "ImmutableConst"),
        *("DebugIdentityV2", "CopyHost", "PrintV2", "CollectiveReduceV2", "RpcServer", "Send", "Recv", "RemoteCall"),
        *("XlaCustomCallV2", "TPUExecute", "LoadAndRemapMatrix", "InitializeTableFromTextFileV2", "Abort", "SleepOp"),
        *("CreateSummaryFileWriter", "FileSystemSetConfiguration", "DataServiceDatasetV4", "BatchFunction"),
    ],
)
def test_operations_that_reach_beyond_the_model_are_refused(operation: str) -> None:
    assert operation in listing.kept("refused")


@pytest.mark.parametrize(
    "name",
    [
        "tensorflow.python.ops.init_ops_v2.Constant",  # keras.applications.EfficientNetV2B0 of Keras 2
        "tf_keras.src.applications.inception_resnet_v2.CustomScaleLayer",
        "keras.src.applications.convnext.LayerScale",
        "keras.random.SeedGenerator",
    ],
)
def test_what_applications_are_made_of_is_allowed(name: str) -> None:
    assert name in listing.kept("classes")


# Of each part of the interface that computes on tensors; the whole list is kept in symbols.txt.
FUNCTIONS = (
    *("math.add", "math.reduce_mean", "math.top_k", "math.l2_normalize", "nn.relu", "nn.softmax", "nn.conv2d"),
    *("nn.leaky_relu", "reshape", "cast", "expand_dims", "concat", "split", "stack", "tile", "one_hot", "gather"),
    *("transpose", "squeeze", "where", "image.resize", "image.rgb_to_grayscale", "image.per_image_standardization"),
    *("strings.lower", "strings.regex_replace", "strings.split", "strings.to_hash_bucket_fast", "signal.rfft"),
    *("signal.stft", "signal.frame", "linalg.matmul", "linalg.diag", "linalg.l2_normalize", "clip_by_value"),
    *("__operators__.getitem", "__operators__.add", "keras.backend.mean", "keras.backend.l2_normalize"),
    *("keras.backend.switch", "keras.activations.swish", "random.normal", "debugging.assert_near", "abs", "einsum"),
    *("compat.v1.gather", "compat.v1.nn.conv2d", "compat.v1.image.resize_bilinear", "ragged.boolean_mask"),
    *("sparse.reshape", "quantization.fake_quant_with_min_max_vars", "bitwise.bitwise_and", "sets.union"),
)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_compute_on_tensors_are_allowed(name: str) -> None:
    assert name in listing.kept("symbols")


def test_a_model_of_keras_2_with_functions_of_tensorflow_is_read(examiner: Examiner, tmp_path: Path) -> None:
    layers: list[tuple[str, str, dict[str, Any]]] = [
        ("TFOpLambda", "math.multiply", {"y": 2.0}),
        ("TFOpLambda", "nn.relu", {}),
        ("TFOpLambda", "__operators__.add", {"y": 1.0}),
        ("TFOpLambda", "compat.v1.transpose", {"perm": [1, 0]}),
        ("TFOpLambda", "keras.backend.sum", {"axis": 0, "keepdims": True}),
        ("TFOpLambda", "reshape", {"shape": [-1, 1]}),
    ]
    path = hostile.written(hostile.Case(_chain(layers), (), whole=True), "2.9.0", tmp_path / "mymodel.h5")
    rows = np.arange(12, dtype=np.float32).reshape(3, 4) - 5

    result = examiner.examine(path, Contract(input_shape=(4,), output_shape=(1,)), rows)

    assert np.abs(result.outputs[:, 0] - (np.maximum(2 * rows, 0) + 1).sum(axis=1)).max() < 1e-6


def _chain(layers: list[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    """A functional model of Keras 2 in which each function takes what the one before returns."""
    made = hostile.model({"class_name": "TFOpLambda", "config": {}})
    listed, before = made["config"]["layers"][:1], "in"
    for number, (kind, function, settings) in enumerate(layers):
        name = f"op{number}"
        config = {"name": name, "trainable": True, "dtype": "float32", "function": function}
        nodes = [[before, 0, 0, settings]]  # a function's first argument is no list
        listed.append({"class_name": kind, "config": config, "name": name, "inbound_nodes": nodes})
        before = name
    made["config"] |= {"layers": listed, "output_layers": [[before, 0, 0]]}
    return dict(made)


def test_what_only_training_needs_is_not_read(examiner: Examiner, tmp_path: Path) -> None:
    """A compiled model inside the model: its loss may be anybody's, and nobody looks it up."""
    path = examiner.build("dense_h5", tmp_path / "mymodel.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        foreign = {"class_name": "load_model", "module": "keras.saving", "config": {"filepath": "x"}}
        config["compile_config"] = {"optimizer": "adam", "loss": foreign}
        config["config"]["layers"][-1]["compile_config"] = {"loss": foreign}
        file.attrs["model_config"] = json.dumps(config)

    result = examiner.examine(path, Contract(input_shape=(4,), output_shape=(3,)), np.zeros((2, 4), np.float32))

    assert result.outputs.shape == (2, 3)
