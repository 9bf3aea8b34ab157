"""No text on a screen steers the terminal that shows it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.widgets import Static, TextArea

from mockexam.tui.terminal.plain_signs import PLAIN, PlainSigns
from mockexam.tui.terminal.terminal_app import TerminalApp

STEERING = "a\x1b]0;title\x07\x1b[2J\x9b31m\x7f\u202eb\ud800c"


def test_each_sign_is_replaced_by_one_of_its_width() -> None:
    assert all(cell_len(plain) == cell_len(chr(sign)) for sign, plain in PLAIN.items())


def test_lines_keep_their_letters_and_what_is_meant_to_control() -> None:
    honest, control = Segment("한 é 👩\u200d🔬\t|"), Segment("\x1b[H", None, ((1,),))  # type: ignore[arg-type]
    made = PlainSigns().apply([honest, Segment(STEERING), control], Color(0, 0, 0))
    assert [segment.text for segment in made] == [honest.text, "a]0;title[2J31mb�c", "\x1b[H"]


class Shown(TerminalApp[None]):
    def compose(self) -> ComposeResult:
        yield Static(STEERING, markup=False)
        yield TextArea(STEERING)


async def test_a_screen_draws_no_such_text() -> None:
    app = Shown()
    async with app.run_test(size=(80, 12)):
        drawn = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert drawn.count("title") == 2
        assert not set(map(ord, drawn)) & PLAIN.keys()
