"""Structures that earlier minor versions of Keras 3 wrote, as ours writes them.

Keras 3 doesn't read all files of its own past: what was renamed or left out since is put right here, before anything
is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SINGLE_SINCE = (3, 11)
"""From this version on, a model with one input or output that isn't in a list says so."""

CROPS_SINCE = (3, 6)
"""Before this version, RandomCrop resized pictures when a model predicted; since then it leaves them as they are."""

GONE: Mapping[str, frozenset[str]] = {"RandomRotation": frozenset({"value_range"})}
"""Settings that layers had once, by class. None of these matters when a model predicts."""


CALLS_LOST = (3, 2)
"""This version wrote of a layer that is called several times only its first call's number."""


def layer_with_lost_calls(config: Any) -> str | None:
    """The name of a layer that is called several times, and of which a call is used nowhere; None where all are."""
    if isinstance(config, list):
        return next((found for inner in config if (found := layer_with_lost_calls(inner))), None)
    if not isinstance(config, dict):
        return None
    layers = config.get("layers")
    if isinstance(layers, list):
        used = set(_uses(layers)) | {tuple(end[:2]) for end in _ends(config.get("output_layers"))}
        for layer in layers:
            calls = layer.get("inbound_nodes") if isinstance(layer, dict) else None
            for number in range(len(calls) if isinstance(calls, list) and len(calls) > 1 else 0):
                if (layer.get("name"), number) not in used:
                    return str(layer.get("name"))
    return layer_with_lost_calls(list(config.values()))


def _uses(value: Any) -> Iterator[tuple[Any, Any]]:
    """Layer and number of the call of every tensor that something is called with."""
    if isinstance(value, list):
        for inner in value:
            yield from _uses(inner)
    elif isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and len(history) == 3:
            yield history[0], history[1]
        yield from _uses([inner for key, inner in value.items() if key != "layers"])


def _ends(ends: Any) -> Iterator[list[Any]]:
    """Every `["name", 0, 0]` in what a model returns."""
    if isinstance(ends, list) and len(ends) == 3 and isinstance(ends[0], str):
        yield ends
    elif isinstance(ends, list | dict):
        for inner in ends.values() if isinstance(ends, dict) else ends:
            yield from _ends(inner)


def rewritten(value: Any, version: tuple[int, ...]) -> Any:
    """The configuration as our Keras writes it; `version` are the numbers of the Keras that wrote it."""
    if isinstance(value, list | tuple):
        return type(value)(rewritten(inner, version) for inner in value)
    if not isinstance(value, dict):
        return value
    found = {key: rewritten(inner, version) for key, inner in value.items()}
    config = found.get("config")
    if not isinstance(config, dict):
        return found
    if version < SINGLE_SINCE:
        for ends in ("input_layers", "output_layers"):
            if ends in config:
                config[ends] = _single(config[ends])
    if version < CROPS_SINCE and found.get("class_name") == "RandomCrop":
        return found | {"class_name": "Resizing", "config": _resizing(config)}
    for setting in GONE.get(str(found.get("class_name")), ()):
        config.pop(setting, None)
    return found


def _resizing(crop: dict[str, Any]) -> dict[str, Any]:
    """Settings of the layer that does what RandomCrop did; in .h5 and .keras files both are in keras.layers."""
    same = {key: crop[key] for key in ("name", "trainable", "dtype", "height", "width", "data_format") if key in crop}
    return same | {"interpolation": "bilinear", "crop_to_aspect_ratio": True}


def _single(ends: Any) -> Any:
    """`[["name", 0, 0]]` as `["name", 0, 0]`: a model with one end returned a tensor, whichever it was made with."""
    if isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list):
        return ends[0]
    return ends
