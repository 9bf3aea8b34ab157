"""The modules of Keras 2.4 to 2.15 and where `tf_keras` keeps them: names only, nothing is imported.

Keras 2.4 to 2.12 could be imported in all its files (`keras.layers.core`, `keras.utils.np_utils`). `tf_keras` has them
under `tf_keras.src`, some in another place. 2.13 to 2.15 offered the public modules, and the rest as `keras.src`.
"""

from __future__ import annotations

import os

from .keras_2 import REAL

# Files that became several: the public module has what they offered.
_IN_LAYERS = (
    "engine.topology",
    "layers.advanced_activations",
    "layers.convolutional_recurrent",
    "layers.core.activity_regularization",
    "layers.core.dropout",
    "layers.core.flatten",
    "layers.core.permute",
    "layers.core.repeat_vector",
    "layers.core.reshape",
    "layers.core.spatial_dropout",
    "layers.dense_attention",
    "layers.einsum_dense",
    "layers.embeddings",
    "layers.local",
    "layers.merge",
    "layers.multi_head_attention",
    "layers.normalization",
    "layers.recurrent",
    "layers.recurrent_v2",
    "layers.wrappers",
)
_IN_SAVING = ("hdf5_format", "model_config", "save", "saved_model", "saving_utils")
_OPTIMIZERS = ("adadelta", "adagrad", "adam", "adamax", "ftrl", "nadam", "rmsprop", "optimizer_v2", "gradient_descent")

MOVED = dict.fromkeys(_IN_LAYERS, "layers")
MOVED.update({"saving." + name: "src.saving.legacy." + name for name in _IN_SAVING})
# The three homes that the optimizers of TensorFlow 2.4 to 2.10 had, and the names they had in `keras.optimizers`.
for _name in _OPTIMIZERS:
    MOVED["optimizer_v2." + _name] = "src.optimizers.legacy." + _name
    MOVED["optimizers.optimizer_v2." + _name] = "src.optimizers.legacy." + _name
    MOVED["optimizers." + _name + "_v2"] = "src.optimizers.legacy." + _name
MOVED.update(
    {
        "optimizer_v2": "src.optimizers.legacy",
        "optimizer_v2.learning_rate_schedule": "src.optimizers.schedules.learning_rate_schedule",
        "optimizer_v2.legacy_learning_rate_decay": "src.optimizers.legacy_learning_rate_decay",
        "optimizer_v2.utils": "src.optimizers.utils",
        "optimizers.optimizer_v2": "src.optimizers.legacy",
        "optimizers.optimizer_v2.utils": "src.optimizers.utils",
        "optimizers.legacy.optimizer": "src.optimizers.legacy.optimizer_v2",
        "optimizers.legacy.sgd": "src.optimizers.legacy.gradient_descent",
        "optimizers.optimizer_experimental": "src.optimizers",
        "optimizer_experimental": "src.optimizers",
        "optimizer_v1": "src.optimizers.optimizer_v1",
        "engine.saving": "models",
        "objectives": "losses",
        "metrics.metrics": "metrics",
        "initializers.initializers_v2": "src.initializers.initializers",
        "layers.cudnn_recurrent": "src.layers.rnn",
        "layers.legacy_rnn": "src.layers.rnn",
        "layers.legacy_rnn.rnn_cell_impl": "src.layers.rnn.legacy_cells",
        "layers.legacy_rnn.rnn_cell_wrapper_impl": "src.layers.rnn.legacy_cell_wrappers",
        "layers.rnn_cell_wrapper_v2": "src.layers.rnn.cell_wrappers",
        "premade": "src.premade_models",
        "preprocessing.dataset_utils": "src.utils.dataset_utils",
        "preprocessing.image_dataset": "src.utils.image_dataset",
        "preprocessing.text_dataset": "src.utils.text_dataset",
        "preprocessing.timeseries": "src.utils.timeseries_dataset",
        "saving.experimental": "src.saving",
        "distribute.sidecar_evaluator": "src.utils.sidecar_evaluator",
        "utils.all_utils": "utils",
        "utils.generic_utils": "utils",
    }
)
# Names that a module of Keras 2.4 offered too: the module today, where they are, the names.
OFFERED = (
    ("src.engine", "layers", ("Input", "InputLayer", "InputSpec", "Layer")),
    ("src.engine", "models", ("Model",)),
    ("src.engine", "utils", ("get_source_inputs",)),
    ("models", "layers", ("Input", "InputLayer")),
)
# In `tf_keras.src`, and younger than the last Keras whose private modules could be imported without `src`.
YOUNGER = frozenset(
    (
        "metrics.f_score_metrics",
        "metrics.py_metric",
        "optimizers.lion",
        "utils.steps_per_execution_tuning",
        "utils.timed_threads",
    )
)


def real_module(name: str, folder: str) -> tuple[str, str] | None:
    """The module of `tf_keras`, which lies in `folder`, that `name` stood for, and its file.

    None for what Keras 2 never offered, and for what `tf_keras` no longer has.
    """
    root, _, rest = name.partition(".")
    if root == "keras_preprocessing":
        if rest.startswith("image."):  # a package of many files once
            return _found("src.preprocessing.image", folder) if rest.count(".") == 1 else None
        rest = "preprocessing." + rest if rest else "preprocessing"
    for place in _places(rest) if rest else ("",):
        found = _found(place, folder)
        if found is not None:
            return found
    return None


def _places(rest: str) -> list[str]:
    """Where a module may lie now, the likeliest first."""
    places = [rest] if rest in YOUNGER else [rest, "src." + rest]
    if rest in MOVED:
        return [MOVED[rest]]
    head, _, tail = rest.rpartition(".")
    while head:
        if head in MOVED:
            places.append(MOVED[head] + "." + tail)
        head, _, part = head.rpartition(".")
        tail = part + "." + tail
    return places


def _found(place: str, folder: str) -> tuple[str, str] | None:
    path = os.path.join(folder, *place.split(".")) if place else folder
    for file in (os.path.join(path, "__init__.py"), path + ".py"):
        if os.path.isfile(file):
            return (REAL + "." + place if place else REAL), file
    return None
