"""`mockexam pack`: a table of commands for people who write, prove and hand out problem packs."""

from __future__ import annotations

from importlib import import_module

import click

from mockexam.commands.interruption import orderly

COMMANDS = {
    "list": ("mockexam.commands.pack.look", "Show the packs there are, and what is wrong with any."),
    "info": ("mockexam.commands.pack.look", "Show what is in a pack."),
    "check": ("mockexam.commands.pack.look", "Find everything that is wrong with a pack, without training."),
    "new": ("mockexam.commands.pack.change", "Write a pack, or a problem, that trains and passes as it is."),
    "install": ("mockexam.commands.pack.change", "Install a pack from an archive or a folder."),
    "remove": ("mockexam.commands.pack.change", "Remove an installed pack."),
    "build": ("mockexam.commands.pack.change", "Write a pack into one archive."),
    "prove": ("mockexam.commands.pack.prove", "Prove that a pack is fair: train, and try to cheat."),
    "calibrate": ("mockexam.commands.pack.prove", "Find the bar that a good model passes every time."),
    "preview": ("mockexam.commands.pack.preview", "Open the exam on a pack in a scratch place."),
}
"""Name → (module with a click command of that name, what it does in one line)."""


class Table(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group("pack", cls=Table)
def command() -> None:
    """Write, prove and hand out problem packs. docs/packs.md has a tutorial.

    PACK is a folder with a pack.toml, or the id of an installed pack.
    """
    click.get_current_context().with_resource(orderly())
