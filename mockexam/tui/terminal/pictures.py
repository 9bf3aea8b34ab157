"""Pictures that lie on the cells of a terminal, of which Textual knows nothing: Sixel's and iTerm2's.

Such a picture is lost wherever anything is written over it. So it is written again right after each update of the
screen that touches it, within the same update, and only while nothing lies before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence


class Painted(Protocol):
    """A widget with a picture."""

    @property
    def place(self) -> Region | None:
        """The cells under the picture, on the screen; None while there is no picture."""

    @property
    def painting(self) -> str:
        """What draws the picture when the cursor is in its top left corner."""

    def covered(self, covered: bool) -> None:
        """Whether something lies before the picture now: it isn't drawn, and the cells must show something else."""


class _Under(CompositorUpdate):
    """An update of the screen, and pictures on top of it."""

    def __init__(self, update: CompositorUpdate, pictures: Sequence[tuple[Region, str]]) -> None:
        self._update = update
        self._pictures = pictures

    def render_segments(self, console: Console) -> str:
        """Return what is to be written."""
        drawn = "".join(f"\x1b[{place.y + 1};{place.x + 1}H\x1b7{painting}\x1b8" for place, painting in self._pictures)
        return self._update.render_segments(console) + drawn


class Pictures:
    """The widgets of an app that have a picture."""

    def __init__(self) -> None:
        self._widgets: dict[Widget, bool] = {}

    def add(self, widget: Widget) -> None:
        """Draw this widget's picture from now on. The widget is `Painted`."""
        self._widgets[widget] = True

    def remove(self, widget: Widget) -> None:
        """Draw it no more; what the widget draws next wipes it away."""
        self._widgets.pop(widget, None)

    def over(self, top: Screen[Any], update: Any) -> Any:
        """Return an update of the screen with the pictures that it would wipe away."""
        if not self._widgets or not isinstance(update, CompositorUpdate):
            return update
        drawn: list[tuple[Region, str]] = []
        for widget, was_covered in list(self._widgets.items()):
            painted: Painted = widget  # type: ignore[assignment]
            place = painted.place
            covered = place is None or widget.screen is not top or not _bare(widget, place)
            if covered != was_covered:
                self._widgets[widget] = covered
                painted.covered(covered)
            if place is not None and not covered and _touched(update, place):
                drawn.append((place, painted.painting))
        return _Under(update, drawn) if drawn else update


def _bare(widget: Widget, place: Region) -> bool:
    """Whether a widget is on the screen whole, with nothing before it. Widgets come from front to back."""
    for other, (region, clip) in widget.screen._compositor.visible_widgets.items():
        shown = region.intersection(clip)
        if other is widget:
            return bool(place.area) and shown.contains_region(place)
        if shown.overlaps(place) and other not in widget.ancestors:
            return False
    return False


def _touched(update: CompositorUpdate, place: Region) -> bool:
    if isinstance(update, LayoutUpdate):
        return update.region.overlaps(place)
    if isinstance(update, ChopsUpdate):
        return any(
            place.y <= y < place.bottom and start < place.right and end > place.x for y, start, end in update.spans
        )
    return True
