"""Every sentence for people is marked for translators where it is written.

To see what isn't in a module that is being written: python -m tests.language.unconverted mockexam.tui.keymap
"""

from __future__ import annotations

import pytest

from tests.language.source import Finding, bypassing, mismarked, modules


def told(findings: list[Finding]) -> str:
    return "\n".join(f"line {finding.line}: {finding.text}" for finding in findings)


@pytest.mark.parametrize("name", modules())
def test_every_sentence_is_marked(name: str) -> None:
    assert not (found := bypassing(modules()[name].read_text("utf-8"))), told(found)


def test_templates_are_literals_with_the_placeholders_they_are_given() -> None:
    wrong = {name: found for name, file in modules().items() if (found := mismarked(file.read_text("utf-8")))}
    assert not wrong


@pytest.mark.parametrize(
    "source",
    [
        'click.echo("Stopped.")',
        'Button("Cancel")',
        'raise AttemptError("none", a, b)',
        'advice = "Save the model again."',
        'found = f"{name} is a folder"',
        'found = f"{count} files"',
        'sentence("{name} holds {what}", name=name, what=f"no {kind} of model")',
        'KINDS = {1: "a symbolic link"}',
        'click.echo("yes" if well else "no")',
    ],
)
def test_a_bypass_is_found(source: str) -> None:
    assert len(bypassing(source)) >= 1


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring of some words."""',
        'sentence("{name} is a folder", name=name)',
        'sentences("{count} file of it", "{count} files of it", count=3)',
        '@click.option("--json", help="Print what is known.")\ndef one(): ...',
        'raise ValueError("a bar needs exactly one of them")',
        'raise ForbiddenError("there is no network")  # untranslated: Python says it',
        'connection.execute("SELECT one FROM many")',
        'DEFAULT_CSS = "Screen { layout: vertical; }"',
        'profile = "(allow file read)"  # untranslated: a program reads it',
        'if "not a database" in text: ...',
        'f"{moment:%Y-%m-%d %H:%M}"',
    ],
)
def test_what_is_no_text_for_people_is_left_alone(source: str) -> None:
    assert not bypassing(source)


@pytest.mark.parametrize(
    "source",
    ['sentence(f"{name} is wrong")', 'sentence("{name} is wrong")', 'sentence("It is wrong", name=name)',
     'sentences("{count} {thing}", "{count} {things}", count=2, thing=a)'],
)  # fmt: skip
def test_a_wrong_mark_is_found(source: str) -> None:
    assert mismarked(source)
