"""A package that stands in for Keras 3 in tests of the rescue: the same functions at the same places, and no tensors.

It runs in every Python from 3.7 on, and starts in a tenth of a second.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = '''
"""Stands in for Keras 3 in tests of the rescue: the same modules and functions at the same places, and no tensors.

Runs in every Python from 3.7 on, and starts in a tenth of a second.
"""

from keras import models, utils
from keras.src.models.model import Model
'''

MODELS = """
from keras.src.models.model import Model
from keras.src.saving.saving_lib import load_model, save_model
"""

UTILS = """
_custom_objects = {}


def get_custom_objects():
    return _custom_objects
"""

CALLBACKS = """
from keras.src.callbacks.callback_list import CallbackList
"""

CALLBACKS_CALLBACK_LIST = '''
from keras.src import callbacks as callbacks_module


class CallbackList:
    """What a `fit` calls."""

    def __init__(self, callbacks, model):
        self.callbacks = callbacks
        self.model = model

    def on_epoch_end(self, epoch, logs=None):
        """Call each."""
        for callback in self.callbacks:
            callback(epoch, logs)


assert callbacks_module
'''

SAVING_SAVING_LIB = '''
import json
import os
import time
import warnings
import zipfile


def save_model(model, filepath, zipped=True):
    """Save a model, in STAND_IN_SLOW seconds where that is set."""
    if not str(filepath).endswith(".keras"):
        raise ValueError("expected a `.keras` extension")
    if not model.layers:
        warnings.warn("no layers", stacklevel=2)
    if hasattr(model, "unsavable"):
        raise NotImplementedError("this model has no get_config")
    with zipfile.ZipFile(filepath, "w") as archive:
        archive.writestr("config.json", json.dumps(model.get_config()))
        archive.fp.flush()
        if os.environ.get("STAND_IN_SLOW"):
            print("half", flush=True)
            time.sleep(float(os.environ["STAND_IN_SLOW"]))
        archive.writestr("model.weights", model.weight.tobytes())


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    from keras.src.models.model import Model
    from keras.utils import get_custom_objects

    time.sleep(float(os.environ.get("STAND_IN_SLOW_LOAD", "0")))
    with zipfile.ZipFile(filepath) as archive:
        config = json.loads(archive.read("config.json").decode("utf-8"))
        weight = archive.read("model.weights")
    for name in config["functions"]:
        if name not in dict(get_custom_objects(), **(custom_objects or {})):
            raise TypeError("Could not locate function '{}'.".format(name))
    if config["lambda"] and safe_mode:
        raise ValueError("a lambda is unsafe")
    if "broken" in config["functions"]:
        raise ValueError("broken for good\\nand a second line")
    model = Model()
    model.weight = model.weight[:0]
    model.weight.frombytes(weight)
    return model
'''

MODELS_MODEL = '''
import array

from keras.src.callbacks.callback_list import CallbackList
from keras.src.saving import saving_lib


class Layer:
    """A layer with an activation, which may be a function of the program's."""

    def __init__(self, activation=None):
        self.activation = activation


class Model:
    """A model that counts the epochs it was trained for."""

    def __init__(self, layers=(), lambda_=False):
        self.layers = list(layers)
        self.lambda_ = lambda_
        self.weight = array.array("d", [0.0])

    def fit(self, epochs=1, callbacks=()):
        callback_list = CallbackList(list(callbacks), self)
        for epoch in range(epochs):
            self.weight[0] += 1
            callback_list.on_epoch_end(epoch, {"loss": 0.0})

    def _flatten_layers(self, include_self=True, recursive=True):
        if include_self:
            yield self
        for layer in self.layers:
            yield layer
            if recursive and isinstance(layer, Model):
                for inner in layer._flatten_layers(include_self=False):
                    yield inner

    def get_config(self):
        functions = [layer.activation.__name__ for layer in self.layers if getattr(layer, "activation", None)]
        return {"functions": functions, "lambda": self.lambda_}

    def get_weights(self):
        return [self.weight]

    def save(self, filepath):
        saving_lib.save_model(self, filepath)

    def save_weights(self, filepath):
        with open(filepath, "w") as file:
            file.write("weights")

    def export(self, filepath):
        with open(filepath, "w") as file:
            file.write("exported")
'''

FILES = {
    "keras/__init__.py": PACKAGE,
    "keras/models.py": MODELS,
    "keras/utils.py": UTILS,
    "keras/src/callbacks/__init__.py": CALLBACKS,
    "keras/src/callbacks/callback_list.py": CALLBACKS_CALLBACK_LIST,
    "keras/src/saving/saving_lib.py": SAVING_SAVING_LIB,
    "keras/src/models/model.py": MODELS_MODEL,
    "keras/src/__init__.py": "",
    "keras/src/saving/__init__.py": "",
    "keras/src/models/__init__.py": "",
}


def write(folder: Path) -> Path:
    """Write it into a folder that stands on the path then."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), "utf-8")
    return folder
