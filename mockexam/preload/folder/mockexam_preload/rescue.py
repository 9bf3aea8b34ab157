"""Saves the models that a program has trained and not saved, when an uncaught exception ends it."""

from __future__ import annotations

import os
import sys
import time

from . import first_process, guarded
from .hooks import after_import

MOST_MODELS = 3
PARTIAL = ".unsaved-"
"""How the names begin of what was not written to its end."""
_folder: list[str] = []
_process: list[int] = []
_program: list[str] = []
_time: list[float] = []


def start(settings: dict[str, str]) -> None:
    """Watch for models that are trained in this process, if it is the first one."""
    if not first_process():
        return
    _folder[:] = [settings["rescue"]]
    _process[:] = [os.getpid()]
    _time[:] = [time.time()]
    for name in ("tensorflow", "keras", "tf_keras"):
        after_import(name, _watch)
    if any(name.startswith(PARTIAL) for name in os.listdir(_folder[0])):
        from .unsaved import files

        files.clear_partials(_folder[0])


def _watch(module: object) -> None:
    from .unsaved import training

    training.watch(_begun)


def _begun() -> None:
    import atexit

    from .unsaved import files

    _program[:] = [files.program(_folder[0])]
    # From the first epoch: saving from a handler that stood before TensorFlow's import fails, since TensorFlow's own
    # handlers run before it then.
    atexit.register(guarded(at_end))


def at_end() -> None:
    """Save what a program that failed has left unsaved, and tell it after the traceback."""
    if os.getpid() != _process[0] or not failed():
        return
    from .unsaved import saving, training

    models = training.unsaved(MOST_MODELS)
    if models:
        saving.rescue(models, _folder[0], _program[0], _time[0])


def failed() -> bool:
    """Whether an uncaught exception ends this process, as Python notes it before it asks any `sys.excepthook`.

    What others note in its place (a console in the program, a debugger) doesn't begin at the bottom of the stack.
    Where somebody sits at a prompt, as after `python -i`, the models are theirs to save.
    """
    kind = getattr(sys, "last_type", None)
    traceback = getattr(sys, "last_traceback", None)
    if kind is None or traceback is None or issubclass(kind, KeyboardInterrupt) or hasattr(sys, "ps1"):
        return False
    return traceback.tb_frame.f_back is None
