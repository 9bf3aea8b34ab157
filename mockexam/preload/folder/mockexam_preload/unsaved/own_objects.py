"""What a program made itself for its models, which opening one again has to be told of by `custom_objects`."""

from __future__ import annotations

import itertools
import json
import os
import sys

from . import training

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def of(model: Any, path: str) -> dict[str, Any]:
    """The functions and classes of a model that its file names and Keras hasn't, by the name in the file."""
    text = _configuration(path)
    found: dict[str, Any] = {}
    for layer in _layers(model):
        for value in [type(layer), *_values(vars(layer))]:
            thing = value if isinstance(value, type) or _is_function(value) else type(value)
            if not _is_keras_own(thing):
                name = _name(thing)
                if json.dumps(name) in text:
                    found[name] = thing
    return found


def expression(thing: Any) -> str:
    """How a program writes an object: tf.nn.softmax, or its own name for it."""
    tensorflow = sys.modules.get("tensorflow")
    for module in ("nn", "math"):
        public = getattr(tensorflow, module, None)
        for name in dir(public):
            if getattr(public, name, None) is thing:
                return "tf.{}.{}".format(module, name)
    return str(getattr(thing, "__qualname__", thing.__name__))


def _layers(model: Any) -> list[Any]:
    if hasattr(model, "_flatten_layers"):
        return list(model._flatten_layers(include_self=True, recursive=True))
    return [model, *getattr(model, "layers", ())]


def _values(attributes: dict[str, Any]) -> list[Any]:
    """What the attributes of a layer are, and what the lists and dicts among them hold."""
    values: list[Any] = []
    for value in attributes.values():
        if isinstance(value, dict):
            values += value.values()
        elif isinstance(value, (list, tuple)):
            values += value
        else:
            values.append(value)
    return [value for value in values if callable(value)]


def _is_function(value: object) -> bool:
    return hasattr(value, "__name__") and hasattr(value, "__module__")


def _is_keras_own(thing: Any) -> bool:
    """Whether Keras finds a function or class by itself; of TensorFlow's it has the classes, as initialisers."""
    module = str(getattr(thing, "__module__", "") or "builtins") + "."
    own = ("builtins.", *(keras + "." for keras in training.KERAS))
    return module.startswith(own) or (isinstance(thing, type) and module.startswith("tensorflow."))


def _name(thing: Any) -> str:
    """What a file calls it: the name under which it was registered, else its own."""
    for keras, part in itertools.product(("keras", "tf_keras"), ("saving", "utils")):
        registered = getattr(getattr(sys.modules.get(keras), part, None), "get_registered_name", None)
        if registered is not None and registered(thing) != thing.__name__:
            return str(registered(thing))
    return str(thing.__name__)


def _configuration(path: str) -> str:
    """The JSON in which a file names what its model is made of; "" for a SavedModel, which has that in its graph."""
    if os.path.isdir(path):
        return ""
    if path.endswith(".keras"):
        import zipfile

        with zipfile.ZipFile(path) as archive:
            return archive.read("config.json").decode("utf-8")
    with sys.modules["h5py"].File(path, "r") as file:
        text = file.attrs["model_config"]
    return text if isinstance(text, str) else text.decode("utf-8")
