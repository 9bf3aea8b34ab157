"""A group of commands of which only the one asked for is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from graders.sentences import Sentence
from mockexam.language.catalogue import shown, translated


class Entry(NamedTuple):
    """Where a command is, and what it does in one line."""

    module: str
    about: Sentence
    attribute: str = "command"


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them.

    `entries` are by name, in the order to list them. The help of a command, its options and its own commands is
    translated when the command is imported.
    """

    def __init__(self, *arguments: Any, entries: Mapping[str, Entry], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the table's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        found: click.Command = getattr(import_module(entry.module), entry.attribute)
        translate(found)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, shown(entry.about)) for name, entry in self.entries.items()])


def translate(command: click.Command) -> None:
    """Translate the help of a command, its options and its own commands into the chosen language."""
    command.help = translated(command.help or "") or None
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = translated(option.help)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            translate(below)
