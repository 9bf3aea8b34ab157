"""The folder of a run's figures: for each a PNG and, beside it, JSON that says in words what it shows."""

from __future__ import annotations

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 50
"""Figures that a run keeps; the oldest give way to newer ones."""
MOST_BYTES = 32 << 20
MOST_ONE = 8 << 20
LEFT_OUT = "left-out"
"""The file that says how many gave way."""


def new_name() -> str:
    """A name that sorts after all earlier ones, of whatever process of the run."""
    return "{:020d}-{}".format(time.time_ns(), os.getpid())


def add(folder: str, name: str, picture: bytes, description: Mapping[str, object]) -> None:
    """Write a figure, or a newer picture of it, and let the oldest go. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    # The picture comes last: whoever sees it finds its description.
    _write(folder, name + ".json", json.dumps(description, allow_nan=False).encode())
    _write(folder, name + ".png", picture)
    _make_room(folder)


def _write(folder: str, name: str, content: bytes) -> None:
    draft = os.path.join(folder, "." + name + ".draft")
    try:
        with open(draft, "wb") as file:
            file.write(content)
        os.replace(draft, os.path.join(folder, name))
    except OSError:
        if os.path.exists(draft):
            os.remove(draft)
        raise


def _make_room(folder: str) -> None:
    names = sorted(entry for entry in os.listdir(folder) if entry.endswith(".png"))
    sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in names}
    gone = 0
    while len(names) > MOST or sum(map(sizes.__getitem__, names)) > MOST_BYTES:
        oldest = names.pop(0)
        for path in (oldest, oldest[: -len("png")] + "json"):
            try:
                os.remove(os.path.join(folder, path))
            except FileNotFoundError:  # another process of the run was faster
                pass
        gone += 1
    if gone:
        _write(folder, LEFT_OUT, str(gone + _left_out(folder)).encode())


def _left_out(folder: str) -> int:
    try:
        with open(os.path.join(folder, LEFT_OUT), "rb") as file:
            return int(file.read(20))
    except (OSError, ValueError):
        return 0
