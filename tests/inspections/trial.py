"""Runs programs in the installed TensorFlow, each in a child of its own: `trial.py < programs.json > outcomes.json`.

Reads a JSON object of name → code, and writes name → {"error": "Type: message", "traceback": …} or {"value": …}: what
the program left in `value`, or what its `optimizer` does to a variable in five steps, with the rate before each.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

GIVEN = """
import numpy as np, tensorflow as tf
x = np.random.RandomState(0).rand(8, 8).astype('float32')
y = (x.sum(1) > 4).astype('float32')
pictures = np.random.RandomState(1).rand(8, 4, 4, 3).astype('float32')
steps = np.random.RandomState(2).rand(2, 3, 1).astype('float32')

def given(model):
    random = np.random.RandomState(3)
    model.set_weights([random.rand(*one.shape) - 0.4 for one in model.get_weights()])
    return model

def net(units=1, activation=None):
    layers = tf.keras.layers
    return given(tf.keras.Sequential([tf.keras.Input((8,)), layers.Dense(4, 'relu'), layers.Dense(units, activation)]))

def one_number():
    return given(tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)]))

def picture_net():
    return given(tf.keras.Sequential([tf.keras.Input((4, 4, 3)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)]))

def stateful():
    rnn = tf.keras.layers.SimpleRNN(2, stateful=True)
    return given(tf.keras.Sequential([tf.keras.Input(batch_shape=(2, 3, 1)), rnn]))

def reached(paths):
    found = []
    for path in paths:
        root, *names = path.split('.')
        thing = {'tf': tf, 'np': np}[root]
        for name in names:
            thing = getattr(thing, name, None)
        found += [path] if thing is not None else []
    return found

def each(programs):
    outcomes = {}
    for name, code in programs.items():
        names = {**globals()}
        try:
            exec(code, names)
            outcomes[name] = {'value': names['value']}
        except Exception as error:
            outcomes[name] = {'error': f'{type(error).__name__}: {error}'}
    return outcomes

def imported(paths):
    import importlib
    found = []
    for path in paths:
        try:
            importlib.import_module(path)
            found.append(path)
        except ImportError:
            module, _, name = path.rpartition('.')
            try:
                found += [path] if hasattr(importlib.import_module(module), name) else []
            except ImportError:
                pass
    return found
"""


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers, texts, lists and objects."""
    import numpy as np

    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (str, bool, int, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, type):
        return value.__name__
    array = np.asarray(value)
    return array.tolist() if array.dtype.kind in "fiub" else [plain(one) for one in array.tolist()]


def steps_of(optimizer: Any) -> list[list[float]]:
    """Five steps of an optimizer on a variable that starts at 1 with a gradient of 0.5: the rate, and the variable."""
    import tensorflow as tf

    variable = tf.Variable(1.0)
    seen = []
    for _ in range(5):
        # An optimizer of before 2.11 lets its rate fall by itself.
        decayed = getattr(optimizer, "_decayed_lr", None)
        rate = optimizer.learning_rate if decayed is None else decayed("float32")
        rate = rate(optimizer.iterations) if callable(rate) else rate
        seen.append([float(rate), float(variable)])
        optimizer.apply_gradients([(tf.constant(0.5), variable)])
    return [*seen, [0.0, float(variable)]]


def tried(code: str) -> dict[str, Any]:
    """The outcome of one program."""
    names: dict[str, Any] = {"__name__": "__main__"}
    caught: list[str] = []
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, category, *_, **__: caught.append(f"{category.__name__}: {message}")
    try:
        exec(compile(GIVEN + code, "starter.py", "exec"), names)
        optimizer = names.get("optimizer")
        value = steps_of(optimizer) if optimizer is not None else names.get("value")
        return {"value": plain(value), "warned": caught}
    except BaseException as error:
        told = "".join(traceback.format_exception_only(type(error), error)).strip()
        return {"error": told, "traceback": "".join(traceback.format_exception(error))}


def main() -> None:
    """Run them all; a child that dies has no outcome."""
    programs = json.load(sys.stdin)
    import tensorflow  # noqa: F401 - before the fork: it takes seconds, and none of its threads runs yet

    outcomes: dict[str, Any] = {}
    for name, code in programs.items():
        folder = Path(tempfile.mkdtemp())
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            quiet = os.open("log", os.O_WRONLY | os.O_CREAT, 0o644)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            Path("outcome.json").write_text(json.dumps(tried(code)), "utf-8")
            os._exit(0)
        os.waitpid(child, 0)
        try:
            outcomes[name] = json.loads((folder / "outcome.json").read_text("utf-8"))
        except (OSError, ValueError):
            outcomes[name] = {"error": "Died"}
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
