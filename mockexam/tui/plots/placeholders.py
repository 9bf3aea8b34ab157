"""Kitty's placeholder characters: text that a terminal shows as parts of an image that it was sent before.

https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

PLACEHOLDER = "\U0010eeee"

# The protocol numbers rows and columns by these, in this order.
_RANGES = (
    "305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9 5ab-5ac "
    "5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 "
    "747 749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 "
    "1a75-1a7c 1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe 20d0-20d1 "
    "20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 "
    "aab7-aab8 aabe-aabf aac1 fe20-fe26 10a0f 10a38 1d185-1d189 1d1aa-1d1ad 1d242-1d244"
)


def _marks() -> Iterator[str]:
    for part in _RANGES.split():
        first, _, last = part.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


MARKS = tuple(_marks())
MOST = len(MARKS)
"""The most columns, and rows, of an image."""

FIRST_NUMBER = 0x4D4558
"""Where the numbers of our images begin; others on the same terminal begin elsewhere."""


def numbers(colours: ColorSystem | None) -> Iterator[tuple[int, Color]]:
    """Numbers for images, and the colour in which the placeholders of each are written: it is what tells the number.

    With 256 colours it is their place in the palette, and the colour one that Rich finds again there.
    """
    if colours is ColorSystem.TRUECOLOR:
        for number in count(FIRST_NUMBER):
            yield number, Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
    palette = ((number, Color.from_triplet(Color.from_ansi(number).get_truecolor())) for number in range(16, 232))
    yield from cycle([one for one in palette if one[1].downgrade(ColorSystem.EIGHT_BIT).number == one[0]])


def strip(row: int, columns: int, colour: Color) -> Strip:
    """A row of an image, each cell complete: what lies before a part of it must not shift the rest."""
    text = "".join(f"{PLACEHOLDER}{MARKS[row]}{mark}" for mark in MARKS[:columns])
    return Strip([Segment(text, Style(color=colour))], columns)


def deleted(number: int) -> str:
    """The command that has a terminal forget an image."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
