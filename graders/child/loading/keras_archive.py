"""Read and load .keras archives of both generations of Keras, from the folder that they were unpacked to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders.child.loading import keras_models
from graders.child.loading.blueprint import Blueprint, parsed
from graders.child.loading.keras_2_archive import load_archive
from graders.child.loading.loaded import Loaded
from graders.contract import Contract


def read(path: str) -> Blueprint:
    """The version in metadata.json, if there is one, and the configuration. Raises Refusal when it is unreadable."""
    folder = Path(path)
    config = parsed((folder / "config.json").read_bytes())
    version = None
    if (folder / "metadata.json").is_file():
        version = parsed((folder / "metadata.json").read_bytes()).get("keras_version")
    return Blueprint(version if isinstance(version, str) else None, config)


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """The model in the folder at `path`. Raises Refusal."""
    return keras_models.load(path, blueprint, contract, _load_with_keras_2)


def _load_with_keras_2(path: str, *, safe: bool) -> Any:
    return load_archive(Path(path), safe=safe)
