"""The process that turns a picture into what a terminal can show; never imported by the screen's.

Run as `python -P -m mockexam.plots.encoder`: it answers one request from standard input and ends. Pillow reads
the picture, which may come from anywhere, so the process limits its memory and time first.
"""

from __future__ import annotations

import base64
import contextlib
import io
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mockexam.plots.figures import MOST_PIXELS, picture, size_of
from mockexam.plots.requests import MEMORY, MOST_DRAWN, MOST_SENT, SECONDS, Answer, Fault, Request
from mockexam.plots.sixel import sixels

if TYPE_CHECKING:
    from PIL.Image import Image

CHUNK = 4096
"""Base64 characters that one command of Kitty's protocol may have."""


FINENESS = 5
"""Pixels across one of those that a block gives, among which the strongest colours are looked for."""


class RefusedError(Exception):
    """A picture that isn't shown."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def main() -> None:
    """Answer the request on standard input."""
    _limit()
    try:
        content = encoded(msgspec.json.decode(sys.stdin.buffer.read(1 << 16), type=Request))
        answer = Answer(count=len(content))
    except RefusedError as error:
        answer, content = Answer(fault=error.fault), b""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n" + content)


def _limit() -> None:
    """Whatever a picture makes the decoder do: it ends."""
    seconds = int(SECONDS)
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a system has no such limit, or a lower one
            resource.setrlimit(kind, (most, most))


def encoded(request: Request) -> bytes:
    """The answer to a request. Raises RefusedError."""
    if request.pixels[0] * request.pixels[1] > MOST_DRAWN:
        raise RefusedError(Fault.LARGE)
    content = picture(Path(request.path))
    size = size_of(content) if content is not None else None
    if content is None or size is None:
        raise RefusedError(Fault.UNREADABLE)
    made = _made(_opened(content, request), request)
    if len(made) > MOST_SENT:
        raise RefusedError(Fault.LONG)
    return made


def _opened(content: bytes, request: Request) -> Image:
    """The part that was asked for, without transparency, in the pixels of the form."""
    import warnings

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")
    columns, rows = request.cells
    wanted = {"halves": (columns, 2 * rows), "cells": (columns, rows)}.get(request.form, request.pixels)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            clear = image.convert("RGBA")
    except Exception as error:  # a decoder may fail in any way on a broken file
        raise RefusedError(Fault.UNREADABLE) from error
    opaque = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    opaque.alpha_composite(clear)
    whole = opaque.convert("RGB")
    if request.form in ("halves", "cells"):
        return _thickened(whole, request.part, wanted)
    return whole.resize(wanted, Image.Resampling.LANCZOS, box=request.part, reducing_gap=3.0)


def _thickened(whole: Image, part: tuple[float, float, float, float], wanted: tuple[int, int]) -> Image:
    """A part in as few pixels as cells give, where a thin line would be one more shade of its background.

    Each fine pixel takes the colour beside it that is farthest from the figure's background.
    """
    from PIL import Image, ImageFilter

    fine = wanted[0] * FINENESS, wanted[1] * FINENESS
    if part[2] - part[0] > fine[0] and part[3] - part[1] > fine[1]:
        background = whole.crop((0, 0, 1, 1)).convert("L").tobytes()[0]
        thicker = ImageFilter.MinFilter(3) if background > 127 else ImageFilter.MaxFilter(3)
        whole = whole.resize(fine, Image.Resampling.BOX, box=part).filter(thicker)
        part = (0, 0, *fine)
    return whole.resize(wanted, Image.Resampling.BOX, box=part)


def _made(image: Image, request: Request) -> bytes:
    if request.form in ("halves", "cells"):
        return image.tobytes()
    if request.form == "sixel":
        return _sixels(image, request.colours).encode()
    whole = _on_whole_cells(image, request)
    with io.BytesIO() as file:
        whole.save(file, format="PNG", compress_level=1)
        content = file.getvalue()
    if request.form == "kitty":
        return _kitty(base64.b64encode(content).decode(), request).encode()
    columns, rows = request.cells
    # untranslated: a protocol's words
    settings = f"inline=1;size={len(content)};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1"
    return f"\x1b]1337;File={settings}:{base64.b64encode(content).decode()}\x07".encode()


def _on_whole_cells(image: Image, request: Request) -> Image:
    """The picture on as many pixels as its cells have: these terminals stretch it over them."""
    from PIL import Image

    size = request.cells[0] * request.cell[0], request.cells[1] * request.cell[1]
    whole = Image.new("RGB", size, request.background)
    whole.paste(image, (0, 0))
    return whole


def _kitty(data: str, request: Request) -> str:
    """Commands that send a picture and make a virtual placement, which placeholder characters show."""
    columns, rows = request.cells
    first = f"a=T,U=1,q=2,f=100,i={request.image},c={columns},r={rows},"
    parts = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    return "".join(
        f"\x1b_G{first if at == 0 else 'q=2,'}m={int(at + 1 < len(parts))};{part}\x1b\\"
        for at, part in enumerate(parts)
    )


def _sixels(image: Image, colours: int) -> str:
    from PIL import Image

    quantized = image.quantize(max(2, min(256, colours)), dither=Image.Dither.NONE)
    parts = (quantized.getpalette() or [])[: 3 * 256]
    palette = [(parts[at], parts[at + 1], parts[at + 2]) for at in range(0, len(parts), 3)]
    return sixels(quantized.tobytes(), image.width, palette)


if __name__ == "__main__":
    main()
