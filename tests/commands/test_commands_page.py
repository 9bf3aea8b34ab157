"""docs/commands.md says what the commands say of themselves."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from mockexam import cli
from mockexam.commands import exit_codes

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    generator = runpy.run_path(str(DOCS / "generate_commands.py"))
    assert (DOCS / "commands.md").read_text("utf-8") == generator["page"](), "run `python docs/generate_commands.py`"


def test_the_page_has_a_section_for_every_command_and_for_nothing_that_is_gone() -> None:
    titles = re.findall(r"^## (.+)$", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert titles == [*cli.COMMANDS, "Exit codes", "Settings", "Environment"]


def test_the_help_names_the_exit_codes_as_the_page_does() -> None:
    assert cli.table.help is not None
    said = re.search(r"Exit codes: (.+)\.", cli.table.help)
    assert said is not None
    short = {code: meaning for code, (meaning, _) in exit_codes.MEANINGS.items() if code <= exit_codes.OUR_FAULT}
    assert said.group(1).split(", ") == [f"{code} {meaning}" for code, meaning in short.items()]
