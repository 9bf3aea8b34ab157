"""Files of a Keras newer than ours: settings that ours doesn't know are left out where they are empty.

Each version adds arguments to layers and writes them with the values that mean "as before" (None, False), which an
older version then refuses. Left out, they mean the same.
"""

from __future__ import annotations

import inspect
from typing import Any

import keras

from graders.child.loading.blueprint import numbers

EMPTY: tuple[Any, ...] = (None, False, [], {})
UNKNOWN = ("Unrecognized keyword arguments", "unexpected keyword argument")  # untranslated: how Keras and Python say it
_HOMES = (keras.layers, keras.initializers, keras.regularizers, keras.constraints, keras.dtype_policies)


def is_about_unknown_settings(error: Exception) -> bool:
    """Whether an error while loading says that a setting isn't known."""
    return any(text in str(error) for text in UNKNOWN)


def is_newer(version: str | None) -> bool:
    """Whether a file's Keras version is newer than ours."""
    return version is not None and numbers(version) > numbers(keras.__version__)


def pruned(value: Any, found: list[str]) -> Any:
    """The configuration without empty settings that our Keras doesn't know; their names are added to `found`."""
    if isinstance(value, list):
        return [pruned(inner, found) for inner in value]
    if not isinstance(value, dict):
        return value
    known = _arguments(value.get("class_name")) if isinstance(value.get("config"), dict) else None
    kept = {key: pruned(inner, found) for key, inner in value.items()}
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
