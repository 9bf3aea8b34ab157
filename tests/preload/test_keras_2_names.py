"""Where the modules of Keras 2.4 to 2.15 are found, without importing any of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from mockexam.preload.folder.mockexam_preload.keras_2_names import MOVED, YOUNGER, real_module

_SPEC = importlib.util.find_spec("tf_keras")
assert _SPEC is not None
assert _SPEC.origin is not None
FOLDER = Path(_SPEC.origin).parent


def found(name: str) -> str | None:
    real = real_module(name, str(FOLDER))
    return real and real[0]


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("keras", "tf_keras"),
        ("keras.layers", "tf_keras.layers"),
        ("keras.preprocessing.text", "tf_keras.preprocessing.text"),
        ("keras.applications.vgg16", "tf_keras.applications.vgg16"),
        ("keras.datasets.mnist", "tf_keras.datasets.mnist"),
        ("keras.layers.experimental.preprocessing", "tf_keras.layers.experimental.preprocessing"),
        ("keras.saving", "tf_keras.saving"),
        ("keras.src.engine.training", "tf_keras.src.engine.training"),
        ("keras.api._v2.keras", "tf_keras.api._v2.keras"),
        # importable up to 2.12
        ("keras.engine", "tf_keras.src.engine"),
        ("keras.engine.base_layer", "tf_keras.src.engine.base_layer"),
        ("keras.layers.core", "tf_keras.src.layers.core"),
        ("keras.layers.core.dense", "tf_keras.src.layers.core.dense"),
        ("keras.layers.core.dropout", "tf_keras.layers"),
        ("keras.layers.convolutional", "tf_keras.src.layers.convolutional"),
        ("keras.layers.normalization", "tf_keras.layers"),
        (
            "keras.layers.normalization.batch_normalization",
            "tf_keras.src.layers.normalization.batch_normalization",
        ),
        ("keras.layers.merge", "tf_keras.layers"),
        ("keras.layers.embeddings", "tf_keras.layers"),
        ("keras.layers.recurrent", "tf_keras.layers"),
        ("keras.layers.advanced_activations", "tf_keras.layers"),
        ("keras.utils.np_utils", "tf_keras.src.utils.np_utils"),
        ("keras.utils.vis_utils", "tf_keras.src.utils.vis_utils"),
        ("keras.optimizer_v2.adam", "tf_keras.src.optimizers.legacy.adam"),
        ("keras.optimizer_v2.gradient_descent", "tf_keras.src.optimizers.legacy.gradient_descent"),
        ("keras.optimizers.adam_v2", "tf_keras.src.optimizers.legacy.adam"),
        ("keras.optimizers.optimizer_experimental.adam", "tf_keras.src.optimizers.adam"),
        ("keras.saving.hdf5_format", "tf_keras.src.saving.legacy.hdf5_format"),
        ("keras.saving.saved_model.load", "tf_keras.src.saving.legacy.saved_model.load"),
        ("keras_preprocessing", "tf_keras.preprocessing"),
        ("keras_preprocessing.image", "tf_keras.preprocessing.image"),
        ("keras_preprocessing.image.image_data_generator", "tf_keras.src.preprocessing.image"),
        ("keras_preprocessing.sequence", "tf_keras.preprocessing.sequence"),
    ],
)
def test_a_module_of_keras_2_has_its_place(name: str, real: str) -> None:
    assert found(name) == real
    place, file = real_module(name, str(FOLDER)) or ("", "")
    assert Path(file).relative_to(FOLDER.parent).with_suffix("").as_posix().replace("/", ".") in (
        place,
        f"{place}.__init__",
    )


@pytest.mark.parametrize(
    "name",
    [
        "keras.ops",
        "keras.random",
        "keras.quantizers",
        "keras.tree",
        "keras.distribution",
        "keras.dtype_policies",
        "keras.wrappers",
        "keras.wrappers.scikit_learn",
        "keras.src.ops",
        "keras.layers.nope",
        "keras.utils.multi_gpu_utils",
        "keras_preprocessing.nope",
        "keras_preprocessing.image.one.two",
        *(f"keras.{name}" for name in sorted(YOUNGER)),
    ],
)
def test_what_keras_2_never_had_or_has_lost_is_not_found(name: str) -> None:
    assert found(name) is None


def test_each_module_that_moved_is_where_the_table_says() -> None:
    assert {name for name in MOVED if found(f"keras.{name}") != f"tf_keras.{MOVED[name]}"} == set()


def test_what_is_younger_is_there_to_be_refused() -> None:
    assert {name for name in YOUNGER if found(f"keras.src.{name}") is None} == set()
