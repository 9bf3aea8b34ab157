"""What keys do to text, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.tui.code import editing
from mockexam.tui.code.editing import Insertion


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x = 1", "", "\n"),
        ("    x = 1", "", "\n    "),
        ("def f():", "", "\n    "),
        ("    if x:  # why", "", "\n        "),
        ("x = [", "", "\n    "),
        ("    return 1", "", "\n"),
        ("        pass", "", "\n    "),
        ("    return f(", "", "\n        "),
        ("# a note:", "", "\n"),
        ('x = "a:', "", "\n"),
        ("x = 1  # a (", "", "\n"),
    ],
)
def test_enter_keeps_and_changes_the_indent(before: str, after: str, expected: str) -> None:
    assert editing.line_break(before, after).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = foo(a,", "\n        "),
        ("x = foo(a,\n        b)", "\n"),
        ("def f(a,\n      b):", "\n    "),
        ("    return f(a,\n             b)", "\n"),
        ("x = f(g(1,\n        2),", "\n      "),
        ("x = f(\n    1,\n    2,", "\n    "),
        ("x = f(  # why\n    g(1), (", "\n        "),
        ('"""Say (this,', "\n"),
        ('"""Say\n    a note:', "\n    "),
        ('x = """\ndef f(a):\n"""', "\n"),
        ("x = f(  # never closed\n\ndef g():", "\n    "),
    ],
)
def test_enter_looks_at_the_lines_above(text: str, expected: str) -> None:
    lines = text.split("\n")
    above = editing.above(lines, len(lines) - 1, len(lines[-1]))
    assert editing.line_break(lines[-1], "", above=above).text == expected


def test_enter_between_brackets_gives_the_partner_its_own_line() -> None:
    assert editing.line_break("    f(", ")") == Insertion("\n        \n    ", 9)


@pytest.mark.parametrize(
    ("char", "before", "after", "expected"),
    [
        ("(", "f", "", Insertion("()", 1)),
        ("(", "f", "x", None),
        ("(", "f(", ")", Insertion("()", 1)),
        (")", "f(", ")", "skip"),
        (")", "f", "", None),
        ('"', "x = ", "", Insertion('""', 1)),
        ('"', 'x = "a', '"', "skip"),
        ('"', 'x = "', '"', "skip"),
        ('"', 'x = ""', "", Insertion('""""', 1)),
        ("'", "don", "", None),
        ("'", "f", "", Insertion("''", 1)),
        ("'", "# don", "", None),
        ('"', "x = 'say ", "'", None),
        ("(", "# see ", "", None),
        ("(", 'x = "a', '"', None),
    ],
)
def test_pairs(char: str, before: str, after: str, expected: object) -> None:
    assert editing.typed_pair(char, before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("f(", ")", (1, 3)),
        ("f('", "')", (2, 4)),
        ("        ", "x", (4, 8)),
        ("      ", "x", (4, 6)),
        ("ab", "", None),
        ("", "x", None),
    ],
)
def test_backspace_takes_pairs_and_indents(before: str, after: str, expected: tuple[int, int] | None) -> None:
    assert editing.backspace_span(before, after) == expected


def test_comments_come_and_go_at_the_margin_of_the_block() -> None:
    lines = ["    a", "", "        b"]
    commented = editing.toggle_comments(lines)
    assert commented == ["    # a", "", "    #     b"]
    assert editing.toggle_comments(commented) == lines


def test_partly_commented_lines_are_all_commented() -> None:
    assert editing.toggle_comments(["# a", "b"]) == ["# # a", "# b"]


@given(st.lists(st.text("ab #\t", max_size=8), min_size=1, max_size=6))
def test_dedent_undoes_indent(lines: list[str]) -> None:
    back = editing.dedent_lines(editing.indent_lines(lines))
    assert [line for line in back if line.strip()] == [line for line in lines if line.strip()]


lines_of_text = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=8)


@given(lines_of_text, lines_of_text)
def test_changed_lines_make_the_new_text(old: list[str], new: list[str]) -> None:
    top, bottom, lines = editing.changed_lines(old, new)
    if old == new:
        assert not lines
    else:
        assert bottom >= top >= 0
        assert lines
        assert old[:top] + lines + old[bottom + 1 :] == new


@given(st.text("ab\"'#\\ ", max_size=20))
def test_the_place_is_a_string_only_after_an_open_quote(text: str) -> None:
    place, quote = editing.place_after(text)
    assert (place == "string") == bool(quote)
    if not set(text) & set("\"'"):
        assert place == ("comment" if "#" in text else "code")


def test_home_goes_to_the_text_and_then_to_the_margin() -> None:
    assert editing.smart_home("    x", 5) == 4
    assert editing.smart_home("    x", 4) == 0
    assert editing.smart_home("    x", 0) == 4


def test_the_run_arrow_stands_at_the_main_line() -> None:
    assert editing.run_line(["x = 1", 'if __name__ == "__main__":']) == 1
    assert editing.run_line(["x = 1"]) is None
