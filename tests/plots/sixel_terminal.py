"""A terminal that knows Sixel graphics and nothing else: what a picture has become."""

from __future__ import annotations

import re

Colour = tuple[int, int, int]


def drawn(sequence: str) -> dict[tuple[int, int], Colour]:
    """The pixels that a sequence sets, by column and row; parts of a colour go to 100."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;\d+;\d+(.*)\x1b\\', sequence, re.DOTALL)
    assert body is not None
    palette: dict[int, Colour] = {}
    pixels: dict[tuple[int, int], Colour] = {}
    colour, x, y = 0, 0, 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])", body[1]):
        number, red, green, blue, count, repeated, single, move = token.groups()
        if number is not None:
            colour = int(number)
            if red is not None:
                palette[colour] = (int(red), int(green), int(blue))
        elif move == "$":
            x = 0
        elif move == "-":
            x, y = 0, y + 6
        else:
            bits, columns = ord(repeated or single) - 63, range(x, x + int(count or 1))
            for place in [(column, y + row) for column in columns for row in range(6) if bits >> row & 1]:
                assert place not in pixels
                pixels[place] = palette[colour]
            x = columns.stop
    assert re.sub(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])", "", body[1]) == ""
    return pixels
