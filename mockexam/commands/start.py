"""`mockexam start`."""

from __future__ import annotations

import io
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.commands.programs.options import python_option, yes_option
from mockexam.errors import AttemptError

if TYPE_CHECKING:
    from mockexam.commands.programs.picking import Picked


@click.command("start")
@click.option("--name", help="The name that the result will carry.")
@click.option("--project", type=click.Path(path_type=Path), help="The folder for the project; must be empty or new.")
@click.option("--pack", help="The pack to draw the exam from, as in `mockexam pack list`.")
@click.option("--language", help="The language of the statements, such as `ko`, where the pack has it.")
@python_option
@yes_option
def command(
    name: str | None, project: Path | None, pack: str | None, language: str | None, python: str | None, yes: bool
) -> int:
    """Open the exam on this terminal: take it, or resume the one that is running."""
    _refuse_unless_terminal()
    project = project.absolute() if project else None
    picked = _picked(python, project, yes) if python else None
    _forget_exported_size()
    _write_utf8()
    from mockexam.tui import garbage

    garbage.hold()
    from mockexam.tui import app, opening
    from mockexam.tui.launch_options import LaunchOptions

    _refuse_if_small(*app.SMALLEST)
    options = LaunchOptions(project, name, pack, language=language)
    if picked is not None:
        options = replace(options, python=picked.interpreter, confirmed=picked.confirmed)
    return opening.run(options)


def _picked(python: str, project: Path | None, yes: bool) -> Picked | None:
    """The Python for a new exam's programs; None when it was chosen for the exam that is running."""
    from mockexam.commands.programs.picking import picked
    from mockexam.exam.program_rules import ProgramRules
    from mockexam.interpreters.choices import Choices

    with context.queries() as queries:
        attempt = queries.running()
        if attempt is None:
            return picked(python, ProgramRules(), project, yes=yes)
        rules = attempt.rules.programs
        chosen = picked(python, rules, attempt.project, yes=yes)
        Choices(queries.home).choose(
            attempt.id, chosen.interpreter, rules, project=attempt.project, confirmed=chosen.confirmed
        )
    return None


def _refuse_unless_terminal() -> None:
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") not in (None, "", "dumb"):
        return
    dumb = sys.stdin.isatty() and sys.stdout.isatty()
    raise AttemptError(
        sentence("a terminal to draw on"),
        sentence("one that can't draw") if dumb else sentence("a pipe or a file"),
        sentence("Run `mockexam start` in a terminal window. `mockexam status`, `submit` and `end` work anywhere."),
        kind="usage",
    )


def _forget_exported_size() -> None:
    """Drop a size exported by a shell or readline, which would be believed whatever size the window takes later."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


def _write_utf8() -> None:
    """Write UTF-8, which terminals read whatever the locale; in another encoding our signs would show as \\u25be."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def _refuse_if_small(columns: int, lines: int) -> None:
    found = shutil.get_terminal_size()
    if found.columns < columns or found.lines < lines:
        raise AttemptError(
            sentence("a terminal of at least {columns} columns and {lines} lines", columns=columns, lines=lines),
            sentence("{columns} and {lines}", columns=found.columns, lines=found.lines),
            sentence("Make the window larger, or its letters smaller, and start again."),
            kind="usage",
        )
