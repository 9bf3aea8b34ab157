"""Load the .keras archive of Keras 2 (TensorFlow 2.12 to 2.15) from the folder that it was unpacked to.

tf_keras takes the archive only zipped, unpacks it to a temporary place, which a locked process doesn't have, and has
forgotten how 2.12 named things.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tf_keras.src.saving import saving_lib

_LAYER = re.compile(r"(^|/)layers/([a-z0-9_]+?)(?:_(\d+))?(?=/|$)")


def load_archive(folder: Path, *, safe: bool) -> Any:
    """Return the uncompiled model. Raises whatever tf_keras raises."""
    config = _with_present_modules(json.loads((folder / "config.json").read_bytes()))
    config["compile_config"] = None
    before = getattr(saving_lib._SAVING_V3_ENABLED, "value", False)
    saving_lib._SAVING_V3_ENABLED.value = True
    try:
        with saving_lib.ObjectSharingScope():
            model = saving_lib.deserialize_keras_object(config, None, safe_mode=safe)
        _load_state(model, folder)
    finally:
        saving_lib._SAVING_V3_ENABLED.value = before
    return model


def _load_state(model: Any, folder: Path) -> None:
    weights = saving_lib.H5IOStore(str(folder / "model.weights.h5"), mode="r")
    assets = folder / "assets"
    saving_lib._load_state(
        model,
        weights_store=_Store(weights),
        assets_store=_Store(saving_lib.DiskIOStore(str(assets), mode="r")) if assets.is_dir() else None,
        inner_path="",
        visited_trackables=set(),
    )
    weights.close()


class _Store:
    """A store that also answers to the names of 2.13 and later when it was written by 2.12."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def get(self, path: str) -> Any:
        found = self._store.get(path)
        if path and not found:
            # 2.12 listed each layer twice and so counted by twos: dense, dense_2, dense_4.
            older = _LAYER.sub(
                lambda match: (
                    f"{match[1]}_layer_checkpoint_dependencies/{match[2]}"
                    + (f"_{2 * int(match[3])}" if match[3] else "")
                ),
                path,
            )
            found = self._store.get(older) or found
        return found


def _with_present_modules(value: Any) -> Any:
    """Return the configuration with modules where 2.13 moved them: keras.engine to keras.src.engine."""
    if isinstance(value, dict):
        return {
            key: inner.replace("keras.engine.", "keras.src.engine.", 1)
            if key == "module" and isinstance(inner, str) and inner.startswith("keras.engine.")
            else _with_present_modules(inner)
            for key, inner in value.items()
        }
    return [_with_present_modules(inner) for inner in value] if isinstance(value, list) else value
