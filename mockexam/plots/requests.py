"""What the screen asks of the encoder, and the limits of both: JSON each way, then the bytes of the answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Form = Literal["kitty", "iterm2", "sixel", "halves", "cells"]
"""Escape sequences of three protocols; colours of upper and lower halves of cells; one colour for each whole cell."""

MOST_SENT = 12 << 20
"""Bytes of an answer."""
MOST_DRAWN = 16_000_000
"""Pixels of what is drawn: a screen of 4K has half of it."""
SECONDS = 10.0
MEMORY = 1 << 30


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a picture (left, top, right, bottom in its pixels) in a form, `pixels` and `cells` large.

    Pictures that are partly transparent lie on `background`. `image` is the number of a Kitty image, `colours` the
    palette that a Sixel terminal has.
    """

    path: str
    form: Form
    part: tuple[float, float, float, float]
    pixels: tuple[int, int]
    cells: tuple[int, int]
    cell: tuple[int, int]
    background: tuple[int, int, int] = (255, 255, 255)
    image: int = 1
    colours: int = 256


class Fault(StrEnum):
    """No PNG that can be read, or too large a one; too large a window; more bytes than a terminal is sent."""

    UNREADABLE = "unreadable"
    LARGE = "large"
    LONG = "long"


class Answer(msgspec.Struct, frozen=True):
    """How many bytes follow. `fault` says why there are none."""

    count: int = 0
    fault: Fault | None = None
