"""Load the .keras archive of Keras 2 (TensorFlow 2.12 to 2.15) from the folder that it was unpacked to.

tf_keras takes only the zipped archive, unpacks it to a temporary folder, which a locked process doesn't have, no
longer knows how 2.12 to 2.14 named things, and finds nothing in archives that were written on Windows, whose names
are joined by backslashes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tf_keras.src.saving import saving_lib

_OLDER = re.compile(r"_layer_checkpoint_dependencies/([a-z0-9_]+?)_(\d+)(?=/|$)")
_LAYER = re.compile(r"(^|/)layers/([a-z0-9_]+?)(?:_(\d+))?(?=/|$)")


def load_archive(folder: Path, rewrite: Callable[[Any], Any], *, safe: bool) -> Any:
    """Return the uncompiled model, of whose configuration `rewrite` makes what is read.

    Raises whatever tf_keras raises.
    """
    config = rewrite(_as_written_today(json.loads((folder / "config.json").read_bytes())))
    config["compile_config"] = None
    # A thread-local variable of tf_keras, which exists once the thread has saved or loaded something.
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
    plain = _plainly_numbered(weights.h5_file)
    assets = folder / "assets"
    saving_lib._load_state(
        model,
        weights_store=_Store(weights, plain),
        assets_store=_Store(saving_lib.DiskIOStore(str(assets), mode="r"), plain) if assets.is_dir() else None,
        inner_path="",
        visited_trackables=set(),
    )
    weights.close()


def _plainly_numbered(file: Any) -> set[str]:
    """The kinds of layers whose older names count by one: dense, dense_1, dense_2, as 2.14 wrote them.

    2.12 listed layers with weights twice and so counted them by twos, dense, dense_2, dense_4, but the others by one.
    """
    found: set[str] = set()
    file.visit(
        lambda name: found.update(match[1] for match in _OLDER.finditer(_with_slashes(name)) if int(match[2]) % 2)
    )
    return found


def _with_slashes(name: str) -> str:
    return name.replace("\\", "/")


class _Store:
    """A store that also answers to the names of 2.15 when it was written by 2.12 to 2.14, or on Windows."""

    def __init__(self, store: Any, plain: set[str]) -> None:
        self._store = store
        self._plain = plain

    def get(self, path: str) -> Any:
        for name in dict.fromkeys((path, _LAYER.sub(self._older, path))):
            for written in dict.fromkeys((name, name.replace("/", "\\"))):
                if found := self._found(written):
                    return found
        return {}

    def _found(self, name: str) -> Any:
        try:
            return self._store.get(name)
        except KeyError:  # the root has no variables, and no group for them
            return {}

    def _older(self, match: re.Match[str]) -> str:
        number = int(match[3] or 0) * (1 if match[2] in self._plain else 2)
        return f"{match[1]}_layer_checkpoint_dependencies/{match[2]}" + (f"_{number}" if number else "")


def _as_written_today(value: Any) -> Any:
    """Return the configuration with modules where 2.13 moved them: keras.engine to keras.src.engine.

    Numbers that 2.12 wrote as objects of NumPy, as `max_value` of every ReLU, are numbers: it can't read them itself.
    """
    if isinstance(value, list):
        return [_as_written_today(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__numpy__" and isinstance(value.get("config"), dict):
        return value["config"].get("value")
    found = {key: _as_written_today(inner) for key, inner in value.items()}
    if str(found.get("module")).startswith("keras.engine."):
        found["module"] = found["module"].replace("keras.engine.", "keras.src.engine.", 1)
    return found
