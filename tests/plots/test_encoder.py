"""A picture as a terminal gets it, and pictures that it doesn't get."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.plots.client import EncodingError, encoded
from mockexam.plots.encoder import encoded as encoded_here
from mockexam.plots.figures import MOST_PIXELS
from mockexam.plots.requests import SECONDS, Form, Request
from mockexam.plots.sixel import sixels
from tests.plots.pictures import halved, put, stated
from tests.plots.sixel_terminal import drawn

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def request(path: Path, form: Form, **changes: Any) -> Request:
    """Half of the width of a picture of 40 × 30, in 4 × 2 cells."""
    usual: dict[str, Any] = {"part": (0, 0, 20, 30), "pixels": (38, 40), "cells": (4, 2), "cell": (10, 20)}
    return Request(path=str(path), form=form, **{**usual, **changes})


def opened(png: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(png)).convert("RGB")


def test_halves_and_whole_cells(tmp_path: Path) -> None:
    path = put(tmp_path, 1)
    halves = encoded_here(request(path, "halves"))
    assert [tuple(halves[at : at + 3]) for at in (0, 9, 3 * 12, 3 * 15)] == [RED, RED, BLUE, BLUE]
    assert len(halves) == 4 * 4 * 3
    assert encoded_here(request(path, "cells")) == bytes(RED) * 4 + bytes(BLUE) * 4


def test_kittys_commands(tmp_path: Path) -> None:
    sent = encoded_here(request(put(tmp_path, 1), "kitty", image=77, background=(1, 2, 3))).decode()
    commands = re.findall(r"\x1b_G([^;]*);([A-Za-z0-9+/=]*)\x1b\\", sent)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in commands) == sent
    assert commands[0][0].startswith("a=T,U=1,q=2,f=100,i=77,c=4,r=2,m=")
    assert all(len(data) <= 4096 for _, data in commands)
    assert [keys[-3:] for keys, _ in commands] == ["m=1"] * (len(commands) - 1) + ["m=0"]
    image = opened(base64.b64decode("".join(data for _, data in commands)))
    assert image.size == (40, 40)
    assert image.getpixel((0, 0)) == RED
    assert image.getpixel((39, 0)) == (1, 2, 3)


def test_a_large_kitty_image_comes_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    noise = os.urandom(200 * 201)
    path.write_bytes(stated(200, 200, b"".join(b"\0" + noise[at : at + 200] for at in range(0, 40_000, 200))))
    sent = encoded_here(request(path, "kitty", part=(0, 0, 200, 200), pixels=(200, 200), cells=(20, 10))).decode()
    assert sent.count("m=1;") > 5
    assert sent.count("m=0;") == 1


def test_iterm2s_command(tmp_path: Path) -> None:
    sent = encoded_here(request(put(tmp_path, 1), "iterm2")).decode()
    match = re.fullmatch(r"\x1b\]1337;File=inline=1;size=(\d+);width=4;height=2;[^:]*:([^\x07]*)\x07", sent)
    assert match is not None
    content = base64.b64decode(match[2])
    assert int(match[1]) == len(content)
    assert opened(content).size == (40, 40)


def test_sixels_have_every_pixel_once(tmp_path: Path) -> None:
    sequence = encoded_here(request(put(tmp_path, 1), "sixel", pixels=(33, 40))).decode()
    pixels = drawn(sequence)
    assert set(pixels) == {(x, y) for x in range(33) for y in range(40)}
    assert pixels[0, 0] == (100, 0, 0)
    assert pixels[32, 39] == (0, 0, 100)


@given(st.integers(1, 20), st.data())
def test_any_picture_survives_sixels(width: int, data: st.DataObject) -> None:
    pixels = data.draw(st.lists(st.binary(min_size=width, max_size=width), min_size=1, max_size=14))
    content = b"".join(pixels).translate(bytes(number % 5 for number in range(256)))
    palette = [(51 * number, 255 - 51 * number, 0) for number in range(5)]
    found = drawn(sixels(content, width, palette))
    expected = {(at % width, at // width): (20 * number, 100 - 20 * number, 0) for at, number in enumerate(content)}
    assert found == expected


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "clear.png"
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(path)
    assert encoded_here(request(path, "cells")) == bytes(WHITE) * 8


async def test_the_worker_answers_and_is_gone(tmp_path: Path) -> None:
    assert await encoded(request(put(tmp_path, 1), "cells")) == bytes(RED) * 4 + bytes(BLUE) * 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        halved(40, 30)[:-40],
        halved(40, 30).replace(b"IDAT", b"IDAX"),
        stated(40, 30, b"\xff" * 5),
        stated(MOST_PIXELS, 2),
        stated(6000, 6000),
        b"GIF89a" + bytes(100),
    ],
    ids=["empty", "no header", "cut off", "broken", "too short", "too large", "states too much", "another kind"],
)
async def test_a_hostile_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.png"
    path.write_bytes(content)
    began = time.monotonic()
    with pytest.raises(EncodingError):
        await encoded(request(path, "halves"))
    assert time.monotonic() - began < SECONDS


async def test_too_large_a_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodingError, match="too large to draw"):
        await encoded(request(put(tmp_path, 1), "sixel", pixels=(100_000, 100_000)))


async def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(EncodingError, match="too long"):
        await encoded(request(put(tmp_path, 1), "sixel"), seconds=0.001)


async def test_a_worker_whose_asker_goes_is_ended(tmp_path: Path) -> None:
    asking = asyncio.ensure_future(encoded(request(put(tmp_path, 1), "sixel")))
    await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_who_asks_never_loads_pillow() -> None:
    source = (
        "import sys, mockexam.plots.client, mockexam.plots.figures, mockexam.plots.framing, mockexam.plots.description;"
        "print(sorted({'PIL', 'numpy', 'matplotlib', 'chafa'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
