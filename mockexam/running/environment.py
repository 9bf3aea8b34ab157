"""What a candidate's program is started with: command, folder, and the environment that is made in this one place."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.environment import activated
from mockexam.interpreters.interpreter import Interpreter
from mockexam.plots.figures import folder_of
from mockexam.preload.switches import Switches, variables

# Sizes would outlive a resize; the others make programs think they are running in another terminal or tool.
REMOVED = frozenset({"COLUMNS", "LINES", "ROWS", "PYCHARM_HOSTED", "NO_COLOR", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"})
# Where our files are is no secret, and `mockexam submit`, run by the program, must find the same exam.
KEPT = frozenset({"MOCKEXAM_HOME"})
LEGACY_KERAS = "TF_USE_LEGACY_KERAS"
"""Makes TensorFlow 2.16 and newer use tf_keras, which is Keras 2."""


class Program(NamedTuple):
    """How a file is run, on the screen as in a shell; `environment` is the whole of it."""

    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]


def program(
    script: Path,
    interpreter: Interpreter,
    log: Path,
    rules: ProgramRules,
    base: Mapping[str, str] | None = None,
    *,
    off: Collection[str] = (),
) -> Program:
    """Run a file in the folder where it lies, by its name there, as `python starter.py` does in a shell.

    `log` is the file for its output; what stands before the program has its own files beside that one. `off` names the
    parts of it that are switched off.
    """
    folder = script.absolute().parent
    command = (str(interpreter.executable), script.name if folder.is_dir() else str(script))
    switches = switches_for(script, interpreter, log, rules).without(off)
    return Program(command, folder, program_environment(interpreter, switches, base))


def switches_for(script: Path, interpreter: Interpreter, log: Path, rules: ProgramRules) -> Switches:
    """Which parts stand before a program, and where they put what they keep."""
    return Switches(
        keras_2=interpreter.legacy,
        plots=folder_of(log).absolute(),
        rescue=script.absolute().parent if rules.rescue else None,
        log=log.with_suffix(".faults.log").absolute(),
    )


def program_environment(
    interpreter: Interpreter, switches: Switches, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All variables of a program in that Python: the user's own, its environment activated, and our parts before it."""
    environment = activated(interpreter, child_environment(base))
    environment.pop(LEGACY_KERAS, None)  # one that was exported would belie the interpreter's name
    if interpreter.legacy:
        environment[LEGACY_KERAS] = "1"
    return {**environment, **variables(switches, environment)}


def child_environment(base: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The user's own variables without ours, set up for a terminal that shows colours; `extra` has the last word."""
    base = os.environ if base is None else base
    kept = {name: value for name, value in base.items() if name not in REMOVED and not _is_ours(name)}
    # TensorFlow's greeting on a machine without a GPU reads like an error; warnings from the candidate's own code stay.
    kept.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return {**kept, "PYTHONUNBUFFERED": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor", **(extra or {})}


def _is_ours(name: str) -> bool:
    return name.startswith(("MOCKEXAM_", "TEXTUAL")) and name not in KEPT
