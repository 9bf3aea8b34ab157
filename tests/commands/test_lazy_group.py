"""A group imports the command that is asked for, and shows help in the language that is chosen."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from graders.sentences import sentence
from mockexam.commands.lazy_group import Entry, LazyGroup, translate
from mockexam.language.catalogue import choose
from tests.language.german import catalogue_of

ABOUT = "Show the time left and the points so far."


@pytest.fixture(autouse=True)
def in_english_again() -> Iterator[None]:
    yield
    choose(None)


def group() -> click.Group:
    entries = {
        "status": Entry("mockexam.commands.status", sentence("Show the time left and the points so far.")),
        "missing": Entry("mockexam.commands.no_such_module", sentence("It is never imported.")),
    }
    return LazyGroup("mockexam", entries=entries, help="A mock exam.")


def help_of(command: click.Command, *arguments: str) -> str:
    return " ".join(CliRunner().invoke(command, [*arguments, "--help"]).output.split())


def test_the_table_imports_nothing() -> None:
    assert ABOUT in help_of(group())
    assert "It is never imported." in help_of(group())


def test_a_command_is_imported_when_asked_for() -> None:
    assert "Print JSON." in help_of(group(), "status")
    with pytest.raises(ModuleNotFoundError):
        group().get_command(click.Context(group()), "missing")


def test_what_is_no_command_is_none() -> None:
    assert group().get_command(click.Context(group()), "nonesuch") is None


def test_the_table_is_shown_in_the_chosen_language() -> None:
    choose(catalogue_of({ABOUT: "Zeigt, was bleibt.", "A mock exam.": "Eine Probeprüfung."}))
    table = group()
    translate(table)
    assert "Zeigt, was bleibt." in help_of(table)
    assert "Eine Probeprüfung." in help_of(table)


def test_the_help_of_a_command_and_its_options_is_translated() -> None:
    choose(catalogue_of({"Print it.": "Ausgeben.", "What it does.": "Was es tut."}))
    below = click.Command(
        "below", help="What it does.", params=[click.Option(["--it"], is_flag=True, help="Print it.")]
    )
    above = click.Group("above", commands={"below": below})
    translate(above)
    assert "Was es tut." in help_of(above, "below")
    assert "Ausgeben." in help_of(above, "below")
