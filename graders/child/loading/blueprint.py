"""What a file says about its model before anything is built from it: the Keras version and the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py

from graders.child.refusal import Refusal
from graders.contract import Format

MOST_DEPTH = 200
SAVE_ADVICE = 'Save the whole model, not only its weights: model.save("mymodel.h5").'


class Blueprint(NamedTuple):
    """The stored version ("2.9.0", "3.15.1" or None) and the model's configuration, None for a SavedModel."""

    keras_version: str | None
    config: dict[str, Any] | None

    @property
    def generation(self) -> int | None:
        """2 or 3, or None when the file doesn't say."""
        major = (self.keras_version or "").split(".")[0]
        return (3 if int(major) >= 3 else 2) if major.isdigit() else None


class Item(NamedTuple):
    """One serialised object inside a configuration. `module` and `registered` are None in files of early versions."""

    class_name: str
    name: str
    module: str | None
    registered: str | None


def read_blueprint(path: str, kind: Format) -> Blueprint:
    """Read the stored version and configuration. Raises Refusal when they are missing or unreadable."""
    if kind == "savedmodel":
        return Blueprint(None, None)
    return _of_archive(Path(path)) if kind == "keras" else _of_hdf5(path)


def items(config: Any) -> Iterator[Item]:
    """Yield every serialised object in a configuration, nested ones too; not those that only training needs."""
    pending: list[tuple[Any, int]] = [(config, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > MOST_DEPTH:
            raise _unreadable("its configuration is nested too deeply")
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield _item(value)
                if value["class_name"] == "Lambda":
                    continue  # its function is part of it
            pending.extend((inner, depth + 1) for key, inner in reversed(value.items()) if key != "compile_config")
        elif isinstance(value, list):
            pending.extend((inner, depth + 1) for inner in reversed(value))


def _item(value: dict[str, Any]) -> Item:
    config = value.get("config")
    name = config.get("name") if isinstance(config, dict) else config
    module, registered = value.get("module"), value.get("registered_name")
    return Item(
        class_name=value["class_name"],
        name=str(name) if name is not None else value["class_name"],
        module=module if isinstance(module, str) else None,
        registered=registered if isinstance(registered, str) else None,
    )


def _of_archive(folder: Path) -> Blueprint:
    config = _parsed((folder / "config.json").read_bytes())
    version = None
    if (folder / "metadata.json").is_file():
        version = _parsed((folder / "metadata.json").read_bytes()).get("keras_version")
    return Blueprint(version if isinstance(version, str) else None, config)


def _of_hdf5(path: str) -> Blueprint:
    try:
        with h5py.File(path, "r") as file:
            version, config = _text(file.attrs.get("keras_version")), _text(file.attrs.get("model_config"))
            names = set(file)
            version = version or (_text(file["model_weights"].attrs.get("keras_version")) if config else None)
    except Exception as error:
        if "truncated" in str(error):
            raise Refusal("load", "truncated", "a complete HDF5 file", "the file was cut short",
                "Save the model again and wait until the script has ended; check that the disk isn't full.",
            ) from None  # fmt: skip
        raise Refusal("load", "damaged", "a readable HDF5 file", f"HDF5 can't read it ({_first_line(error)})",
            "Save the model again; if it was copied or downloaded, copy it again.") from None  # fmt: skip
    if config is None:
        raise _no_config(names)
    return Blueprint(version, _parsed(config))


def _no_config(names: set[str]) -> Refusal:
    weights = {"layer_names", "top_level_model_weights", "layers", "_layer_checkpoint_dependencies", "vars"}
    what = "only weights" if names & weights or len(names) > 0 else "nothing"
    return Refusal("load", "weights-only", "a whole model: its layers and their weights",
        f"an HDF5 file that holds {what}, no model configuration (as save_weights writes it)", SAVE_ADVICE)  # fmt: skip


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else None


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"its configuration is no JSON ({_first_line(error)})") from None
    if not isinstance(value, dict):
        raise _unreadable("its configuration is not what Keras writes")
    return value


def _unreadable(found: str) -> Refusal:
    return Refusal(
        "load", "damaged", "a model as Keras saves it", found, 'Save it again with model.save("mymodel.h5").'
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
