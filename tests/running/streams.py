"""Seeded streams of terminal output, and a reference terminal to read them with."""

from __future__ import annotations

import random

import pyte
import pyte.graphics
import pyte.modes

from mockexam.running.style import Color, Style

COLUMNS = 600
ROWS = 24
WORDS = ["loss", "a", "Epoch 1/5", "━" * 7, "é", "  ", "0.1234", "[==>..]", "'x'", "warning: no", "ß∂ƒ", "0"]
WIDE = ["漢字", "テスト", "가나", "🙂", "a漢b"]
SGR = ["0", "1", "31", "32", "37", "39", "", "1;32", "44", "49", "7", "27", "38;5;208", "48;5;17", "38;2;1;2;3", "92"]
SGR += ["104", "4", "24", "3", "23", "22", "9", "29", "0;1;31", "2"]


def random_stream(seed: int) -> str:
    """A stream of words, moves, erasures and colours that stays within COLUMNS."""
    draw = random.Random(seed)
    # Half a wide character overwritten looks different in every terminal, so wide text comes without moves.
    wide = seed % 5 == 0
    return "".join(_token(draw, wide) for _ in range(draw.randrange(20, 400)))


def _token(draw: random.Random, wide: bool) -> str:
    kind = draw.random()
    if kind < 0.45:
        return draw.choice(WIDE + WORDS if wide else WORDS)
    if kind < 0.6:
        return draw.choice(["\n", "\n", "\n", "\r\n", "\x0b"])
    if kind < 0.75:
        return f"\x1b[{draw.choice(SGR)}m"
    if kind < 0.8:
        return draw.choice(["\x1b]0;title\x07", "\x1b]8;;http://a.b\x1b\\", "\x1b[?25l", "\x07", "\x1b(B", "\t"])
    if wide:
        return "\r\x1b[2K"
    if kind < 0.86:
        return draw.choice(["\r", "\b", "\b" * draw.randrange(1, 30)])
    if kind < 0.93:
        return f"\x1b[{draw.choice(['', '0', '1', '2'])}K"
    if kind < 0.985:
        return f"\x1b[{draw.choice(['', '1', '3', '12'])}{draw.choice('ABCDEFG')}"
    return draw.choice(
        [
            "\x1b[J",
            "\x1b[1J",
            "\x1b[2J",
            "\x1b[3J",
            "\x1b[H",
            "\x1b[5;9H",
            "\x1b[H\x1b[2J",
            "\x1b7\x1b[31mx\x1b[2A\x1b8",
        ]
    )


class Reference:
    """pyte, read as lines of (character, style) from the oldest line of its history."""

    def __init__(self) -> None:
        self._screen = pyte.HistoryScreen(COLUMNS, ROWS, history=20_000, ratio=0.5)
        self._screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self._screen)

    def feed(self, data: str) -> None:
        self._stream.feed(data)

    def lines(self) -> list[list[tuple[str, Style]]]:
        """Every line without the blanks at its end, up to the last line that isn't empty."""
        rows = [*self._screen.history.top, *(self._screen.buffer[y] for y in range(ROWS))]
        lines = [[_cell(row[x]) for x in range(max(row, default=-1) + 1)] for row in rows]
        return trimmed([[cell for cell in line if cell[0]] for line in lines])


def _cell(char: pyte.screens.Char) -> tuple[str, Style]:
    style = Style(
        _color(char.fg),
        _color(char.bg),
        bold=char.bold,
        italic=char.italics,
        underline=char.underscore,
        reverse=char.reverse,
        strike=char.strikethrough,
    )
    return char.data, style


NAMES = ["black", "red", "green", "brown", "blue", "magenta", "cyan", "white"]
# pyte loses the palette number: take the first that has the value, as `comparable` does for ours.
PALETTE = pyte.graphics.FG_BG_256


def _color(name: str) -> Color:
    if name == "default":
        return None
    if name in NAMES:
        return NAMES.index(name)
    if name.startswith("bright"):
        return 8 + NAMES.index(name.removeprefix("bright"))
    red, green, blue = (int(name[i : i + 2], 16) for i in (0, 2, 4))
    return (red, green, blue)


def comparable(style: Style) -> Style:
    """A style as far as pyte keeps it: palette numbers above 15 as their values, no dim."""
    return style._replace(fg=_valued(style.fg), bg=_valued(style.bg), dim=False)


def _valued(color: Color) -> Color:
    return _color(PALETTE[color]) if isinstance(color, int) and color > 15 else color


def trimmed(lines: list[list[tuple[str, Style]]]) -> list[list[tuple[str, Style]]]:
    """Without blanks at the ends of lines and empty lines at the end."""
    for line in lines:
        while line and line[-1][0] == " ":
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines
