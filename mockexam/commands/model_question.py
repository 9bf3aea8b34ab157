"""The question which of several models is meant; where nobody can be asked, the refusal that names them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from graders.sentences import sentence
from graders.texts import one_line
from mockexam.commands import context
from mockexam.language.catalogue import shown
from mockexam.sitting.model_files import Selected, SeveralModelsError


def answered(select: Callable[[], Selected], *, as_json: bool = False) -> Selected:
    """What `select` returns, or what the person at the terminal answers when it raises SeveralModelsError.

    Models that were left are told on the error stream. Where nobody can be asked the error goes on to the caller.
    """
    try:
        selected = select()
    except SeveralModelsError as several:
        if as_json or not is_anybody_there():
            raise
        return Selected(chosen(several.choices, most=1)[0])
    if selected.note is not None:
        click.echo(shown(selected.note), err=True)
    return selected


def is_anybody_there() -> bool:
    """Whether a question would be read and could be answered."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def chosen(choices: tuple[Path, ...], *, most: int | None = None) -> tuple[Path, ...]:
    """Ask which of several models are meant: one, or all where `most` isn't 1."""
    click.echo(shown(sentence("Later copies lie beside the model:")), err=True)
    rows = [(f"{number}", *_facts(path)) for number, path in enumerate(choices, 1)]
    if most != 1:
        rows.append((f"{len(rows) + 1}", shown(sentence("all of them")), "", ""))
    click.echo("\n".join(context.columns(rows, right=frozenset({0, 2}))), err=True)
    number: int = click.prompt(shown(sentence("Which one is meant?")), type=click.IntRange(1, len(rows)), err=True)
    return choices[number - 1 : number] or choices


def _facts(path: Path) -> tuple[str, str, str]:
    """A model's path, size and time."""
    shown_path = one_line(os.fsencode(path))
    try:
        status = path.stat()
    except OSError:
        return shown_path, "", ""
    size = "" if path.is_dir() else shown(context.size(status.st_size))
    return shown_path, size, f"{datetime.fromtimestamp(status.st_mtime):%Y-%m-%d %H:%M:%S}"
