"""Finding and replacing in lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.tui.code import search
from mockexam.tui.code.search import Found, PatternError, Place, Wanted

LINES = ["Dense(128)", "dense(10)", "", "x = Dense(128)"]


def test_case_words_and_patterns() -> None:
    assert len(search.find(LINES, Wanted("dense")).places) == 3
    assert len(search.find(LINES, Wanted("dense", case=True)).places) == 1
    assert search.find(LINES, Wanted("12", word=True)).places == ()
    assert search.find(LINES, Wanted(r"\((\d+)\)", regex=True)).places[0] == Place(0, 5, 10)


def test_an_empty_text_finds_nothing() -> None:
    assert search.find(LINES, Wanted("")).places == ()


def test_empty_places_are_found_and_replaced() -> None:
    starts = Wanted("^", regex=True)
    assert search.find(LINES, starts).places == tuple(Place(row, 0, 0) for row in range(4))
    assert search.replace_all(LINES, starts, "# ") == ([f"# {line}" for line in LINES], 4)
    assert search.replace_all(["axb"], Wanted("x*", regex=True), "-") == ([re.sub("x*", "-", "axb")], 4)


@pytest.mark.parametrize("pattern", ["(", "a{99999999999999999999}", "(" * 3_000 + ")" * 3_000])
def test_a_bad_pattern_says_so(pattern: str) -> None:
    with pytest.raises(PatternError, match="bad pattern"):
        search.find(LINES, Wanted(pattern, regex=True))


def test_a_bad_replacement_says_so() -> None:
    with pytest.raises(PatternError, match="bad replacement"):
        search.replace_all(LINES, Wanted("(D)", regex=True), r"\2")


def test_a_pattern_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PATIENCE", 0.01)
    monkeypatch.setattr(search, "REPLACE_PATIENCE", 0.01)
    endless, line = Wanted("(a+)+$", regex=True), "a" * 10_000 + "b"
    assert search.find([line], endless) == Found(slow=True)
    with pytest.raises(PatternError, match="too long"):
        search.replace_all([line], endless, "")
    with pytest.raises(PatternError, match="too long"):
        search.replacement(line, Place(0, 0, 1), endless, "")


@pytest.mark.real_time  # the search gives up after a quarter of a second
def test_more_places_than_can_be_shown_are_cut() -> None:
    assert len(search.find(["a" * 100_000], Wanted("a")).places) == search.MOST_FOUND
    assert search.find(["a" * 100_000], Wanted("a")).cut


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
    ("text", "expected"),
    [("12", (11, 0)), (" 3 : 4 ", (2, 3)), ("0", (0, 0)), ("-5", None), ("9" * 5_000, None), ("x", None), ("", None)],
)
def test_line_numbers(text: str, expected: tuple[int, int] | None) -> None:
    assert search.parse_line_number(text) == expected
