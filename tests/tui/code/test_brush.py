"""That rows drawn in our own way look as Textual's own way would draw them."""

from __future__ import annotations

import random

from rich.segment import Segment
from rich.style import Style
from textual.document._document import Selection
from textual.strip import Strip
from textual.widgets import TextArea

from mockexam.tui.code import brush
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.painting import GUIDE
from tests.tui.code.test_editor import SOURCE, editing

ODD = (
    'def f(a, b):\n\t"""日本語 \ttabs"""\n\n    é = [1, (2, "x")]\t# naïve\n\tclass Wide: pass\n'
    + "x = 1 + " * 20
    + "1\n"
)


def look(strip: Strip, first: int, last: int) -> list[tuple[object, ...]]:
    """What each cell from `first` to `last` looks like; the colour of what isn't seen doesn't matter."""
    cells: list[tuple[object, ...]] = []
    for text, style, _ in strip.crop(first, last):
        assert style is not None
        attributes = (style.bold, style.underline, style.reverse, style.bgcolor)
        cells += [(char, None if char == " " else style.color, *attributes) for char in text]
    return cells


def as_textual_draws_it(editor: Editor, y: int) -> Strip:
    return TextArea._render_line(editor, y).adjust_cell_length(editor.size.width)


async def test_rows_look_as_textual_draws_them() -> None:
    draw = random.Random(5)
    async with editing(SOURCE + ODD, size=(60, 24)) as (editor, pilot):
        count = editor.document.line_count
        for step in range(30):
            row, other = draw.randrange(count), draw.randrange(count)
            place = (row, draw.randrange(len(editor.document[row]) + 1))
            editor.selection = Selection((other, 0) if step % 2 else place, place)
            await pilot.pause()
            # Guides are ours alone, and drawn on nothing but blanks.
            for y in range(editor.size.height):
                ours = look(editor.render_line(y), editor.gutter_width, editor.size.width)
                theirs = look(as_textual_draws_it(editor, y), editor.gutter_width, editor.size.width)
                same = [(a, b) for a, b in zip(ours, theirs, strict=True) if a[0] != GUIDE]
                assert [a for a, _ in same] == [b for _, b in same], (step, y)
                assert all(b[0] == " " for a, b in zip(ours, theirs, strict=True) if a[0] == GUIDE)


def test_a_row_is_as_wide_as_it_must_be() -> None:
    plain, red = Style(), Style(color="red")
    edge = [Segment("1 ", plain)]
    for text in ("", "a", "a\tb", "日本", "日" * 9, "long enough to be cut"):
        for left in (0, 1, 3, 30):
            strip = brush.row(edge, text, plain, [(1, None, red)], plain, tab=4, left=left, width=10)
            assert strip.cell_length == 10
            assert sum(segment.cell_length for segment in strip) == 10


def test_what_lies_over_another_wins() -> None:
    red, blue, bold = Style(color="red"), Style(color="blue"), Style(bold=True)
    strip = brush.row([], "abcd", Style(), [(0, 3, red), (1, 2, blue), (1, 9, bold)], Style(), tab=4, left=0, width=4)
    assert list(strip) == [
        Segment("a", red), Segment("b", blue + bold), Segment("c", red + bold), Segment("d", bold),
    ]  # fmt: skip
