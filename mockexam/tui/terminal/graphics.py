"""What a terminal can draw, and how it is found out: by asking, once, whatever it is said to be.

The questions are those that no terminal prints, as far as that can be known: the first round only asks for the name
and for the device attributes (DA1), which every terminal answers, so that the end of a round is certain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["kitty", "iterm2", "sixel", "halves", "cells"]
"""Real pixels in three ways; half blocks; whole cells, where there are no half blocks."""

USUAL_CELL = (8, 16)
LARGEST_CELL = 200

NAME = "\x1b[>q"
ATTRIBUTES = "\x1b[c"
KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
CELL = "\x1b[16t"
WINDOW = "\x1b[14t"
SIXEL_SIZES = "\x1b[?1;1;0S\x1b[?2;1;0S"

PLACEHOLDERS = {"kitty": (0, 28), "ghostty": (0, 0)}
"""Terminals that draw Kitty's images where its placeholder characters are, and the first version that does."""
INLINE = ("iterm2", "wezterm", "mintty")
"""Terminals that know iTerm2's images and keep them with the cells they lie on."""
WITHIN = ("tmux", "screen", "zellij")
"""Programs that stand between us and the terminal: what they say of images holds for some of their terminals only."""


@dataclass(frozen=True)
class Graphics:
    """How to draw, the size of a cell in pixels, and of Sixel terminals the palette and the largest picture."""

    protocol: Protocol = "halves"
    cell: tuple[int, int] = USUAL_CELL
    colours: int = 256
    largest: tuple[int, int] | None = None

    @property
    def painted(self) -> bool:
        """Whether a picture lies on its cells and is lost wherever something else is written there."""
        return self.protocol in ("iterm2", "sixel")


class Asking:
    """The questions to one terminal and what it has answered; does no input or output itself."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._term = environment.get("TERM", "")
        self._program = environment.get("TERM_PROGRAM", "").lower()
        self._within = any(name in environment for name in ("TMUX", "STY", "ZELLIJ")) or self._term.startswith(WITHIN)
        self._round = 0
        self._name = ""
        self._sixel = False
        self._kitty = False
        self._cell: tuple[int, int] | None = None
        self._window: tuple[int, int] | None = None
        self._colours = 256
        self._largest: tuple[int, int] | None = None

    @property
    def complete(self) -> bool:
        """Whether all answers are there that will come."""
        return self._round > 2

    def begin(self) -> str:
        """Return the first questions, "" for a terminal that must not be asked."""
        # The Linux console and Terminal.app print what they don't know, and neither draws images.
        if self._term in ("", "linux", "dumb") or self._program == "apple_terminal":
            self._round = 3
            return ""
        self._round = 1
        return NAME + ATTRIBUTES

    def take(self, answer: str) -> str:
        """Note an answer; returns the next questions, or ""."""
        if match := re.fullmatch(r"\x1b\[\?([\d;]*)c", answer):
            return self._next_round(match[1].split(";"))
        if match := re.fullmatch(r"\x1bP>\|(.*)\x1b\\", answer, re.DOTALL):
            self._name = match[1].lower()
        elif match := re.fullmatch(r"\x1b_Gi=31;(.*)\x1b\\", answer, re.DOTALL):
            self._kitty = match[1] == "OK"
        elif match := re.fullmatch(r"\x1b\[([46]);(\d+);(\d+)t", answer):
            size = int(match[3]), int(match[2])
            if match[1] == "6":
                self._cell = size
            else:
                self._window = size
        elif match := re.fullmatch(r"\x1b\[\?1;0;(\d+)S", answer):
            self._colours = int(match[1])
        elif match := re.fullmatch(r"\x1b\[\?2;0;(\d+);(\d+)S", answer):
            self._largest = int(match[1]), int(match[2])
        return ""

    def _next_round(self, attributes: list[str]) -> str:
        self._sixel = "4" in attributes[1:]
        self._round += 1
        self._within = self._within or self._name.startswith(WITHIN)
        if self._round == 2 and not self._within:
            # tmux takes the title of its pane from Kitty's question, screen a line of its own: they aren't asked.
            return KITTY + CELL + WINDOW + (SIXEL_SIZES if self._sixel else "") + ATTRIBUTES
        self._round = 3
        return ""

    def graphics(self, size: tuple[int, int], pixels: tuple[int, int]) -> Graphics:
        """Return what is known by now, of a terminal of `size` cells; `pixels` is what the system says of it."""
        return Graphics(self._protocol(), self._cell_size(size, pixels), self._colours, self._largest)

    def _protocol(self) -> Protocol:
        if self._term == "linux":
            return "cells"
        if self._within:
            return "halves"
        if self._kitty and self._has_placeholders():
            return "kitty"
        if self._name.startswith(INLINE) or (not self._name and self._program == "iterm.app"):
            return "iterm2"
        return "sixel" if self._sixel else "halves"

    def _has_placeholders(self) -> bool:
        for name, first in PLACEHOLDERS.items():
            if self._name.startswith(name):
                numbers = re.search(r"(\d+)\.(\d+)", self._name)
                return numbers is not None and (int(numbers[1]), int(numbers[2])) >= first
        return False

    def _cell_size(self, size: tuple[int, int], pixels: tuple[int, int]) -> tuple[int, int]:
        """Return what the terminal says of a cell, else of its window, else what the system says, else a usual one."""
        columns, rows = size
        candidates = [self._cell or (0, 0)]
        if columns > 0 and rows > 0:
            candidates += [(width // columns, height // rows) for width, height in (self._window or (0, 0), pixels)]
        return next((one for one in candidates if all(0 < side <= LARGEST_CELL for side in one)), USUAL_CELL)
