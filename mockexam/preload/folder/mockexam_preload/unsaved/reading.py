"""Opens rescued models again, in a process that knows nothing of the program, and tells what that takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from .. import PREFIX, log
from . import opening, own_objects, read_back, wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READING_TIME = 120.0
"""The longest, in seconds, that the process may take: most of it is the import of TensorFlow."""


class Saved:
    """A model with the file it is in now."""

    def __init__(self, model: Any, name: str, folder: str, keras: str) -> None:
        self.model = model
        self.name = name
        self.path = os.path.join(folder, name)
        self.shown = name if _is_here(folder) else self.path
        self.keras = keras
        self.load_weights = "model.load_weights({})".format(json.dumps(self.shown))


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(folder, os.curdir)
    except OSError:
        return False


def tell(keras: str, saved: list[Saved]) -> None:
    """Open files in a process that knows nothing of this program, and tell what it took."""
    answers = _answers(keras, [each.path for each in saved])
    for number, each in enumerate(saved):
        if answers is None:
            wording.tell("no_answer", file=each.shown)
            continue
        answer = opening.Opened(**answers[number])
        own: dict[str, Any] = {}
        if answer.arguments is None:
            own = _own_objects(each)
            answer = _opened_here(each.path, keras, own, answer)
        _tell_outcome(each, own, answer)


def _tell_outcome(saved: Saved, own: dict[str, Any], answer: opening.Opened) -> None:
    if answer.arguments is None:
        wording.tell("unreadable", file=saved.shown, reason=answer.error.rstrip(".…"), load=saved.load_weights)
        return
    arguments = ["{}={}".format(*each) for each in sorted(answer.arguments.items())]
    objects = ", ".join("{}: {}".format(json.dumps(name), own_objects.expression(own[name])) for name in sorted(own))
    call = ", ".join([json.dumps(saved.shown)] + (["custom_objects={" + objects + "}"] if own else []) + arguments)
    statement = "{}.models.load_model({})".format(saved.keras, call)
    needed = " and ".join((["custom_objects"] if own else []) + arguments)
    if answer.weights != opening.weights(saved.model):
        wording.tell("other_weights", file=saved.shown, statement=statement)
    elif needed:
        wording.tell("opens_only_with", arguments=needed, statement=statement)
    else:
        wording.tell("opens", statement=statement)


def _own_objects(saved: Saved) -> dict[str, Any]:
    try:
        return own_objects.of(saved.model, saved.path)
    except Exception as error:
        log("its own objects aren't found: {!r}".format(error))  # untranslated: for the log
        return {}


def _opened_here(path: str, keras: str, own: dict[str, Any], plain: opening.Opened) -> opening.Opened:
    """Open a file in this process, which has what the program made itself, with no more than `own` of that."""
    if not own:
        return plain
    opening.forget_registered(keras)
    return opening.opened(path, keras, own)


def _answers(keras: str, paths: list[str]) -> list[dict[str, Any]] | None:
    """What `opening.opened` says of each file in a short process: same Python, same Keras; no rescue and no GPU."""
    environment = dict(os.environ, CUDA_VISIBLE_DEVICES="-1")
    for switch in ("RESCUE", "PLOTS"):
        environment.pop(PREFIX + switch, None)
    process = None
    try:
        process = _started([sys.executable, read_back.__file__, keras, *paths], environment)
        output = process.communicate(timeout=READING_TIME)[0]
    except (OSError, subprocess.TimeoutExpired) as error:
        log("nothing was read back: {!r}".format(error))  # untranslated: for the log
        return None
    finally:
        if process is not None:
            process.kill()
            process.wait()
    found = [line for line in output.splitlines() if line.startswith(read_back.MARK)]
    return json.loads(found[-1][len(read_back.MARK) :]) if found else None


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    # It is in our process group and would get our Ctrl+C. What is blocked here stays blocked there, and waits here.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    process = None
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        )
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if process is not None:
            process.kill()
        raise
    return process
