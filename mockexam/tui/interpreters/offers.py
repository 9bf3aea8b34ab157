"""The interpreters that can be chosen, and what is told of each. Everything here reads files: call it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graders.sentences import Sentence, sentence
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.discovery import found
from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.interpreter import Interpreter, this_python
from mockexam.interpreters.named import named
from mockexam.interpreters.packages import TENSORFLOW

FIRST = ("tensorflow", "keras", "tf-keras", "numpy", "pandas", "matplotlib")
"""The packages that matter most, shown first, even when they are missing."""

_GENERATIONS: tuple[Literal[3, 2], ...] = (3, 2)


@dataclass(frozen=True)
class Offer:
    """An interpreter to choose from; `refused` says why the exam's rules don't allow it."""

    interpreter: Interpreter
    doubts: tuple[Sentence, ...] = ()
    refused: Sentence | None = None

    @property
    def key(self) -> str:
        """What tells it from every other."""
        return key_of(self.interpreter)


@dataclass(frozen=True)
class Selection:
    """What was chosen, with the doubts that were accepted."""

    interpreter: Interpreter
    confirmed: tuple[Sentence, ...] = ()


def key_of(interpreter: Interpreter) -> str:
    """What tells an interpreter from every other: where it lies, and which of its Keras programs get."""
    return f"{interpreter.executable}|{interpreter.keras}|{interpreter.legacy}"


def known(rules: ProgramRules, project: Path | None, present: Interpreter | None) -> list[Offer]:
    """This Python with today's Keras, then with that of the exam, and the interpreter in use.

    That one may lie where nothing looks for one.
    """
    ours = [_offer(this_python(keras), rules, None) for keras in _GENERATIONS]
    return ours if present is None or present.ours else [*ours, _offer(present, rules, project)]


def others(rules: ProgramRules, project: Path | None) -> list[Offer]:
    """The other Pythons of this machine; may take seconds."""
    return [_offer(interpreter, rules, project) for interpreter in found(project)]


def typed(text: str, rules: ProgramRules, project: Path | None) -> Offer:
    """The interpreter of a folder or an executable that somebody typed. Raises InterpreterError."""
    return _offer(named(text, rules.keras), rules, project)


def packages(versions: dict[str, str]) -> tuple[list[tuple[str, str | None]], list[tuple[str, str]]]:
    """Names and versions: of FIRST, None where a package is missing, and of all others by name."""
    of_tensorflow = next((name for name in TENSORFLOW if name in versions), FIRST[0])
    first: Sequence[str] = (of_tensorflow, *FIRST[1:])
    rest = sorted((name, version) for name, version in versions.items() if name not in first)
    return [(name, versions.get(name)) for name in first], rest


def _offer(interpreter: Interpreter, rules: ProgramRules, project: Path | None) -> Offer:
    return Offer(interpreter, doubts(interpreter, project), _refusal(interpreter, rules))


def _refusal(interpreter: Interpreter, rules: ProgramRules) -> Sentence | None:
    if rules.allows(interpreter.keras, ours=interpreter.ours):
        return None
    return sentence("The rules of this exam don't allow it.")
