"""Read the HDF5 files of Keras 3 as what they say, where Keras' own reader of HDF5 changes it.

Keras writes these files without the modules of its classes and reads them back with a reader made for Keras 2. That
reader drops lists of axes (`Softmax(axis=[1, 2])`), takes texts for functions of the same name (`score_mode="dot"`),
and has no operations (`x * 2`, `keras.ops.expand_dims(x, -1)`). With their modules named, the reader of .keras archives
takes the same configurations.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import h5py
import keras
from keras.src.legacy.saving import json_utils, legacy_h5_format
from keras.src.ops.operation import Operation
from keras.src.saving import serialization_lib

_MODELS: Mapping[str, str] = {
    "Functional": "keras.src.models.functional",
    "Model": "keras.src.models.functional",  # what Keras 2 called it, and who derives from it is one to Keras 3
    "Sequential": "keras",
}
_OPERATIONS = ("numpy", "nn", "math", "core", "linalg", "image")


def load(path: str, rewrite: Callable[[Any], Any], functions: Mapping[str, Callable[[Any], Any]], *, safe: bool) -> Any:
    """The uncompiled model of the file at `path`, of whose configuration `rewrite` makes what is read.

    Raises whatever Keras raises, and ValueError for a layer that isn't Keras' own.
    """
    with h5py.File(path, "r") as file:
        config = file.attrs["model_config"]
        config = json_utils.decode(config.decode("utf-8") if isinstance(config, bytes) else config)
        modern = rewrite(_with_modules(config))
        model = serialization_lib.deserialize_keras_object(modern, dict(functions), safe_mode=safe)
        legacy_h5_format.load_weights_from_hdf5_group(file["model_weights"], model)
    return model


def _with_modules(value: Any) -> Any:
    """The configuration with the module of every class that has none."""
    if isinstance(value, list | tuple):
        return type(value)(_with_modules(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    found = {key: _with_modules(inner) for key, inner in value.items()}
    name = value.get("class_name")
    if not isinstance(name, str) or "config" not in value or "module" in value or name.startswith("__"):
        return found
    return found | _place(name, value)


def _place(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Module, class and registered name of an entry that gives only the name of its class."""
    if name in _MODELS:
        return {"module": _MODELS[name], "class_name": name.replace("Model", "Functional"), "registered_name": name}
    operation = _operation(name) if _is_operation(entry) else None
    if operation is not None:
        return {"module": operation, "class_name": name, "registered_name": name}
    if isinstance(vars(keras.layers).get(name), type):
        return {"module": "keras.layers", "class_name": name, "registered_name": None}
    raise ValueError(f"Unknown layer: '{name}'")  # untranslated: as Keras says it, for `explain`


def _is_operation(entry: dict[str, Any]) -> bool:
    """Whether an entry is one among a model's layers that lacks what every layer has."""
    config = entry["config"]
    return "inbound_nodes" in entry and isinstance(config, dict) and not config.keys() & {"trainable", "layers"}


def _operation(name: str) -> str | None:
    """The module of Keras' operation of that name."""
    for module in _OPERATIONS:
        home = f"keras.src.ops.{module}"
        found = vars(importlib.import_module(home)).get(name)
        if isinstance(found, type) and issubclass(found, Operation) and not issubclass(found, keras.layers.Layer):
            return home
    return None
