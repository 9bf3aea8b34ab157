"""Marks follow what is typed, and edits in several places are made together."""

from __future__ import annotations

import random

import pytest

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Finding
from mockexam.tui.code import editing
from mockexam.tui.code.marks import Fault, Marks, moved


def finding(row: int, column: int, end: int, *, end_row: int | None = None, pattern: str = "p") -> Finding:
    return Finding(
        pattern=pattern,
        row=row,
        column=column,
        end_row=row if end_row is None else end_row,
        end_column=end,
        message=sentence("It is gone."),
        detail=sentence("Write the other."),
    )


def places(marks: Marks) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(mark.start, mark.end) for mark in marks]


@pytest.mark.parametrize(
    ("start", "end", "new_end", "expected"),
    [
        ((1, 0), (1, 0), (1, 3), ((1, 7), (1, 12))),  # typed before it
        ((1, 4), (1, 4), (1, 5), ((1, 5), (1, 10))),  # typed directly before it
        ((1, 6), (1, 6), (1, 7), ((1, 4), (1, 10))),  # typed within it
        ((1, 9), (1, 9), (1, 10), ((1, 4), (1, 9))),  # typed directly after it
        ((0, 3), (0, 3), (1, 0), ((2, 4), (2, 9))),  # a line broken above
        ((1, 2), (1, 2), (2, 4), ((2, 6), (2, 11))),  # a line broken before it, and indented
        ((0, 2), (1, 1), (0, 2), ((0, 5), (0, 10))),  # its line joined with the one above
        ((1, 6), (1, 12), (1, 6), ((1, 4), (1, 6))),  # its end deleted
        ((1, 2), (1, 6), (1, 3), ((1, 3), (1, 6))),  # its start replaced
        ((2, 0), (3, 0), (2, 0), ((1, 4), (1, 9))),  # a line deleted below
    ],
)
def test_a_mark_follows_an_edit(
    start: tuple[int, int], end: tuple[int, int], new_end: tuple[int, int], expected: object
) -> None:
    marks = Marks()
    marks.set_findings([finding(1, 4, 9)])
    marks.shift(start, end, new_end)
    assert places(marks) == [expected]


@pytest.mark.parametrize(("start", "end"), [((1, 4), (1, 9)), ((0, 0), (2, 0)), ((1, 0), (1, 20))])
def test_a_mark_of_which_nothing_is_left_goes(start: tuple[int, int], end: tuple[int, int]) -> None:
    marks = Marks()
    marks.set_findings([finding(1, 4, 9)])
    marks.set_faults([Fault(1, 4, 9, "invalid syntax")])
    marks.shift(start, end, start)
    assert not marks
    assert marks.of_row(1) == ()


def test_a_word_replaced_as_a_whole_has_no_mark_any_more() -> None:
    marks = Marks()
    marks.set_findings([finding(1, 4, 9), finding(1, 12, 14)])
    marks.shift((1, 4), (1, 9), (1, 7))
    assert places(marks) == [((1, 10), (1, 12))]


def test_which_mark_the_cursor_is_on() -> None:
    marks = Marks()
    marks.set_findings([finding(1, 4, 20), finding(1, 6, 9, pattern="inner")])
    marks.set_faults([Fault(2, 0, 3, "invalid syntax")])
    inner = marks.at((1, 9))
    assert inner is not None
    assert inner.finding is not None
    assert inner.finding.pattern == "inner"
    assert marks.at((1, 21)) is None
    assert [mark.kind for mark in marks] == ["finding", "finding", "fault"]


def test_the_next_and_the_one_before_wrap_round() -> None:
    marks = Marks()
    assert marks.beside((0, 0), forwards=True) is None
    marks.set_findings([finding(1, 4, 9), finding(3, 0, 2)])
    for here, forwards, row in (
        ((0, 0), True, 1),
        ((1, 4), True, 3),
        ((3, 0), True, 1),
        ((3, 0), False, 1),
        ((1, 4), False, 3),
    ):
        mark = marks.beside(here, forwards=forwards)
        assert mark is not None
        assert mark.start[0] == row


def test_a_mark_over_several_rows_covers_each_of_them() -> None:
    marks = Marks()
    marks.set_findings([finding(1, 4, 2, end_row=3)])
    (mark,) = marks
    assert [mark.on_row(row, 10) for row in range(5)] == [None, (4, 10), (0, 10), (0, 2), None]
    assert [bool(marks.of_row(row)) for row in range(5)] == [False, True, True, True, False]


def test_places_move_as_the_text_around_them_does() -> None:
    draw = random.Random(7)
    for _ in range(300):
        lines = ["".join(draw.choice("ab한") for _ in range(draw.randrange(6))) for _ in range(5)]
        row = draw.randrange(5)
        place = (row, draw.randrange(len(lines[row]) + 1))
        rest = [lines[row][place[1] :], *lines[row + 1 :]]
        top = draw.randrange(row + 1)
        start = (top, draw.randrange((place[1] if top == row else len(lines[top])) + 1))
        end = max(start, min(place, (draw.randrange(top, row + 1), draw.randrange(3))))
        end = (end[0], min(end[1], len(lines[end[0]])))
        edit = Edit(*start, *end, draw.choice(["", "x", "x\ny", "\n\n"]))
        new = editing.edited(lines, [edit])
        assert new is not None
        at = moved(place, *editing.extent(edit), sticks=False)
        assert [new[at[0]][at[1] :], *new[at[0] + 1 :]] == rest


def test_edits_are_made_together_and_only_in_their_own_text() -> None:
    lines = ["import 한글", "m.fit_generator(x)", ""]
    both = [Edit(0, 0, 0, 0, "import a\n"), Edit(1, 2, 1, 15, "fit", "fit_generator")]
    assert editing.edited(lines, both) == ["import a", "import 한글", "m.fit(x)", ""]
    assert editing.edited(["", *lines], both) is None
    assert editing.edited(lines, [Edit(1, 2, 1, 99, "")]) is None
    assert editing.edited(lines, [Edit(9, 0, 9, 0, "x")]) is None
    assert editing.edited(lines, [Edit(1, 0, 1, 5, ""), Edit(1, 4, 1, 6, "")]) is None
    assert editing.edited(lines, [Edit(0, 7, 2, 0, "x", "한글\nm.fit_generator(x)\n")]) == ["import x"]
    assert lines == ["import 한글", "m.fit_generator(x)", ""]
