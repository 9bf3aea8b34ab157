"""Operations of Keras 3 (`x * 2`, `keras.ops.expand_dims(x, -1)`, `x[:, 1]`) in HDF5 files.

Keras writes only the bare name of their class and can't read them back from HDF5: it looks for a layer of that name,
and finds none, or one that does something else (`Multiply`). In .keras archives their module is written too.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.legacy.saving import legacy_h5_format
from keras.src.ops.operation import Operation

_MODULES = ("numpy", "nn", "math", "core", "linalg", "image")
_MARK = "keras.ops>"


@contextmanager
def readable_operations() -> Iterator[None]:
    """While this lasts, Keras 3 finds the operations in the HDF5 files that it loads."""
    utils = legacy_h5_format.saving_utils
    original = utils.model_from_config

    def model_from_config(config: Any, custom_objects: Any = None) -> Any:
        classes: dict[str, Any] = {}
        marked = _marked(config, classes)
        return original(marked, custom_objects={**(custom_objects or {}), **classes})

    utils.model_from_config = model_from_config
    try:
        yield
    finally:
        utils.model_from_config = original


def _marked(value: Any, classes: dict[str, Any]) -> Any:
    """The configuration with a unique name for each operation; `classes` is filled with the class of each name."""
    if isinstance(value, list):
        return [_marked(inner, classes) for inner in value]
    if not isinstance(value, dict):
        return value
    marked = {key: _marked(inner, classes) for key, inner in value.items()}
    found = _operation(value)
    if found is not None:
        marked["class_name"] = _MARK + found.__name__
        classes[_MARK + found.__name__] = found
    return marked


def _operation(value: dict[str, Any]) -> type[Any] | None:
    """The class of an operation's entry: one among a model's layers that lacks what every layer has."""
    name, config = value.get("class_name"), value.get("config")
    if not isinstance(name, str) or not isinstance(config, dict) or "inbound_nodes" not in value or "module" in value:
        return None
    if "trainable" in config or "layers" in config or name == "InputLayer":
        return None
    for module in _MODULES:
        found = vars(importlib.import_module(f"keras.src.ops.{module}")).get(name)
        if isinstance(found, type) and issubclass(found, Operation) and not issubclass(found, keras.layers.Layer):
            return found
    return None
