"""What is told on the error stream when a program has ended: its figures, and advice where it failed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from graders.sentences import Words, sentence, sentences
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.interpreter import Interpreter
from mockexam.plots.figures import figures, folder_of

TAIL = 64 << 10
"""Bytes of output in which a traceback is looked for."""
COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def told(
    code: int, log: Path, interpreter: Interpreter, rules: ProgramRules, script: Path, project: Path
) -> Iterator[Words]:
    """Sentences about a program that ended with `code`, as far as the exam's rules allow."""
    if count := len(figures(folder_of(log))):
        yield sentences("{count} figure: {folder}", "{count} figures: {folder}", count=count, folder=folder_of(log))
    if code == 0 or rules.advice == "none":
        return
    from mockexam.inspections.advice.advice import advise

    advice = advise(
        COLOURS.sub("", _tail(log)),
        keras=interpreter.keras,
        allowed=rules.advice,
        project=project,
        folder=script.parent,
        python=str(interpreter.executable),
    )
    if advice is None:
        return
    yield advice.words
    if advice.replacement is not None:
        yield advice.replacement
    if advice.keras_2 and rules.allows(2, ours=interpreter.ours):
        yield sentence(
            "It runs as it is with Keras 2: mockexam run {script} --keras 2", script=shlex.quote(str(script))
        )


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            return file.read(TAIL).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
