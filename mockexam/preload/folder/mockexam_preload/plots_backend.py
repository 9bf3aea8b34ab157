"""The matplotlib backend of the Plots window: what is shown becomes a PNG in the folder of the run's figures.

`plt.show()` keeps each open figure and closes it, as PyCharm does and as a window is closed before a blocking `show`
returns. Where `show` wouldn't wait (interactive mode, `block=False`, `plt.pause`, `fig.show()`) the figure stays open,
and showing it again replaces its picture. Figures that are never shown aren't kept.
"""

from __future__ import annotations

import atexit
import io
import os
import time
import warnings

from matplotlib import is_interactive
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from . import guarded, log, settings
from .plots_folder import MOST_ONE, add, new_name
from .plots_text import described, drawable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DPI = 150
"""Dots per inch of a kept figure at least: 960 × 720 for the usual size, so that there is something to zoom into."""
MOST_PIXELS = 6e6
MOST_ACROSS = 6000.0
SHARE = 10
"""A figure that is shown again and again is kept so seldom that drawing takes one part of so many of the time."""
LEAST_PAUSE = 0.5  # seconds between two pictures of one figure


class _Kept:
    """What is known of a figure that was shown."""

    def __init__(self) -> None:
        self.pid, self.name = os.getpid(), new_name()
        self.next = 0.0
        self.waiting = False


_kept: dict[Figure, _Kept] = {}


def keep(figure: Figure, *, last: bool = True) -> None:
    """Draw a figure into its file. One that may soon be shown again waits for its turn.

    A figure that can't be drawn is warned of, as windows only print it too; what the disk refuses is logged.
    """
    if not figure.get_axes() and len(figure.get_children()) <= 1:
        return  # PyCharm shows no empty figure either
    one = _kept.get(figure)
    if one is None or one.pid != os.getpid():
        one = _kept[figure] = _Kept()
    began = time.monotonic()
    one.waiting = not last and began < one.next
    if one.waiting:
        return
    try:
        picture, boxes = _drawn(figure)
    except Exception as error:
        # untranslated: it stands in the program's own output
        failed = "This figure can't be drawn: {}: {}".format(type(error).__name__, error)
        warnings.warn(failed, RuntimeWarning, stacklevel=3)
        return
    guarded(_put)(one.name, picture, figure, boxes)
    ended = time.monotonic()
    one.next = ended + max(LEAST_PAUSE, SHARE * (ended - began))


def _put(name: str, picture: bytes, figure: Figure, boxes: bool) -> None:
    if len(picture) > MOST_ONE:
        # untranslated: a log of our own faults
        log("a figure of {} bytes was left out".format(len(picture)))
        return
    add(settings["plots"], name, picture, dict(described(figure), boxes=boxes))


def _drawn(figure: Figure) -> tuple[bytes, bool]:
    """The figure as PNG, in as many dots as are allowed, and whether characters without a font are boxes in it."""
    drawable(figure)
    width, height = figure.get_size_inches()
    dpi = min(max(figure.dpi, DPI), (MOST_PIXELS / (width * height)) ** 0.5, MOST_ACROSS / max(width, height))
    with io.BytesIO() as file, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure.savefig(file, format="png", dpi=dpi)
        picture = file.getvalue()
    # Of these matplotlib has one for each character; the window says it once.
    missing = [one for one in said if "missing from" in str(one.message)]
    for one in said:
        if one not in missing:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return picture, bool(missing)


def _keep_waiting() -> None:
    """Keep the last state of what was shown while its turn hadn't come."""
    for figure, one in list(_kept.items()):
        if one.waiting and one.pid == os.getpid():
            guarded(keep)(figure)


atexit.register(_keep_waiting)


class FigureCanvas(FigureCanvasAgg):
    """Draws as Agg does."""


class FigureManager(FigureManagerBase):
    """Stands for the window of a figure."""

    def show(self) -> None:
        """Keep the figure, which stays open."""
        keep(self.canvas.figure, last=False)

    def destroy(self, *arguments: object) -> None:
        """Let go of the figure, in the state in which it was shown last."""
        one = _kept.get(self.canvas.figure)
        if one is not None and one.waiting:
            guarded(keep)(self.canvas.figure)
        _kept.pop(self.canvas.figure, None)


def new_figure_manager(number: int, *arguments: object, **named: object) -> FigureManager:
    """Make a figure and what stands for its window."""
    kind: Any = named.pop("FigureClass", Figure)
    return new_figure_manager_given_figure(number, kind(*arguments, **named))


def new_figure_manager_given_figure(number: int, figure: Figure) -> FigureManager:
    """Make what stands for the window of a figure."""
    return FigureManager(FigureCanvas(figure), number)


def show(*arguments: object, block: bool | None = None, **named: object) -> None:
    """Keep all open figures; close them where `show` would have waited until they are closed."""
    last = not is_interactive() if block is None else bool(block)
    for manager in Gcf.get_all_fig_managers():
        keep(manager.canvas.figure, last=last)
    if last:
        Gcf.destroy_all()
