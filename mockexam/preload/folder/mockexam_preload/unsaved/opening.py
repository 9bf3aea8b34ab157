"""Ways to open a saved model, plain first, and what came of each. Both the program and the short process try them."""

from __future__ import annotations

import hashlib
import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WAYS: tuple[dict[str, bool], ...] = (
    {},
    {"compile": False},
    {"safe_mode": False},
    {"safe_mode": False, "compile": False},
)


class Opened:
    """How a model was opened: the arguments beside its path, or None with the `error` of the plain way."""

    def __init__(self, arguments: dict[str, bool] | None, weights: list[str], error: str) -> None:
        self.arguments = arguments
        self.weights = weights
        self.error = error


def package(keras: str) -> Any:
    """The Keras of a generation as `training.generation` names it, imported."""
    return importlib.import_module("tensorflow").keras if keras == "tf.keras" else importlib.import_module(keras)


def forget_registered(keras: str) -> None:
    """Have Keras no longer know what this process registered as its own, as another process doesn't."""
    package(keras).utils.get_custom_objects().clear()


def opened(path: str, keras: str, custom_objects: dict[str, Any]) -> Opened:
    """Try the ways in turn until one opens the file. Whatever a way raises is the next one's turn."""
    error = ""
    named: dict[str, Any] = {"custom_objects": custom_objects} if custom_objects else {}
    for way in WAYS:
        try:
            model = package(keras).models.load_model(path, **dict(named, **way))
        except Exception as fault:
            error = error or reason(fault)
            continue
        return Opened(dict(way), weights(model), error)
    return Opened(None, [], error)


def reason(fault: BaseException) -> str:
    """The kind of an exception and the first line that it says, at most 160 characters of it."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()] or [""]
    said = lines[0] if len(lines[0]) <= 160 else lines[0][:159] + "…"
    return "{}: {}".format(type(fault).__name__, said)


def weights(model: Any) -> list[str]:
    """What tells weights apart from others, whatever order they come in."""
    return sorted(hashlib.sha256(_content(each)).hexdigest() for each in model.get_weights())


def _content(weight: Any) -> bytes:
    if str(getattr(weight, "dtype", "")) == "object":  # words: the bytes of such an array are addresses
        return repr(weight.tolist()).encode("utf-8", "backslashreplace")
    return bytes(weight.tobytes())
