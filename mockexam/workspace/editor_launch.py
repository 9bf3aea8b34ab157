"""How editors run the candidate's programs: with the Python and the environment of the Run window."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.interpreter import Interpreter
from mockexam.preload.switches import Switches
from mockexam.running.environment import program_environment
from mockexam.workspace import layout
from mockexam.workspace.editors import Launch

OLD_PATH = "$OLD"
"""Stands for what no file may say: PATH differs from one start of an editor to the next."""
OF_A_TERMINAL = frozenset({"PATH", "TERM", "COLORTERM"})
"""Variables that an editor's own console sets."""


def launch_of(
    interpreter: Interpreter,
    project: Path,
    categories: Sequence[int],
    rules: ProgramRules,
    *,
    off: Collection[str] = (),
) -> Launch:
    """The launch of an interpreter, for files in the project; `off` names parts that the user has switched off.

    Nothing of the user's own environment is in it, nor what activation scripts have set: they may hold secrets. Plots
    are shown by the Run window alone.
    """
    plain = msgspec.structs.replace(interpreter, variables={})
    variables, first = {}, tuple[str, ...]()
    for category in categories:
        switches = Switches(
            keras_2=interpreter.legacy,
            rescue=layout.category_folder(project, category) if rules.rescue else None,
        ).without(off)
        environment = program_environment(plain, switches, {"PATH": OLD_PATH})
        variables[category] = {name: value for name, value in environment.items() if name not in OF_A_TERMINAL}
        first = tuple(folder for folder in environment["PATH"].split(os.pathsep) if folder != OLD_PATH)
    return Launch(
        name=interpreter.name().english,
        executable=str(interpreter.executable),
        project=str(project),
        first=first,
        variables=variables,
    )
