"""Files of a Keras newer than ours: settings that ours doesn't know are left out where they are empty.

Each version adds arguments to layers and writes them with the values that mean "as before" (None, False), which an
older version then refuses. Left out, they mean the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.legacy.saving import legacy_h5_format
from keras.src.saving import saving_lib

EMPTY: tuple[Any, ...] = (None, False, [], {})
UNKNOWN = ("Unrecognized keyword arguments", "unexpected keyword argument")  # untranslated: how Keras and Python say it
_HOMES = (keras.layers, keras.initializers, keras.regularizers, keras.constraints, keras.dtype_policies)


def is_about_unknown_settings(error: Exception) -> bool:
    """Whether an error while loading says that a setting isn't known."""
    return any(text in str(error) for text in UNKNOWN)


@contextmanager
def without_unknown_settings() -> Iterator[list[str]]:
    """While this lasts, Keras 3 loads files without their unknown empty settings; yields the list of their names."""
    found: list[str] = []
    utils = legacy_h5_format.saving_utils
    of_archive, of_hdf5 = saving_lib.deserialize_keras_object, utils.model_from_config

    def pruned(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda config, *rest, **more: function(_pruned(config, found), *rest, **more)

    saving_lib.deserialize_keras_object, utils.model_from_config = pruned(of_archive), pruned(of_hdf5)
    try:
        yield found
    finally:
        saving_lib.deserialize_keras_object, utils.model_from_config = of_archive, of_hdf5


def is_newer(version: str | None) -> bool:
    """Whether a file's Keras version is newer than ours."""
    return version is not None and _numbers(version) > _numbers(keras.__version__)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _pruned(value: Any, found: list[str]) -> Any:
    if isinstance(value, list):
        return [_pruned(inner, found) for inner in value]
    if not isinstance(value, dict):
        return value
    known = _arguments(value.get("class_name")) if isinstance(value.get("config"), dict) else None
    kept = {key: _pruned(inner, found) for key, inner in value.items()}
    if known is not None:
        for key, inner in value["config"].items():
            if key not in known and inner in EMPTY:
                del kept["config"][key]
                found.append(key)
    return kept


def _arguments(class_name: Any) -> set[str] | None:
    """The arguments that a class of our Keras takes, its parents' too; None for a class it doesn't have."""
    if not isinstance(class_name, str):
        return None
    made = next((vars(home)[class_name] for home in _HOMES if isinstance(vars(home).get(class_name), type)), None)
    if made is None:
        return None
    names = {"name", "trainable", "dtype"}
    for parent in made.__mro__:
        if "__init__" in vars(parent):
            names.update(inspect.signature(parent.__init__).parameters)
    return names
