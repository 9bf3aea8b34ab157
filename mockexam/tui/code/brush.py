"""Drawing one line of code as segments: a text and the styles layered on it.

Textual draws a line by way of Rich's text object and a dozen strips: noticeably slow when Enter moves a screenful.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_TAB = re.compile("(\t)")

Layer = tuple[int, int | None, Style]
"""Start and end as characters of the text, None for its end; and the style, which lies over those before it."""


def row(
    gutter: Sequence[Segment],
    text: str,
    base: Style,
    layers: Iterable[Layer],
    rest: Style,
    *,
    tab: int,
    left: int,
    width: int,
) -> Strip:
    """Return the gutter, a text from cell `left` on, and blanks in the style `rest`, `width` cells in all.

    Tabs become blanks up to the next multiple of `tab` cells.
    """
    room = max(0, width - sum(len(segment.text) for segment in gutter))
    if text.isascii() and "\t" not in text:
        shown = text[left : left + room]
        cells = len(shown)
        layers = [(max(0, start - left), end if end is None else end - left, style) for start, end, style in layers]
        code = _segments(shown, base, layers)
    else:
        code = _segments(text, base, layers)
        strip = Strip(_without_tabs(code, tab) if "\t" in text else code).crop(left, left + room)
        code, cells = list(strip), strip.cell_length
    blanks = [Segment(" " * (room - cells), rest)] if cells < room else []
    return Strip([*gutter, *code, *blanks], width)


def _segments(text: str, base: Style, layers: Iterable[Layer]) -> list[Segment]:
    length = len(text)
    bounded = [(start, length if end is None else min(end, length), style) for start, end, style in layers]
    bounded = [layer for layer in bounded if layer[0] < layer[1]]
    cuts = sorted({0, length, *(layer[0] for layer in bounded), *(layer[1] for layer in bounded)})
    pieces = []
    for start, end in pairwise(cuts):
        style = base
        for left, right, over in bounded:
            if left <= start and end <= right:
                style += over
        pieces.append(Segment(text[start:end], style))
    return pieces


def _without_tabs(pieces: Iterable[Segment], tab: int) -> list[Segment]:
    cells, drawn = 0, []
    for text, style, _ in pieces:
        parts = _TAB.split(text)
        for at, part in enumerate(parts):
            if part == "\t":
                parts[at] = " " * (tab - cells % tab)
            cells += cell_len(parts[at])
        drawn.append(Segment("".join(parts), style))
    return drawn
