"""A sentence keeps its values apart, and becomes text in the language that is chosen."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.sentences import sentence, sentences
from mockexam.errors import AttemptError
from mockexam.language import catalogue
from mockexam.language.catalogue import choose, choose_from_environment, shown
from tests.language.german import GERMAN, write


@pytest.fixture(autouse=True)
def in_english_again() -> Iterator[None]:
    yield
    choose(None)


def test_english_needs_no_catalogue() -> None:
    assert shown(sentence("{file} of {size}", file=Path("a.h5"), size=3)) == "a.h5 of 3"
    assert shown("a.h5") == "a.h5"


def test_it_is_translated_where_it_is_shown() -> None:
    found = sentence("no space left in {folder}", folder="/data")
    choose(GERMAN)
    assert shown(found) == "kein Platz mehr in /data"
    assert found.english == "no space left in /data"
    choose(None)
    assert shown(found) == "no space left in /data"


def test_a_value_that_is_a_sentence_is_translated_too() -> None:
    found = sentence("{file} of {size}", file="a.h5", size=sentence("{size} MB", size="1.5"))
    choose(GERMAN)
    assert shown(found) == "a.h5 mit 1.5 Megabyte"


@pytest.mark.parametrize(("count", "english", "german"), [(1, "1 day", "1 Tag"), (3, "3 days", "3 Tage")])
def test_what_is_counted_has_the_language_s_own_plural(count: int, english: str, german: str) -> None:
    span = sentences("{count} day", "{count} days", count=count)
    assert span.english == english
    choose(GERMAN)
    assert shown(span) == german


def test_values_are_never_taken_for_templates() -> None:
    assert shown(sentence("{name} is wrong", name="{name} {0.__class__} {{")) == "{name} {0.__class__} {{ is wrong"
    assert shown(sentence('like {{"theme": "{name}"}}', name="dusk")) == 'like {"theme": "dusk"}'


def test_an_error_is_english_for_programs_and_keeps_its_sentences() -> None:
    error = AttemptError(sentence("a plain file"), sentence("{name} is a folder", name="x"), "Go.", kind="usage")
    assert str(error) == "Expected a plain file; found x is a folder. Go."
    choose(GERMAN)
    assert shown(error.found) == "x ist ein Ordner"


def test_the_environment_chooses_among_the_catalogues_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in catalogue.VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    write(tmp_path)
    days = sentences("{count} day", "{count} days", count=2)
    for asked, expected in (("de_AT.UTF-8", "2 Tage"), ("fr_FR.UTF-8", "2 days"), ("C", "2 days"), ("", "2 days")):
        choose(None)
        monkeypatch.setenv("LANG", asked)
        choose_from_environment(tmp_path)
        assert shown(days) == expected, asked


def test_the_made_up_catalogue_is_one_of_gettext_s() -> None:
    assert isinstance(GERMAN, gettext.GNUTranslations)
