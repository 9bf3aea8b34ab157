"""Signs for the Linux console, whose fonts of 256 or 512 glyphs have few beyond letters, single lines and blocks.

What a font lacks is drawn as a filled box or a question mark, all alike. In the place of each sign stands one of the
same width that Debian's Latin and universal console fonts (console-setup 1.221) and the kernel's own have. They lack
half blocks, so bars are whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PLAIN = (
    ("▾▿▼⇩", "v"),
    ("▸▹▷▶›", ">"),
    ("‹◂⏎", "<"),
    ("▴▲", "^"),
    ("●◉", "*"),
    ("○◌◷", "o"),
    ("✓", "+"),
    ("✗✕×", "x"),
    ("◆◇", "*"),
    ("▤▨", "#"),
    ("≡", "="),
    ("¶", "T"),
    ("▪▫□", "■"),
    ("↻", "R"),
    ("…", "."),
    ("–—−", "-"),
    ("“”", '"'),
    ("‘’", "'"),
    ("╌┄┈", "·"),
    ("━╍┅", "═"),
    ("┃╎┆┊▏▕▎▍🮇🮈", "│"),
    ("╭┏", "┌"),
    ("╮┓", "┐"),
    ("╰┗", "└"),
    ("╯┛", "┘"),
    ("▔╸╺╴╶", "─"),
    ("▁▂▃", " "),
    ("▄▅▆▇▀", "█"),
)


SIGNS: Mapping[int, str] = {ord(sign): plain for signs, plain in _PLAIN for sign in signs} | {
    # Braille cells, which curves are made of.
    0x2800 + pattern: "•" if pattern else " "
    for pattern in range(256)
}


class ConsoleFont(LineFilter):
    """Puts a sign of SIGNS in the place of each that a console font may lack."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with replaced signs, in the same widths."""
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(SIGNS), segment.style, segment.control)
            for segment in segments
        ]


def on_console() -> bool:
    """Whether the terminal is the Linux console itself."""
    return os.environ.get("TERM") == "linux"
