"""Read and load the HDF5 files of both generations of Keras."""

from __future__ import annotations

from typing import Any

import h5py
import tf_keras

from graders.child.loading import keras_models
from graders.child.loading.blueprint import COPY_ADVICE, SAVE_ADVICE, Blueprint, first_line, parsed
from graders.child.loading.loaded import Loaded
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import sentence


def read(path: str) -> Blueprint:
    """The version and configuration in the file's attributes. Raises Refusal when they are missing or unreadable."""
    try:
        with h5py.File(path, "r") as file:
            version, config = _text(file.attrs.get("keras_version")), _text(file.attrs.get("model_config"))
            names = set(file)
            version = version or (_text(file["model_weights"].attrs.get("keras_version")) if config else None)
    except Exception as error:
        raise _unreadable(error) from None
    if config is None:
        raise _no_config(names)
    return Blueprint(version, parsed(config))


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """The model of the file at `path`. Raises Refusal."""
    return keras_models.load(path, blueprint, contract, _load_with_keras_2)


def _load_with_keras_2(path: str, *, safe: bool) -> Any:
    del safe  # the checks have looked for Lambda layers; Keras 2 reads HDF5 without a safe mode
    with h5py.File(path, "r") as file:
        return tf_keras.models.load_model(file, compile=False)


def _unreadable(error: Exception) -> Refusal:
    if "truncated" in str(error):
        return Refusal(
            "load",
            "truncated",
            sentence("a complete HDF5 file"),
            sentence("the file was cut short"),
            sentence("Save the model again and wait until the script has ended; check that the disk isn't full."),
        )
    found = sentence("HDF5 can't read it ({error})", error=first_line(error))
    return Refusal("load", "damaged", sentence("a readable HDF5 file"), found, COPY_ADVICE)


def _no_config(names: set[str]) -> Refusal:
    found = (
        sentence("an HDF5 file that holds only weights, no model configuration (as save_weights writes it)")
        if names
        else sentence("an empty HDF5 file")
    )
    return Refusal("load", "weights-only", sentence("a whole model: its layers and their weights"), found, SAVE_ADVICE)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else None
