"""No text of a stranger's steers the terminal, turns words around or begins a line of its own."""

from __future__ import annotations

import json

import pytest

from graders.sentences import sentence
from mockexam.commands.context import columns
from mockexam.language.catalogue import shown
from mockexam.language.plain import line_of, text_of

STEERING = ["\x1b]0;title\x07", "\x9b31m", "\x7f", "\b", "\r", "\x00", "\u202eabc", "\u2028", "\ud800", "\x1b[8m"]


@pytest.mark.parametrize("sign", STEERING)
def test_what_steers_is_escaped_as_json_does(sign: str) -> None:
    told = text_of(f"a{sign}b")
    assert told.isprintable()
    assert json.loads(f'"{told}"') == f"a{sign}b"
    assert shown(sentence("{name}", name=sentence("{inner}", inner=f"a{sign}b"))) == told
    assert shown(f"a{sign}b") == told
    assert columns([(f"a{sign}b", "c")]) == [f"{told}  c"]


def test_letters_of_all_languages_stay() -> None:
    text = "한글 ñ e\u0301 👩\u200d🔬 עברית"
    assert text_of(text) == line_of(text) == text


def test_a_break_in_a_name_begins_no_line() -> None:
    assert shown(sentence("{name}, passed", name="Ada\nEve\tMallory")) == "Ada\\nEve\\tMallory, passed"
    assert columns([("Ada\nEve", "5")]) == ["Ada\\nEve  5"]


def test_lines_of_texts_and_templates_stay() -> None:
    assert shown("one\ntwo\tthree") == "one\ntwo\tthree"
    assert shown(sentence("{one}:\n{two}", one="a", two="b")) == "a:\nb"
