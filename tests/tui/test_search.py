"""Finding and replacing in lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.tui.widgets import search
from mockexam.tui.widgets.search import Place, Wanted

LINES = ["Dense(128)", "dense(10)", "", "x = Dense(128)"]


def test_case_words_and_patterns() -> None:
    assert len(search.find(LINES, Wanted("dense")).places) == 3
    assert len(search.find(LINES, Wanted("dense", case=True)).places) == 1
    assert search.find(LINES, Wanted("12", word=True)).places == ()
    assert search.find(LINES, Wanted(r"\((\d+)\)", regex=True)).places[0] == Place(0, 5, 10)


def test_empty_matches_and_an_empty_text_find_nothing() -> None:
    assert search.find(LINES, Wanted("z*", regex=True)).places == ()
    assert search.find(LINES, Wanted("")).places == ()


def test_a_bad_pattern_says_so() -> None:
    with pytest.raises(re.error):
        search.find(LINES, Wanted("(", regex=True))


def test_next_and_previous_go_round() -> None:
    found = search.find(LINES, Wanted("Dense", case=True))
    assert found.after(0, 1) == 1
    assert found.after(3, 5) == 0
    assert found.before(3, 4) == 0
    assert found.before(0, 0) == 1


def test_replacing_with_groups() -> None:
    wanted = Wanted(r"Dense\((\d+)\)", regex=True, case=True)
    assert search.replace_all(LINES, wanted, r"Dense(\1, 'relu')")[0][0] == "Dense(128, 'relu')"
    assert search.replacement(LINES[0], Place(0, 0, 10), wanted, r"<\1>") == "<128>"


def test_replacing_text_takes_backslashes_as_they_are() -> None:
    changed, count = search.replace_all(["a.b", "a.b"], Wanted("."), r"\n")
    assert (changed, count) == ([r"a\nb"] * 2, 2)


@given(
    st.lists(st.text("abc", max_size=6), max_size=6), st.text("abc", min_size=1, max_size=2), st.text("xyz", max_size=3)
)
def test_replacing_agrees_with_python(lines: list[str], wanted: str, by: str) -> None:
    changed, count = search.replace_all(lines, Wanted(wanted, case=True), by)
    assert changed == [line.replace(wanted, by) for line in lines]
    assert count == sum(line.count(wanted) for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"), [("12", (11, 0)), (" 3 : 4 ", (2, 3)), ("0", (0, 0)), ("x", None), ("", None)]
)
def test_line_numbers(text: str, expected: tuple[int, int] | None) -> None:
    assert search.parse_line_number(text) == expected
