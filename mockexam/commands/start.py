"""`mockexam start`."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import click

from graders.sentences import sentence
from mockexam.errors import AttemptError


@click.command("start")
@click.option("--name", help="The name that the result will carry.")
@click.option("--project", type=click.Path(path_type=Path), help="The folder for the project; must be empty or new.")
@click.option("--pack", help="The pack to draw the exam from, as in `mockexam pack list`.")
@click.option("--language", help="The language of the statements, such as `ko`, where the pack has it.")
def command(name: str | None, project: Path | None, pack: str | None, language: str | None) -> int:
    """Open the exam on this terminal: take it, or resume the one that is running."""
    _refuse_unless_terminal()
    _forget_exported_size()
    _write_utf8()
    from mockexam.tui import garbage

    garbage.hold()
    from mockexam.tui import app, opening

    _refuse_if_small(*app.SMALLEST)
    return opening.run(project=project.absolute() if project else None, name=name, pack=pack, language=language)


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
