"""What a figure shows, in words and numbers, and a font for the words that its own can't write."""

from __future__ import annotations

import matplotlib
from matplotlib import font_manager
from matplotlib.text import Text

from .plots import FALLING_BACK, hangul_font, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST = 200
MOST_AXES = 16
MOST_SERIES = 16


def described(figure: Figure) -> dict[str, object]:
    """Title, axes and series of a figure, ready for JSON; numbers that are none are None."""
    return {
        "title": _short(_title(figure)),
        "axes": [_axes(one) for one in figure.get_axes()[:MOST_AXES]],
    }


def _title(figure: Figure) -> str:
    title = getattr(figure, "_suptitle", None)
    return title.get_text() if title is not None else ""


def _axes(axes: Axes) -> dict[str, object]:
    series = []
    for kind, name, values in _series(axes):
        series.append({"kind": kind, "name": _short(name), **_figures(values)})
        if len(series) == MOST_SERIES:
            break
    named = {"title": axes.get_title(), "x": axes.get_xlabel(), "y": axes.get_ylabel()}
    return {**{key: _short(text) for key, text in named.items()}, "series": series}


def _series(axes: Any) -> Iterator[tuple[str, str, Iterable[object]]]:
    """Kind, name and values of what is drawn on axes, in the order in which it was."""
    for line in axes.get_lines():
        yield "line", _named(line), line.get_ydata()
    for container in axes.containers:
        lying = getattr(container, "orientation", "vertical") == "horizontal"
        bars = [patch.get_width() if lying else patch.get_height() for patch in getattr(container, "patches", ())]
        yield "bars", _named(container), bars
    for collection in axes.collections:
        if type(collection).__name__ == "PathCollection":
            yield "points", _named(collection), [point[1] for point in collection.get_offsets()]
    for image in axes.get_images():
        yield "image", _named(image), image.get_array().ravel()
    wedges = [patch for patch in axes.patches if type(patch).__name__ == "Wedge"]
    if wedges:
        yield "shares", "", [(wedge.theta2 - wedge.theta1) / 360 for wedge in wedges]


def _named(artist: object) -> str:
    label = str(artist.get_label() or "")  # type: ignore[attr-defined]
    return "" if label.startswith("_") else label  # those with an underscore are matplotlib's own


def _figures(values: Iterable[object]) -> dict[str, object]:
    """How many values, the first, the last, the least and the greatest; only numbers count."""
    import numpy

    try:
        array: Any = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan).ravel()
    except (TypeError, ValueError):  # dates, or words on an axis of categories
        return {"count": len(list(values)), "first": None, "last": None, "least": None, "greatest": None}
    found = array[numpy.isfinite(array)]
    numbers: list[float | None] = [None] * 4
    if len(found):
        numbers = [float(number) for number in (found[0], found[-1], found.min(), found.max())]
    first, last, least, greatest = numbers
    return {"count": len(array), "first": first, "last": last, "least": least, "greatest": greatest}


def _short(text: object) -> str:
    return str(text)[:LONGEST]


def drawable(figure: Figure) -> None:
    """Give texts with Hangul a font that has it, where matplotlib doesn't look for one by itself.

    Only texts that are in the font of matplotlib's own choice.
    """
    if version(matplotlib) >= FALLING_BACK:
        return
    usual = matplotlib.rcParamsDefault["font.family"]
    texts: list[Any] = [
        text
        for text in _texts(figure)
        if list(text.get_family()) == list(usual) and any("\u1100" <= sign <= "\ud7ff" for sign in text.get_text())
    ]
    font = hangul_font(font_manager) if texts else None
    for text in texts:
        if font is not None:
            text.set_family([font])


def _texts(figure: Any) -> list[Any]:
    found: list[Any] = figure.findobj(Text)
    return found
