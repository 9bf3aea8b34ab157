"""Which models the program has trained, and which of them it has saved since."""

from __future__ import annotations

import itertools
import sys
import weakref

from .. import guarded, log
from . import probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

KERAS = ("keras", "tf_keras", "tensorflow.python.keras")
EPOCH = (
    ".src.callbacks.callback_list:CallbackList.on_epoch_end",  # Keras 3
    ".src.callbacks:CallbackList.on_epoch_end",  # Keras 2.13 to 2.15, tf_keras
    ".callbacks:CallbackList.on_epoch_end",  # up to 2.12
)
"""What calls the callbacks of a `fit` when an epoch is over: the program's own first, History last."""
SAVES = (
    (".src.saving.saving_lib:save_model", "model"),
    (".saving.saving_lib:save_model", "model"),
    (".saving.experimental.saving_lib:save_model", "model"),
    (".src.legacy.saving.legacy_h5_format:save_model_to_hdf5", "model"),
    (".src.saving.legacy.hdf5_format:save_model_to_hdf5", "model"),
    (".saving.legacy.hdf5_format:save_model_to_hdf5", "model"),
    (".saving.hdf5_format:save_model_to_hdf5", "model"),
    (".src.models.model:Model.export", "self"),
    (".src.engine.training:Model.export", "self"),
)
"""What writes whole models, behind every way to ask for it: `model.save`, `save_model`, ModelCheckpoint, `export`.

Weights alone, and checkpoints of variables, are no saved model: nothing opens them as one, and a problem takes none.
"""
SAVED_MODELS = (
    ("tensorflow.python.saved_model.save:save_and_return_nodes", "obj"),
    ("tensorflow.python.saved_model.save:save", "obj"),  # before there was the other one
)
MOST_COMPARED = 20
"""How many models, the newest, are looked at for one being a part of another."""

_order = itertools.count(1)
_records: list[Record] = []
_begun: list[Callable[[], object]] = []
_watching: list[bool] = []
"""Whether there was an epoch, from which on saves matter."""


class Record:
    """A model that was trained: its finished epochs, and when, in the order of events, it was trained and saved last.

    It is held weakly: a model that the program lets go of is gone.
    """

    def __init__(self, model: Any) -> None:
        self.model = weakref.ref(model, self._gone)
        self.epochs = 0
        self.trained = 0
        self.saved = 0

    # The list is an argument, since at the end of a program modules are emptied before their objects go.
    def _gone(self, _: object, records: list[Record] = _records) -> None:
        if self in records:
            records.remove(self)


def watch(begun: Callable[[], object]) -> None:
    """Have finished epochs noted from now on, in whichever Keras there is; `begun` is called at the very first.

    To be called again when there is another Keras.
    """
    if _watching:
        _watch_saves()
    else:
        _begun[:] = [begun]
    for keras in KERAS:
        for path in EPOCH:
            function = probe.find(keras + path)
            if function is None:
                continue
            if not _is_probed(function):
                guarded(probe.insert)(function, "self", epoch_finished, probe.START)
            break


def _is_probed(function: Any) -> bool:
    return any(name.startswith("__mockexam_") for name in function.__code__.co_names)


def epoch_finished(callbacks: Any) -> None:
    """Note an epoch of the model that a list of callbacks belongs to. A fault goes to the log."""
    try:
        _note_epoch(callbacks.model)
    except Exception as error:
        log("an epoch wasn't noted: {!r}".format(error))  # untranslated: for the log


def _note_epoch(model: Any) -> None:
    if _begun:
        begun = _begun.pop()
        _watching.append(True)
        _watch_saves()
        begun()
    for record in _records:
        if record.model() is model:
            break
    else:
        record = Record(model)
        _records.append(record)
    record.epochs += 1
    record.trained = next(_order)


def _watch_saves() -> None:
    paths = [(keras + path, argument) for keras in KERAS for path, argument in SAVES]
    saved_model = [(path, argument) for path, argument in SAVED_MODELS if probe.find(path) is not None][:1]
    for path, argument in paths + saved_model:
        function = probe.find(path)
        if function is not None and not _is_probed(function):
            guarded(probe.insert)(function, argument, model_saved, probe.END)


def model_saved(saved: Any) -> None:
    """Note that an object has been written whole: every model in it is saved now. A fault goes to the log."""
    try:
        now = next(_order)
        for record in _records:
            model = record.model()
            if model is saved or (model is not None and contains(saved, model)):
                record.saved = now
    except Exception as error:
        log("a save wasn't noted: {!r}".format(error))  # untranslated: for the log


def contains(outer: Any, inner: Any) -> bool:
    """Whether a model is a part of another one, or of another object that TensorFlow writes."""
    if hasattr(outer, "_flatten_layers"):
        return any(layer is inner for layer in outer._flatten_layers(include_self=False, recursive=True))
    parts = [*getattr(outer, "layers", ()), *getattr(outer, "submodules", ()), *getattr(outer, "__dict__", {}).values()]
    return any(part is inner for part in parts)


def unsaved(most: int) -> list[tuple[Any, int]]:
    """The models, newest first, that no save came after, with their epochs; one that is part of another is left to it.

    A model whose part was trained after it counts as trained then.
    """
    alive = [(record.model(), record) for record in sorted(_records, key=lambda record: -record.trained)]
    alive = [(model, record) for model, record in alive if model is not None][:MOST_COMPARED]
    found = []
    for model, record in alive:
        others = [(other, its) for other, its in alive if other is not model]
        if any(contains(other, model) for other, _ in others):
            continue
        trained = max([record.trained] + [its.trained for other, its in others if contains(model, other)])
        if record.saved < trained:
            found.append((trained, model, record.epochs))
    found.sort(key=lambda each: -each[0])
    return [(model, epochs) for _, model, epochs in found[:most]]


def generation(model: Any) -> str | None:
    """What opens a model again: "tf.keras", "keras" or another name of a package; None where its class has no Keras."""
    tensorflow = sys.modules.get("tensorflow")
    try:
        if tensorflow is not None and isinstance(model, tensorflow.keras.Model):
            return "tf.keras"
    except Exception as error:
        log("tf.keras wasn't to be asked: {!r}".format(error))  # untranslated: for the log
    for each in type(model).__mro__:
        for keras in KERAS:
            if (each.__module__ + ".").startswith(keras + "."):
                return keras
    return None
