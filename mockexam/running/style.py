"""How a piece of program output looks, and the escape sequences that set it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

Color = int | tuple[int, int, int] | None
"""A palette number from 0 to 255, (red, green, blue), or None for the terminal's own."""


class Style(NamedTuple):
    """The looks of a run of characters."""

    fg: Color = None
    bg: Color = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = Style()

_SHARED: dict[Style, Style] = {PLAIN: PLAIN}


def shared(style: Style) -> Style:
    """The one object that stands for all styles equal to this, so that comparing by identity is enough."""
    if len(_SHARED) > 4096:  # a program may paint in true colours; sharing saves time, but nothing depends on it
        return style
    return _SHARED.setdefault(style, style)


_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}


@lru_cache(maxsize=1024)
def restyled(style: Style, parameters: str) -> Style:
    """`style` after ESC [ `parameters` m. Unknown numbers change nothing."""
    codes = [_subcodes(part) for part in parameters.split(";")]
    at = 0
    while at < len(codes):
        code = codes[at][0]
        if code in (38, 48):
            color, at = _extended(codes, at)
            if color is not None:
                style = style._replace(fg=color) if code == 38 else style._replace(bg=color)
        else:
            style = _switched(style, codes[at])
        at += 1
    return shared(style)


def _subcodes(part: str) -> list[int]:
    return [int(number[:5]) if number.isdigit() else 0 for number in part.split(":")]


def _switched(style: Style, codes: list[int]) -> Style:
    code = codes[0]
    if code == 0:
        return PLAIN
    if code == 4 and len(codes) > 1:
        return style._replace(underline=codes[1] != 0)
    if switches := _SWITCHES.get(code):
        return style._replace(**switches)
    if 30 <= code <= 37 or 90 <= code <= 97:
        return style._replace(fg=code - 30 if code < 40 else code - 82)
    if 40 <= code <= 47 or 100 <= code <= 107:
        return style._replace(bg=code - 40 if code < 50 else code - 92)
    if code == 39:
        return style._replace(fg=None)
    return style._replace(bg=None) if code == 49 else style


def _extended(codes: list[list[int]], at: int) -> tuple[Color, int]:
    """The colour after 38 or 48, in either notation (38;5;n or 38:5:n), and where it ends."""
    colons = len(codes[at]) > 1
    rest = codes[at][1:] if colons else [code[0] for code in codes[at + 1 : at + 5]]
    if rest[:1] == [5]:
        color: Color = rest[1] if len(rest) > 1 and rest[1] < 256 else None
        return color, at if colons else at + 2
    if rest[:1] == [2]:
        # 38:2::r:g:b has an empty place for a colour space.
        parts = rest[-3:] if colons and len(rest) > 4 else rest[1:4]
        valid = len(parts) == 3 and max(parts) < 256
        return ((parts[0], parts[1], parts[2]) if valid else None), at if colons else at + 4
    return None, at
