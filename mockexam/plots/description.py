"""What a figure says of itself, and the sentences that tell it to who can't see it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from graders.sentences import Sentence, Words, sentence, sentences


class Series(msgspec.Struct, frozen=True):
    """One line, set of bars or points, picture or pie. Numbers are None where there are none."""

    kind: str = ""
    name: str = ""
    count: int = 0
    first: float | None = None
    last: float | None = None
    least: float | None = None
    greatest: float | None = None


class Axes(msgspec.Struct, frozen=True):
    """One pair of axes: its title, what the axes are called, what is drawn on them."""

    title: str = ""
    x: str = ""
    y: str = ""
    series: tuple[Series, ...] = ()


class Description(msgspec.Struct, frozen=True):
    """A whole figure. `boxes`: characters for which there was no font are drawn as boxes."""

    title: str = ""
    axes: tuple[Axes, ...] = ()
    boxes: bool = False

    def heading(self) -> str:
        """The title: the figure's own, else that of its first axes that have one; "" when none has."""
        titles = [self.title, *(one.title for one in self.axes)]
        return printable(next(filter(None, titles), ""))


_KINDS = {
    "line": sentence("a line"),
    "bars": sentence("bars"),
    "points": sentence("points"),
    "image": sentence("a picture"),
    "shares": sentence("a pie, in shares of the whole"),
}
UNKNOWN = sentence("something drawn")


def told(description: Description) -> Iterator[Sentence]:
    """The figure in sentences, a line each: title, axes, then each series with its numbers."""
    if description.title:
        yield sentence("Title: {title}", title=printable(description.title))
    for number, axes in enumerate(description.axes, 1):
        if len(description.axes) > 1:
            yield sentence("Chart {number} of {count}", number=number, count=len(description.axes))
        for template, text in ((axes.title, "title"), (axes.x, "x"), (axes.y, "y")):
            if template:
                yield _LABELS[text](printable(template))
        for series in axes.series:
            yield _of_series(series)
    if description.boxes:
        yield BOXES


_LABELS = {
    "title": lambda text: sentence("Title: {title}", title=text),
    "x": lambda text: sentence("Across: {label}", label=text),
    "y": lambda text: sentence("Upwards: {label}", label=text),
}

BOXES = sentence("Some characters have no font on this machine and are drawn as boxes; for Hangul install fonts-nanum.")


def _of_series(series: Series) -> Sentence:
    kind: Words = _KINDS.get(series.kind, UNKNOWN)
    name = sentence("{name}, {kind}", name=printable(series.name), kind=kind) if series.name else kind
    values = sentences("{count} value", "{count} values", count=series.count)
    if series.first is None or series.last is None or series.least is None or series.greatest is None:
        return sentence("{name}: {values}", name=name, values=values)
    return sentence(
        "{name}: {values}, first {first}, last {last}, least {least}, greatest {greatest}",
        name=name,
        values=values,
        first=_number(series.first),
        last=_number(series.last),
        least=_number(series.least),
        greatest=_number(series.greatest),
    )


def _number(value: float) -> str:
    return f"{value:.4g}"


def printable(text: str) -> str:
    """`text` on one line and without control characters, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()
