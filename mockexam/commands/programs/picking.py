"""The Python that a command line names, and the question before one that others could have changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, NamedTuple

import click

from graders.sentences import Sentence, joined, sentence
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import refuse_unless_allowed
from mockexam.interpreters.choosing import made_ready
from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.named import THIS, InterpreterError, named
from mockexam.language.catalogue import shown


class Picked(NamedTuple):
    """An interpreter that was named and is ready, and what was told and accepted about it."""

    interpreter: Interpreter
    confirmed: tuple[Sentence, ...]


def picked(
    text: str,
    rules: ProgramRules,
    project: Path | None,
    *,
    keras: Literal[2, 3] | None = None,
    yes: bool = False,
) -> Picked:
    """The Python that `text` names, asked about if need be, and started once.

    Raises InterpreterError when it names none, or none that the rules allow, or when it isn't trusted.
    """
    # A word asks for one Keras; of what a place offers, that is meant which the rules allow.
    interpreter = named(text, keras or (None if text in THIS else rules.keras))
    refuse_unless_allowed(interpreter, rules)
    told = doubts(interpreter, project)
    if told and not yes:
        _ask(interpreter, told)
    return Picked(made_ready(interpreter), told)


def _ask(interpreter: Interpreter, told: tuple[Sentence, ...]) -> None:
    """Ask whether to run it all the same; raises InterpreterError for no, and where nobody can be asked."""
    expected = sentence("a Python that nobody but you can have put there or change")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InterpreterError(
            expected,
            joined(told, " "),
            sentence("Give --yes if you trust it, or choose another."),
        )
    for doubt in told:
        click.echo(shown(doubt), err=True)
    question = sentence("Run programs in {path} all the same?", path=interpreter.executable)
    if not click.confirm(shown(question), default=False, err=True):
        raise InterpreterError(expected, sentence("one that you don't trust"), sentence("Choose another."))
