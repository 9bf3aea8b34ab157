"""What stands before a program, as the shell shows it."""

from __future__ import annotations

import click

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.preload.switches import Switches, parts


def print_parts(switches: Switches) -> int:
    """List the parts, each with its files; returns the exit code."""
    listed = parts(switches)
    if not listed:
        click.echo(shown(sentence("Nothing stands before the program.")))
    for part in listed:
        click.echo(shown(part.does))
        for file in part.files:
            click.echo(f"    {file}")
    return 0
