"""Characters as the cells of a terminal: one, two or no columns wide.

In a line of cells the index of a character is its column. A wide character is followed by FILL; a character with
accents or joiners is one private character that stands for the whole cluster.
"""

from __future__ import annotations

import unicodedata

FILL = "\0"
# Plane 16 is private and, unlike plane 15, not used by icon fonts.
FIRST_CLUSTER = 0x100000
# The width of a program's own character where our clusters are; it is shown as unknown.
UNKNOWN = -1
MAX_CLUSTERS = 0xFFF0
MAX_CLUSTER_LENGTH = 16


class _Widths(dict[str, int]):
    def __missing__(self, character: str) -> int:
        self[character] = width = _width(character)
        return width


def _width(character: str) -> int:
    code = ord(character)
    if code >= FIRST_CLUSTER:
        return UNKNOWN
    # Hangul vowels and final consonants join the syllable before them.
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") or 0x1160 <= code <= 0x11FF:
        return 1 if code == 0xAD else 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


WIDTHS = _Widths()


def all_narrow(text: str) -> bool:
    """Whether every character takes one column."""
    return text.isascii() or all(WIDTHS[character] == 1 for character in set(text))


class Clusters:
    """The private characters that stand for clusters, kept for the life of a console."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._codes: dict[str, str] = {}

    def joined(self, cell: str, character: str) -> str:
        """The cell with a zero-width character added; unchanged when there are too many."""
        text = self.text(cell) + character
        composed = unicodedata.normalize("NFC", text)
        if len(composed) == 1:
            return composed
        if composed in self._codes:
            return self._codes[composed]
        if len(composed) > MAX_CLUSTER_LENGTH or len(self._texts) >= MAX_CLUSTERS:
            return cell
        self._codes[composed] = code = chr(FIRST_CLUSTER + len(self._texts))
        self._texts.append(composed)
        return code

    def text(self, cell: str) -> str:
        """What a cell says; nothing for FILL."""
        code = ord(cell)
        if code >= FIRST_CLUSTER:
            return self._texts[code - FIRST_CLUSTER] if code - FIRST_CLUSTER < len(self._texts) else "\ufffd"
        return "" if cell == FILL else cell
