"""`mockexam run`."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal, NamedTuple, cast

import click

from graders.sentences import Words, sentence
from mockexam.commands import context
from mockexam.commands.programs import afterwards, in_shell
from mockexam.commands.programs.before import print_parts
from mockexam.commands.programs.options import python_option, yes_option
from mockexam.commands.programs.picking import picked
from mockexam.errors import RefusalError
from mockexam.exam.program_rules import Generation, ProgramRules
from mockexam.interpreters.choices import Choices, refuse_unless_allowed
from mockexam.interpreters.interpreter import Interpreter, this_python
from mockexam.interpreters.named import of_generation
from mockexam.language.catalogue import shown
from mockexam.preload.switches import OPTIONAL, switched_off
from mockexam.running.environment import program, switches_for
from mockexam.sitting.queries import ExamQueries
from mockexam.store.home import Home
from mockexam.store.records import Attempt
from mockexam.store.settings import Settings
from mockexam.workspace import layout
from mockexam.workspace.place import project_owner

CATEGORY = re.compile(r"(?:category[ _-]?)?(\d{1,4})/?", re.IGNORECASE)


class _Wanted(NamedTuple):
    """A file to run, and the exam to whose project it belongs."""

    script: Path
    attempt: Attempt | None


@click.command("run")
@click.argument("program", metavar="[N|FILE]", required=False)
@click.option("--keras", type=click.Choice(["2", "3"]), help="The generation of Keras, for this run only.")
@python_option
@yes_option
@click.option("--bare", is_flag=True, help="Without plots and the rescue of trained models, for this run only.")
@click.option("--parts", is_flag=True, help="List what would stand before the program, and run nothing.")
def command(program: str | None, keras: str | None, python: str | None, yes: bool, bare: bool, parts: bool) -> int:
    """Run a program as F5 does on the screen: in the same Python and environment, with its output kept.

    N is a category, whose starter.py is run; FILE is any Python file. Without either, the category that you are in.
    --python and --keras hold for this run only. The program's exit code is passed on.
    """
    generation = cast("Literal[2, 3] | None", int(keras) if keras else None)
    with context.queries() as queries:
        wanted = _wanted(program, queries)
        rules = wanted.attempt.rules.programs if wanted.attempt else ProgramRules()
        interpreter = _interpreter(wanted.attempt, rules, queries.home, generation, python, yes)
        off = OPTIONAL if bare else switched_off(Settings(queries.home.settings))
        if parts:
            return print_parts(switches_for(wanted.script, interpreter, wanted.script, rules).without(off))
        log = _log(wanted, queries.home)
    if wanted.attempt is not None and wanted.attempt.state == "running":
        with context.exams() as exams:
            exams.note_interpreter(wanted.attempt.id, interpreter.record())
    return _run(wanted, interpreter, log, rules, off)


def _run(wanted: _Wanted, interpreter: Interpreter, log: Path, rules: ProgramRules, off: Collection[str]) -> int:
    made = program(wanted.script, interpreter, log, rules, off=off)
    if sys.stderr.isatty():
        name = shown(interpreter.name())
        click.secho(f"{name}: {' '.join(made.command)}", err=True, dim=True)
    code = in_shell.run(made, log)
    project = wanted.attempt.project if wanted.attempt else made.folder
    for words in afterwards.told(code, log, interpreter, rules, wanted.script, project):
        click.secho(shown(words), err=True, dim=True)
    return code


def _interpreter(
    attempt: Attempt | None,
    rules: ProgramRules,
    home: Home,
    keras: Generation | None,
    python: str | None,
    yes: bool,
) -> Interpreter:
    """The Python for this run: the one that is named, else the one chosen for the exam, else this one."""
    project = attempt.project if attempt else None
    if python is not None:
        return picked(python, rules, project, keras=keras, yes=yes).interpreter
    if attempt is None:
        return this_python(keras or 3)
    chosen, why_fallen_back = Choices(home).chosen(attempt.id, rules, project)
    if why_fallen_back is not None:
        click.echo(shown(why_fallen_back), err=True)
    if keras is not None:
        chosen = of_generation(chosen, keras)
        refuse_unless_allowed(chosen, rules)
    return chosen


def _wanted(text: str | None, queries: ExamQueries) -> _Wanted:
    """The file that is meant; raises RefusalError when there is none."""
    file = Path(text).expanduser() if text else None
    if file is not None and (file.suffix or not CATEGORY.fullmatch(str(text))):
        return _Wanted(_existing(file), _attempt_of(file, queries))
    attempt = _attempt_of(Path.cwd(), queries) or context.running_attempt(queries)
    category = _category(text, attempt)
    return _Wanted(_existing(layout.starter(attempt.project, category)), attempt)


def _category(text: str | None, attempt: Attempt) -> int:
    match = CATEGORY.fullmatch(text) if text else None
    number = int(match[1]) if match else layout.category_of(attempt.project, Path.cwd())
    if number in attempt.problems:
        return number
    valid = ", ".join(f"{one} ({attempt.titles[one]})" for one in sorted(attempt.problems))
    found: Words = repr(text) if text else sentence("none: you are in no category's folder")
    expected = sentence("a category or a file: {valid}", valid=valid)
    raise RefusalError(expected, found, sentence("For example: mockexam run 3"), kind="usage")


def _existing(file: Path) -> Path:
    file = file.absolute()
    if file.is_file():
        return file
    found = sentence("a folder") if file.is_dir() else sentence("no such file")
    advice = sentence("Give a category, as in `mockexam run 3`, or the path of a Python file.")
    expected = sentence("a Python file at {file}", file=file)
    raise RefusalError(expected, found, advice, kind="usage" if file.is_dir() else "nothing")


def _attempt_of(path: Path, queries: ExamQueries) -> Attempt | None:
    """The exam to whose project a file or folder belongs; None outside of projects that this user's ledger knows."""
    for folder in (path.absolute(), *path.absolute().parents):
        if (owner := project_owner(folder)) is not None:
            here = folder.resolve()
            attempts = (one for one in queries.attempts() if one.id == owner)
            return next((one for one in attempts if one.project.resolve() == here), None)
    return None


def _log(wanted: _Wanted, home: Home) -> Path:
    """Where the output is kept: in the project, as of all runs, else in the cache."""
    if wanted.attempt is None:
        return layout.next_log(home.cache / "runs", wanted.script.stem)
    category = layout.category_of(wanted.attempt.project, wanted.script)
    return layout.next_run_log(wanted.attempt.project, category or 0)
