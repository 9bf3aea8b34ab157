"""The two generations of Keras: how each loads a model and names its parts.

Keras 2 (TensorFlow 2.0 to 2.15) lives on as the package tf_keras; Keras 3 is keras.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras
from keras.src.legacy.saving import legacy_h5_format
from keras.src.saving import saving_lib

from graders.child.loading import activations, keras_3_hdf5

# The modules whose globals the lambdas of a loaded model see.
_LAMBDA_HOMES = {
    2: ("tf_keras.src.layers.core.lambda_layer", "tf_keras.src.utils.generic_utils"),
    3: ("keras.src.utils.python_utils",),
}


Rewrite = Callable[[Any], Any]
"""Makes of a configuration the one that is read; raises Refusal for one that may not be."""


class LoadWithKeras2(Protocol):
    """How a format is loaded with Keras 2, uncompiled."""

    def __call__(self, path: str, rewrite: Rewrite, *, safe: bool) -> Any: ...


def load_with_keras_2(path: str, loader: LoadWithKeras2, rewrite: Rewrite, *, safe: bool) -> Any:
    """Load a model with Keras 2, uncompiled. Raises whatever Keras raises."""
    if not safe:
        _name_libraries(2)
    return loader(path, rewrite, safe=safe)


def load_with_keras_3(path: str, rewrite: Rewrite, *, safe: bool) -> Any:
    """Load an .h5 file or the folder of a .keras archive of Keras 3, uncompiled. Raises whatever Keras raises."""
    if not safe:
        _name_libraries(3)
    if Path(path).is_file():
        return keras_3_hdf5.load(path, rewrite, activations.FUNCTIONS, safe=safe)
    with _rewritten_archives(rewrite):
        return keras.models.load_model(path, dict(activations.FUNCTIONS), compile=False, safe_mode=safe)


def load_older_with_keras_3(path: str, rewrite: Rewrite, *, safe: bool) -> Any:
    """Load a file of Keras 2 with Keras 3, which reads many of them."""
    if not safe:
        _name_libraries(3)
    if Path(path).is_file():
        with RewrittenFile(path, rewrite) as file:
            return legacy_h5_format.load_model_from_hdf5(file, compile=False, safe_mode=safe)
    with _rewritten_archives(rewrite):
        return keras.models.load_model(path, compile=False, safe_mode=safe)


class RewrittenFile(h5py.File):  # type: ignore[misc, unused-ignore]
    """An HDF5 file of which Keras reads another configuration: what `rewrite` makes of the one that is written."""

    def __init__(self, path: str, rewrite: Rewrite) -> None:
        super().__init__(path, "r")
        written = dict(super().attrs)
        self._attrs = written | {"model_config": json.dumps(rewrite(json.loads(written["model_config"])))}

    @property
    def attrs(self) -> Mapping[str, Any]:
        """The attributes of the file itself."""
        return self._attrs


@contextmanager
def _rewritten_archives(rewrite: Rewrite) -> Iterator[None]:
    """While this lasts, Keras 3 reads of .keras archives what `rewrite` makes of their configurations."""
    original = saving_lib.deserialize_keras_object
    saving_lib.deserialize_keras_object = lambda config, *rest, **more: original(rewrite(config), *rest, **more)
    try:
        yield
    finally:
        saving_lib.deserialize_keras_object = original


def _name_libraries(generation: int) -> None:
    """Let lambdas find the libraries by the names that notebooks give them: a file doesn't hold their imports."""
    library, backend = (keras, tf.keras.backend) if generation == 3 else (tf_keras, tf_keras.backend)
    names = {"tf": tf, "np": np, "numpy": np, "tensorflow": tf, "keras": library, "K": backend}
    for home in _LAMBDA_HOMES[generation]:
        scope = vars(importlib.import_module(home))
        for name, value in names.items():
            scope.setdefault(name, value)


def leaf_layers(model: Any) -> list[Any]:
    """Return the model's layers as `summary(expand_nested=True)` counts them, without inputs and inner models."""
    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model | tf_keras.Model):
            found.extend(leaf_layers(layer))
        elif not isinstance(layer, keras.layers.InputLayer | tf_keras.layers.InputLayer):
            found.append(layer)
    return found


def stateful_layers(layers: Iterable[Any]) -> list[Any]:
    """Return the recurrent layers that keep their state from batch to batch."""
    # Only wrappers have a `layer`, and only recurrent layers are `stateful`, of no class that all of them share.
    inner = [part for layer in layers for part in (layer, getattr(layer, "layer", None)) if part is not None]
    return [layer for layer in inner if getattr(layer, "stateful", False) and _resetter(layer)]


def clear(layers: Iterable[Any]) -> None:
    """Set the state of stateful layers to zero."""
    for layer in layers:
        reset = _resetter(layer)
        if reset is not None:
            reset()


def _resetter(layer: Any) -> Any:
    # Keras 2 has one, Keras 3 the other, and a layer of the candidate's may have neither.
    return getattr(layer, "reset_states", None) or getattr(layer, "reset_state", None)
