"""Read and load .keras archives of both generations of Keras, from the folder that they were unpacked to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py

from graders.child.checking.containers import check_container
from graders.child.loading import keras_models
from graders.child.loading.blueprint import Blueprint, parsed
from graders.child.loading.generations import Rewrite
from graders.child.loading.keras_2_archive import load_archive
from graders.child.loading.loaded import Loaded
from graders.contract import Contract


def read(path: str) -> Blueprint:
    """The version in metadata.json, if there is one, and the configuration.

    Raises Refusal when it is unreadable, and when the weights lead elsewhere.
    """
    folder = Path(path)
    for weights in folder.rglob("*.h5"):
        _check_weights(weights)
    config = parsed((folder / "config.json").read_bytes())
    version = None
    if (folder / "metadata.json").is_file():
        version = parsed((folder / "metadata.json").read_bytes()).get("keras_version")
    return Blueprint(version if isinstance(version, str) else None, config)


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """The model in the folder at `path`. Raises Refusal."""
    return keras_models.load(path, blueprint, contract, _load_with_keras_2)


def _check_weights(path: Path) -> None:
    try:
        file = h5py.File(path, "r")
    except OSError:
        return  # the loader says what is wrong with it
    with file:
        check_container(file)


def _load_with_keras_2(path: str, rewrite: Rewrite, *, safe: bool) -> Any:
    return load_archive(Path(path), rewrite, safe=safe)
