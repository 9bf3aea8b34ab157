"""What a terminal obeys, left out of the screens: names, programs and statements may hold it, and Textual keeps it.

Control characters and escape sequences would set titles, delete and move; marks of direction would turn code around.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_STEERING = (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_NO_TEXT = range(0xD800, 0xE000)

PLAIN = {sign: "\N{REPLACEMENT CHARACTER}" if cell_len(chr(sign)) else "" for sign in (*_STEERING, *_NO_TEXT)}
"""In the place of each stands something of its width."""


class PlainSigns(LineFilter):
    """Leaves out of each line what steers a terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without it, in the same widths; segments that are meant to control stay."""
        return [
            segment
            if segment.control or segment.text.isprintable()
            else Segment(segment.text.translate(PLAIN), segment.style)
            for segment in segments
        ]
