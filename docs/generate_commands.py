"""Write docs/commands.md from the commands themselves: `python docs/generate_commands.py`. A test proves it current.

What --help can't say is in docs/templates/commands.md: an introduction, then a section for each command about which
there is more to say, under its name, then the sections about all of them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from mockexam import cli
from mockexam.commands import exit_codes

PAGE = Path(__file__).with_name("commands.md")
TEMPLATE = Path(__file__).parent / "templates" / "commands.md"
PROGRAM = "mockexam"


def page() -> str:
    """The whole page."""
    introduction, sections = _template()
    top = _context(cli.table, PROGRAM, None)
    parts = [introduction, _overview()]
    for command in _below(top):
        name = command.command_path.removeprefix(f"{PROGRAM} ")
        parts.append(f"{'#' * (2 + name.count(' '))} {name}\n\n{_described(command)}{sections.pop(name, '')}")
    for title, text in sections.items():
        parts.append(f"## {title}\n\n{text}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _template() -> tuple[str, dict[str, str]]:
    """The introduction, and each section's text by its title."""
    text = TEMPLATE.read_text("utf-8").replace("{exit_codes}", _exit_codes())
    introduction, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    titled = (section.partition("\n\n") for section in sections)
    return introduction, {title: text for title, _, text in titled}


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return command.make_context(name, [], parent=parent, resilient_parsing=True)


def _below(group: click.Context) -> Iterator[click.Context]:
    """Every command of the group, each followed by its own sub-commands."""
    assert isinstance(group.command, click.Group)
    for name in group.command.list_commands(group):
        command = group.command.get_command(group, name)
        assert command is not None
        context = _context(command, name, group)
        yield context
        if isinstance(command, click.Group):
            yield from _below(context)


def _overview() -> str:
    rows = ((f"[`{PROGRAM} {name}`](#{name})", str(entry.about)) for name, entry in cli.COMMANDS.items())
    return _table(("command", "what it does"), rows)


def _described(context: click.Context) -> str:
    """How the command is called, what its help says, and its options."""
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(context.command.help or "")
    records = [record for each in _options(context) if (record := each.get_help_record(context))]
    options = _table(("option", "what it does"), ((f"`{left}`", right) for left, right in records))
    return f"    {usage}\n\n{help_text}\n\n" + (f"{options}\n" if records else "")


def _options(context: click.Context) -> Iterator[click.Option]:
    own = context.command.get_params(context)
    return (each for each in own if isinstance(each, click.Option) and "--help" not in each.opts)


def _exit_codes() -> str:
    rows = ((str(code), meaning, when) for code, (meaning, when) in exit_codes.MEANINGS.items())
    return _table(("code", "meaning", "when"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, cells))} |\n" for cells in lines)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
