"""Reads code in a process of its own and runs none of it: names that can stand at a place, and what will fail.

Started by `readers`, with our Python whichever is chosen. The first JSON line is {"interpreter", "environment",
"others"}: the chosen Python (null: ours), the variables that programs get in it, and whether others may be named. Each
further line is a question, answered by {"id", "answer"}; rows and columns are counted from 0.
{"id", "call": "read", "source", "row", "column"} asks what Jedi finds at a place in a text,
{"id", "call": "inspect", "source", "project"} for the findings in a text, whose project is a folder or null,
{"id", "call": "offer", "source", "project", "rows"} for all that can be offered for those that begin in some rows.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from mockexam.inspections.comments import ignore_edit
from mockexam.inspections.edits import together
from mockexam.inspections.findings import MISSING, Finding
from mockexam.inspections.inspection import inspect
from mockexam.interpreters.installation import OLDEST_FOR_JEDI
from mockexam.interpreters.interpreter import Interpreter, this_python
from mockexam.tui.code.knowledge.neighbours import Neighbours
from mockexam.tui.code.knowledge.offer import Everywhere, Offer

MOST_NAMES = 2000
MOST_FINDINGS = 300


class Reader:
    """Answers questions about texts, as the chosen Python would see them."""

    def __init__(
        self, interpreter: Interpreter | None = None, environment: dict[str, str] | None = None, *, others: bool = False
    ) -> None:
        self._chosen = interpreter
        self._environment = environment
        self._others = others
        self._neighbours: Neighbours | None = None
        self._read_at: object = None
        self._modules: frozenset[str] = frozenset()

    @cached_property
    def interpreter(self) -> Interpreter:
        """The chosen Python."""
        return self._chosen or this_python()

    @property
    def modules(self) -> frozenset[str]:
        """What can be imported in it, as its folders are now."""
        present = self.interpreter.fingerprint()
        if present != self._read_at:
            self._read_at, self._modules = present, self.interpreter.modules()
        return self._modules

    def answer(self, request: dict[str, Any]) -> object:
        """Answer a question; nothing is found by what fails in any way."""
        try:
            if request["call"] == "read":
                return self.names(request["source"], request["row"], request["column"])
            project = Path(request["project"]) if request["project"] is not None else None
            if request["call"] == "offer":
                return msgspec.to_builtins(self.offers(request["source"], project, set(request["rows"])))
            return msgspec.to_builtins(self.findings(request["source"], project))
        except Exception:  # Jedi does in some texts
            return []

    # ── findings ──

    def findings(self, source: str, project: Path | None) -> list[Finding]:
        """Return what will fail in a text, or do something else than it did."""
        found = self._inspected(source, project)
        if self._others and self._neighbours is None and any(one.pattern == MISSING for one in found):
            self._neighbours = Neighbours(project)
        return found[:MOST_FINDINGS]

    def _inspected(self, source: str, project: Path | None) -> list[Finding]:
        chosen = self.interpreter
        return inspect(
            source,
            keras=chosen.keras,
            modules=self.modules,
            project=project,
            elsewhere=self._neighbours.known() if self._neighbours is not None else None,
            versions=chosen.versions,
            python=str(chosen.executable),
        )

    def offers(self, source: str, project: Path | None, rows: set[int]) -> list[Offer]:
        """Return what can be offered for each finding that begins in one of the rows."""
        if self._neighbours is not None:
            self._neighbours.wait()
        found = self._inspected(source, project)
        return [
            Offer(one, ignore_edit(source, one), tuple(_everywhere(one, found))) for one in found if one.row in rows
        ]

    # ── names ──

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
        if chosen.installation.version >= OLDEST_FOR_JEDI:
            environment = jedi.create_environment(str(chosen.executable), safe=False, env_vars=self._environment)
            return environment, None
        paths = [str(folder) for folder in chosen.search_path()]
        return jedi.InterpreterEnvironment(), jedi.Project(str(chosen.prefix), sys_path=paths)


def _everywhere(finding: Finding, found: list[Finding]) -> list[Everywhere]:
    """Its fixes, made for every finding of the pattern, where there are several."""
    every = []
    for fix in finding.fixes:
        same = [
            other for one in found if one.pattern == finding.pattern for other in one.fixes if other.name == fix.name
        ]
        if len(same) > 1:
            every.append(Everywhere(fix.name, len(same), together(same)))
    return every


def main() -> None:
    """Answer until the other side closes."""
    os.nice(10)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    greeting = json.loads(sys.stdin.readline())
    chosen = greeting["interpreter"]
    interpreter = None
    if chosen is not None:
        interpreter = msgspec.convert(chosen, Interpreter, dec_hook=lambda kind, text: kind(text))
    reader = Reader(interpreter, greeting["environment"], others=greeting["others"])
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps({"id": request["id"], "answer": reader.answer(request)}) + "\n")
        answers.flush()
