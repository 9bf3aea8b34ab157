"""The two generations of Keras: how each loads a model and names its parts.

Keras 2 (TensorFlow 2.0 to 2.15) lives on as the package tf_keras; Keras 3 is keras.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# The modules whose globals the lambdas of a loaded model see.
_LAMBDA_HOMES = {
    2: ("tf_keras.src.layers.core.lambda_layer", "tf_keras.src.utils.generic_utils"),
    3: ("keras.src.utils.python_utils",),
}


def load(path: str, kind: str, generation: int, *, lambda_allowed: bool) -> Any:
    """Load an .h5 file or the folder of a .keras archive, uncompiled. Raises whatever Keras raises."""
    if lambda_allowed:
        _name_libraries(generation)
    safe = not lambda_allowed
    if generation == 3:
        import keras

        return keras.models.load_model(path, compile=False, safe_mode=safe)
    if kind == "keras":
        return _load_archive_of_keras_2(Path(path), safe)
    import h5py
    import tf_keras

    with h5py.File(path, "r") as file:
        return tf_keras.models.load_model(file, compile=False)


def _load_archive_of_keras_2(folder: Path, safe: bool) -> Any:
    """Do what tf_keras does with an archive, which it only takes zipped and unpacks to a place we don't have."""
    from tf_keras.src.saving import saving_lib

    config = json.loads((folder / "config.json").read_bytes())
    config["compile_config"] = None
    before = getattr(saving_lib._SAVING_V3_ENABLED, "value", False)
    saving_lib._SAVING_V3_ENABLED.value = True
    try:
        with saving_lib.ObjectSharingScope():
            model = saving_lib.deserialize_keras_object(config, None, safe_mode=safe)
        assets = folder / "assets"
        weights = saving_lib.H5IOStore(str(folder / "model.weights.h5"), mode="r")
        saving_lib._load_state(
            model,
            weights_store=weights,
            assets_store=saving_lib.DiskIOStore(str(assets), mode="r") if assets.is_dir() else None,
            inner_path="",
            visited_trackables=set(),
        )
        weights.close()
    finally:
        saving_lib._SAVING_V3_ENABLED.value = before
    return model


def _name_libraries(generation: int) -> None:
    """Let lambdas find the libraries by the names that notebooks give them: a file doesn't hold their imports."""
    import numpy
    import tensorflow as tf

    if generation == 3:
        keras, backend = importlib.import_module("keras"), tf.keras.backend
    else:
        keras = importlib.import_module("tf_keras")
        backend = keras.backend
    names = {"tf": tf, "np": numpy, "numpy": numpy, "tensorflow": tf, "keras": keras, "K": backend}
    for home in _LAMBDA_HOMES[generation]:
        scope = vars(importlib.import_module(home))
        for name, value in names.items():
            scope.setdefault(name, value)


def leaf_layers(model: Any) -> list[Any]:
    """Return the model's layers as `summary(expand_nested=True)` counts them, without inputs and inner models."""
    found: list[Any] = []
    for layer in model.layers:
        if hasattr(layer, "layers") and hasattr(layer, "inputs"):
            found.extend(leaf_layers(layer))
        elif type(layer).__name__ != "InputLayer":
            found.append(layer)
    return found


def stateful_layers(layers: Iterable[Any]) -> list[Any]:
    """Return the recurrent layers that keep their state from batch to batch."""
    inner = [part for layer in layers for part in (layer, getattr(layer, "layer", None)) if part is not None]
    return [layer for layer in inner if getattr(layer, "stateful", False) and _resetter(layer)]


def clear(layers: Iterable[Any]) -> None:
    """Set the state of stateful layers to zero."""
    for layer in layers:
        reset = _resetter(layer)
        if reset is not None:
            reset()


def _resetter(layer: Any) -> Any:
    return getattr(layer, "reset_states", None) or getattr(layer, "reset_state", None)
