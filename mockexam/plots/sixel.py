"""Sixel graphics (DEC STD 070, chapter 9): columns of six pixels, a colour at a time.

Pillow has no writer for it. What would bring one is a compiled library without wheels for some systems, or a private
module of a widget library; the format itself is this page.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

BAND = 6
REPEATED = 3
"""From so many equal signs on, a count is shorter."""


def sixels(pixels: bytes, width: int, palette: list[tuple[int, int, int]]) -> str:
    """The escape sequence of a picture: `pixels` are palette numbers by rows of `width`, colours go to 255."""
    height = len(pixels) // width
    colours = "".join(
        f"#{number};2;" + ";".join(str(round(part * 100 / 255)) for part in colour)
        for number, colour in enumerate(palette)
    )
    bands = [pixels[start : start + BAND * width] for start in range(0, len(pixels), BAND * width)]
    # Pixels that nothing is said of keep what was there; there are none, but below the last row.
    return (
        f'\x1bP0;1;0q"1;1;{width};{height}{colours}' + "-".join("$".join(_band(one, width)) for one in bands) + "\x1b\\"
    )


def _band(band: bytes, width: int) -> Iterator[str]:
    """The colours of a band of up to six rows, each from the left edge."""
    rows = [band[start : start + width] for start in range(0, len(band), width)]
    for colour in sorted(set(band)):
        signs = bytearray(width)
        # A row of a colour becomes a number of one bit in each byte, and six such numbers are added up.
        chosen = bytes(number == colour for number in range(256))
        whole = sum(int.from_bytes(row.translate(chosen), "big") << bit for bit, row in enumerate(rows))
        signs[:] = whole.to_bytes(width, "big")
        yield f"#{colour}" + _shortened(signs.translate(_PRINTED).decode("ascii"))


_PRINTED = bytes((number & 63) + 63 for number in range(256))


def _shortened(text: str) -> str:
    """Signs with counts for those that are repeated; nothing for the blank rest of the row."""
    return "".join(
        sign * count if count <= REPEATED else f"!{count}{sign}"
        for sign, count in ((sign, len(list(group))) for sign, group in groupby(text.rstrip("?")))
    )
