"""Curves of loss and metrics over the epochs, in Braille dots, with the problem's threshold drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from textual import events
from textual.content import Content
from textual.widget import Widget

from graders.contract import Scoring
from graders.metrics.table import METRICS
from graders.sentences import sentence
from mockexam.language.catalogue import shown

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_AXIS = 7
# Fewer values than this are too few to call any an outlier.
FENCED = 12


@dataclass(frozen=True)
class Series:
    """One metric by epoch: in training, in validation, and the threshold it must reach."""

    name: str
    train: tuple[float, ...]
    valid: tuple[float, ...]
    threshold: float | None = None


def thresholds_of(scoring: Scoring) -> dict[str, float]:
    """Return the threshold for each name Keras may print: the one that passes all tests."""
    found: dict[str, float] = {}
    for threshold in scoring.thresholds:
        at_least = threshold.at_least is not None
        limit = threshold.at_least if threshold.at_least is not None else threshold.at_most
        if scoring.mode == "ladder" and scoring.graded_thresholds:
            limit = max(scoring.graded_thresholds) if at_least else min(scoring.graded_thresholds)
        for name in METRICS[threshold.metric].keras:
            if limit is not None:
                found.setdefault(name, limit)
    return found


class Canvas:
    """Cells of two by four dots; a cell has the colour of the last dot set in it."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._cells = [[0] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]

    def dot(self, x: int, y: int, style: str) -> None:
        """Set a dot, counted from the top left."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            self._cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
            self._styles[y // 4][x // 2] = style

    def line(self, start: tuple[int, int], end: tuple[int, int], style: str) -> None:
        """Draw a straight line of dots."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), style)

    def row(self, y: int) -> list[tuple[str, str]]:
        """Return a row of cells as text and style."""
        return [
            (chr(0x2800 + mask) if mask else " ", style)
            for mask, style in zip(self._cells[y], self._styles[y], strict=True)
        ]


def drawn(series: Series, epochs: int, width: int, height: int) -> Content:
    """Draw one chart of `width` by `height` cells: a legend, the curves, the epochs."""
    legend = _legend(series)
    plot_width, plot_height = max(4, width - _AXIS), max(2, height - 2)
    low, high = _range(series)
    canvas = Canvas(plot_width, plot_height)

    def y_of(value: float) -> int:
        # A curve outside the range runs off the edge of the canvas.
        share = min(max((high - value) / (high - low), -0.1), 1.1)
        return round(share * (plot_height * 4 - 1))

    if series.threshold is not None:
        for x in range(0, plot_width * 2, 3):
            canvas.dot(x, y_of(series.threshold), "$run")
    for points, style in ((series.train, "$progress"), (series.valid, "$amber")):
        places = [(_x_of(i, epochs, plot_width * 2), y_of(value)) for i, value in enumerate(points) if isfinite(value)]
        for start, end in pairwise(places):
            canvas.line(start, end, style)
        if len(places) == 1:
            canvas.dot(*places[0], style)
    parts: list[Content | tuple[str, str] | str] = [legend]
    for y in range(plot_height):
        value = high - (high - low) * y / max(1, plot_height - 1)
        label = _number(value) if y % 3 == 0 or y == plot_height - 1 else ""
        parts += ["\n", (f"{label:>{_AXIS - 1}} ", "$text-faint"), *canvas.row(y)]
    last = shown(sentence("epoch {number}", number=epochs))
    parts += ["\n", (" " * _AXIS + "1" + " " * max(1, plot_width - 1 - len(last)) + last, "$text-faint")]
    return Content.assemble(*parts)


def _range(series: Series) -> tuple[float, float]:
    """The values between which curves and threshold are drawn.

    The first epochs are often so far off that all the others would lie in one row: what is beyond Tukey's outer fences
    (three times the interquartile range) is left out, once there are enough epochs to tell.
    """
    values = sorted(value for value in (*series.train, *series.valid) if isfinite(value)) or [0.0]
    if len(values) >= FENCED:
        first, third = values[len(values) // 4], values[len(values) * 3 // 4]
        reach = 3 * (third - first)
        values = [value for value in values if first - reach <= value <= third + reach] if reach else values
    values += [series.threshold] if series.threshold is not None else []
    low, high = min(values), max(values)
    spread = (high - low) or abs(high) * 0.1 or 1.0
    return low - spread * 0.05, high + spread * 0.05


def _x_of(index: int, epochs: int, dots: int) -> int:
    return round(index / max(1, epochs - 1) * (dots - 1))


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1000 else f"{value:.0e}"


def _legend(series: Series) -> Content:
    parts: list[tuple[str, str] | str] = [(f"{series.name}  ", "bold $text-soft")]
    for label, points, style in (
        (sentence("train"), series.train, "$progress"),
        (sentence("valid"), series.valid, "$amber"),
    ):
        if points:
            parts += [("━ ", style), (f"{shown(label)} {_number(points[-1])}  ", "$text-body")]
    if series.threshold is not None:
        parts += [("┄ ", "$run"), (shown(sentence("bar {value}", value=_number(series.threshold))), "$text-body")]
    return Content.assemble(*parts)


class Curves(Widget):
    """Shows as many charts, one below the other, as there is room for; a click turns to the next metric."""

    DEFAULT_CSS = """
    Curves {
        width: 64;
        height: 1fr;
        padding: 0 1;
        background: $editor;
    }
    """

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="curves")
        self.series: tuple[Series, ...] = ()
        self.epochs = 1
        self.first = 0

    def show(self, series: Sequence[Series], epochs: int) -> None:
        """Show these metrics over this many epochs."""
        if (tuple(series), epochs) != (self.series, self.epochs):
            self.series, self.epochs = tuple(series), max(1, epochs)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Turn to the next metric."""
        if self.series:
            self.first = (self.first + 1) % len(self.series)
            self.refresh()

    def render(self) -> Content:
        """Draw the charts."""
        width, height = self.content_size
        if not self.series or height < 4:
            return Content.styled(shown(sentence("Curves appear when an epoch ends.")), "$text-faint")
        count = max(1, min(len(self.series), height // 8))
        each = height // count
        chosen = [self.series[(self.first + i) % len(self.series)] for i in range(count)]
        return Content("\n").join([drawn(one, self.epochs, width, each) for one in chosen])
