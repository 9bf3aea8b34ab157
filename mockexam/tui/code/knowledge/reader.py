"""Reads code in a process of its own and runs none of it: names that can stand at a place, and what will fail.

Started by `readers`, with our Python whichever is chosen. The first JSON line is {"interpreter", "environment"}: the
chosen Python (null: ours) and the variables that programs get in it. Each further line is a question, answered by
{"id", "answer"}. {"id", "call": "read", "source", "row", "column"} asks what Jedi finds at a place in a text, counted
from 0; {"id", "call": "inspect", "source", "project"} for the findings in a text, whose project is a folder or null.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from mockexam.inspections.findings import Finding
from mockexam.inspections.inspection import inspect
from mockexam.interpreters.interpreter import Interpreter, this_python

MOST_NAMES = 2000
MOST_FINDINGS = 300

OLDEST_FOR_JEDI = (3, 10)
"""Jedi reads other Pythons by running itself in them; in older ones it can't."""

PATIENCE = 10.0

# untranslated: Python
_PATHS = "import json, sys; print(json.dumps(sys.path[1:]))"


class Reader:
    """Answers questions about texts, as the chosen Python would see them."""

    def __init__(self, interpreter: Interpreter | None = None, environment: dict[str, str] | None = None) -> None:
        self._chosen = interpreter
        self._environment = environment

    @cached_property
    def interpreter(self) -> Interpreter:
        """The chosen Python."""
        return self._chosen or this_python()

    @cached_property
    def modules(self) -> frozenset[str]:
        """What can be imported in it."""
        return self.interpreter.modules()

    def answer(self, request: dict[str, Any]) -> object:
        """Answer a question; nothing is found by what fails in any way."""
        try:
            if request["call"] == "inspect":
                return msgspec.to_builtins(self.findings(request["source"], request["project"]))
            return self.names(request["source"], request["row"], request["column"])
        except Exception:  # Jedi does in some texts
            return []

    def findings(self, source: str, project: str | None) -> list[Finding]:
        """Return what will fail in a text, or do something else than it did."""
        chosen = self.interpreter
        found = inspect(
            source,
            keras=chosen.keras,
            modules=self.modules,
            project=Path(project) if project is not None else None,
            versions=chosen.versions,
            python=str(chosen.executable),
        )
        return found[:MOST_FINDINGS]

    def names(self, source: str, row: int, column: int) -> list[str]:
        """Return the names that can stand at a place, according to Jedi."""
        import jedi

        environment, project = self._seen_by_jedi
        script = jedi.Script(source, environment=environment, project=project)
        return [one.name for one in script.complete(row + 1, column)[:MOST_NAMES]]

    @cached_property
    def _seen_by_jedi(self) -> tuple[Any, Any]:
        """The environment in which Jedi reads, and its project where ours must do for another Python."""
        import jedi

        chosen = self._chosen
        if chosen is None or chosen.ours:
            return jedi.InterpreterEnvironment(), None
        major, minor = chosen.python.split(".")[:2]
        if (int(major), int(minor)) >= OLDEST_FOR_JEDI:
            environment = jedi.create_environment(str(chosen.executable), safe=False, env_vars=self._environment)
            return environment, None
        return jedi.InterpreterEnvironment(), jedi.Project(str(chosen.prefix), sys_path=self._paths(chosen))

    def _paths(self, chosen: Interpreter) -> list[str]:
        command = [str(chosen.executable), "-c", _PATHS]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=self._environment, timeout=PATIENCE, check=False
        )
        return [path for path in json.loads(done.stdout) if isinstance(path, str)]


def main() -> None:
    """Answer until the other side closes."""
    os.nice(10)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    greeting = json.loads(sys.stdin.readline())
    chosen = greeting["interpreter"]
    interpreter = (
        None if chosen is None else msgspec.convert(chosen, Interpreter, dec_hook=lambda kind, text: kind(text))
    )
    reader = Reader(interpreter, greeting["environment"])
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps({"id": request["id"], "answer": reader.answer(request)}) + "\n")
        answers.flush()
