"""What activating an environment gives to a program: its folder first on PATH, its variables, and none of another's."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from mockexam.interpreters.asking import ask
from mockexam.interpreters.interpreter import Change, Interpreter

OF_AN_ENVIRONMENT = re.compile(
    r"VIRTUAL_ENV(_PROMPT)?|CONDA_(PREFIX|DEFAULT_ENV|PROMPT_MODIFIER|SHLVL|PREFIX_\d+|STACKED_\d+)"
    r"|PYTHONHOME|PYTHONEXECUTABLE|__PYVENV_LAUNCHER__"
)
"""Variables by which an environment, or the Python that started us, is known to its programs."""
OF_A_SHELL = re.compile(r"_|PWD|OLDPWD|SHLVL|BASH.*|ENV|PS1|LC_CTYPE")
"""Variables in which a shell speaks of itself; the last is set by the Python that tells us, where the locale is C."""

SECONDS_FOR_SCRIPTS = 10.0
# untranslated: bash reads it
READ_SCRIPTS = """
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done
exec "$0" -I -S -c "$1" "$2"
"""
# untranslated: Python reads it
TELL_ENVIRONMENT = """
import json, os, sys
with open(int(sys.argv[1]), "w") as answer:
    json.dump(dict(os.environ), answer)
"""


def activated(interpreter: Interpreter, base: Mapping[str, str]) -> dict[str, str]:
    """The variables of `base` as activating `interpreter` leaves them; whatever was active before is deactivated.

    What its activation scripts set when it was chosen is repeated from the record; nothing is executed.
    """
    kept = {name: value for name, value in base.items() if not OF_AN_ENVIRONMENT.fullmatch(name)}
    gone = _replaced(interpreter, base)
    folders = [folder for folder in base.get("PATH", os.defpath).split(os.pathsep) if folder not in gone]
    kept["PATH"] = os.pathsep.join(dict.fromkeys([str(_programs(interpreter)), *folders]))
    if interpreter.kind == "venv":
        kept["VIRTUAL_ENV"] = str(interpreter.prefix)
    elif interpreter.kind == "conda":
        kept["CONDA_PREFIX"] = str(interpreter.prefix)
        kept["CONDA_DEFAULT_ENV"] = _conda_name(interpreter.prefix)
        kept["CONDA_SHLVL"] = "1"
    for name, change in interpreter.variables.items():
        value = change.applied(kept.get(name))
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
    return kept


def read_scripts(interpreter: Interpreter, base: Mapping[str, str]) -> dict[str, Change]:
    """What the activation scripts of a conda environment set; empty where there are none, or no bash.

    They are executed, within 10 s: call it once, in a worker, when somebody has chosen the environment. Scripts that
    fail or take longer give nothing.
    """
    if interpreter.kind != "conda" or not any((interpreter.prefix / "etc/conda/activate.d").glob("*.sh")):
        return {}
    before = activated(interpreter, {name: value for name, value in base.items() if name != "BASH_ENV"})
    command = ["bash", "--noprofile", "--norc", "-c", READ_SCRIPTS, sys.executable, TELL_ENVIRONMENT]
    try:
        answer = ask(command, before, SECONDS_FOR_SCRIPTS)
        after = json.loads(answer.said)
    except (OSError, ValueError, RecursionError):
        return {}
    return {
        name: Change.between(before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and not OF_A_SHELL.fullmatch(name)
    }


def _replaced(interpreter: Interpreter, base: Mapping[str, str]) -> set[str]:
    """The folders on PATH of ours and of what is replaced: an active venv, or a conda environment by another.

    Programs of a conda environment stay reachable behind a venv, as in a shell.
    """
    roots = [base.get("VIRTUAL_ENV", "")]
    if interpreter.kind == "conda":
        roots.append(base.get("CONDA_PREFIX", ""))
    if sys.prefix != sys.base_prefix or Path(sys.prefix, "conda-meta").is_dir():
        roots.append(sys.prefix)
    return {os.path.join(root, "bin") for root in roots if root}  # noqa: PTH118 - compared as text


def _programs(interpreter: Interpreter) -> Path:
    """The folder of its programs."""
    return interpreter.prefix / "bin" if interpreter.kind in ("venv", "conda") else interpreter.executable.parent


def _conda_name(prefix: Path) -> str:
    """The name by which conda activates an environment: base, one below envs, or its path."""
    if (prefix / "condabin").is_dir():
        return "base"
    return prefix.name if prefix.parent.name == "envs" else str(prefix)
