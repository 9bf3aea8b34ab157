"""`mockexam pack`: a table of commands for people who write, prove and hand out problem packs."""

from __future__ import annotations

import click

from graders.sentences import sentence
from mockexam.commands.interruption import orderly
from mockexam.commands.lazy_group import Entry, LazyGroup

COMMANDS = {
    "list": Entry(
        "mockexam.commands.pack.look", sentence("Show the packs there are, and what is wrong with any."), "list_command"
    ),
    "info": Entry("mockexam.commands.pack.look", sentence("Show what is in a pack."), "info_command"),
    "check": Entry(
        "mockexam.commands.pack.look",
        sentence("Find everything that is wrong with a pack, without training."),
        "check_command",
    ),
    "new": Entry(
        "mockexam.commands.pack.change",
        sentence("Write a pack, or a problem, that trains and passes as it is."),
        "new_command",
    ),
    "install": Entry(
        "mockexam.commands.pack.change", sentence("Install a pack from an archive or a folder."), "install_command"
    ),
    "remove": Entry("mockexam.commands.pack.change", sentence("Remove an installed pack."), "remove_command"),
    "build": Entry("mockexam.commands.pack.change", sentence("Write a pack into one archive."), "build_command"),
    "prove": Entry(
        "mockexam.commands.pack.prove", sentence("Prove that a pack is fair: train, and try to cheat."), "prove_command"
    ),
    "calibrate": Entry(
        "mockexam.commands.pack.prove",
        sentence("Find the bar that a good model passes every time."),
        "calibrate_command",
    ),
    "preview": Entry(
        "mockexam.commands.pack.preview", sentence("Open the exam on a pack in a scratch place."), "preview_command"
    ),
}


@click.group("pack", cls=LazyGroup, entries=COMMANDS)
def command() -> None:
    """Write, prove and hand out problem packs. docs/packs.md has a tutorial.

    PACK is a folder with a pack.toml, or the id of an installed pack.
    """
    click.get_current_context().with_resource(orderly())
