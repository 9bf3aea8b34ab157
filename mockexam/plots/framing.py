"""Which part of a figure is seen in a window, and how large: pure arithmetic."""

from __future__ import annotations

from typing import NamedTuple

Size = tuple[int, int]

LARGEST = 2.0
"""A figure that is shown whole is enlarged at most so many times."""
CLOSEST = 16.0
STEP = 1.25


class View(NamedTuple):
    """How a figure is looked at: enlarged beyond its fit so many times, around a point (from 0 to 1 in both ways)."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


class Frame(NamedTuple):
    """A part of a figure (left, top, right, bottom in its pixels), and the pixels and cells it is shown in."""

    part: tuple[float, float, float, float]
    pixels: Size
    cells: Size


def framed(figure: Size, box: Size, cell: Size, view: View) -> Frame:
    """The frame of a figure in a window of `box` cells of `cell` pixels. All sizes are (width, height), at least 1."""
    room = (box[0] * cell[0], box[1] * cell[1])
    fit = min(room[0] / figure[0], room[1] / figure[1], LARGEST)
    scale = fit * view.zoom
    shown = [min(1.0, room[axis] / (scale * figure[axis])) for axis in (0, 1)]
    starts = [
        min(max(centre - part / 2, 0.0), 1.0 - part) for centre, part in zip((view.x, view.y), shown, strict=True)
    ]
    part = (
        starts[0] * figure[0],
        starts[1] * figure[1],
        (starts[0] + shown[0]) * figure[0],
        (starts[1] + shown[1]) * figure[1],
    )
    pixels = [max(1, min(room[axis], round(scale * figure[axis] * shown[axis]))) for axis in (0, 1)]
    cells = [min(box[axis], -(-pixels[axis] // cell[axis])) for axis in (0, 1)]
    return Frame(part, (pixels[0], pixels[1]), (cells[0], cells[1]))


def zoomed(view: View, by: float) -> View:
    """The view from nearer (`by` > 1) or farther, never farther than the whole figure."""
    zoom = min(CLOSEST, max(1.0, view.zoom * by))
    return View() if zoom < STEP**0.5 else view._replace(zoom=zoom)


def moved(view: View, figure: Size, box: Size, cell: Size, by: tuple[int, int]) -> View:
    """The view moved by a quarter of what is seen, right and down as `by` says."""
    part = framed(figure, box, cell, view).part
    centres = [
        ((part[axis] + part[axis + 2]) / 2 + by[axis] * (part[axis + 2] - part[axis]) / 4) / figure[axis]
        for axis in (0, 1)
    ]
    halves = [(part[axis + 2] - part[axis]) / 2 / figure[axis] for axis in (0, 1)]
    x, y = (min(max(centre, half), 1.0 - half) for centre, half in zip(centres, halves, strict=True))
    return view._replace(x=x, y=y)
