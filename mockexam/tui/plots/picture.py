"""A figure on the screen: in pixels where the terminal draws them, else in coloured blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, cast

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import WorkType

from graders.sentences import Sentence
from mockexam.plots.client import EncodingError, encoded
from mockexam.plots.figures import Figure
from mockexam.plots.framing import STEP, Frame, View, framed, moved, zoomed
from mockexam.plots.requests import Form, Request
from mockexam.tui.plots import placeholders
from mockexam.tui.terminal.graphics import Graphics

if TYPE_CHECKING:
    from mockexam.tui.terminal.terminal_app import TerminalApp

PAUSE = 0.05
"""Seconds to wait for more changes of size or zoom before a picture is made."""


@dataclass
class Drawn:
    """A picture as it is drawn: as blocks of colour, and where the terminal can, as what it was sent."""

    frame: Frame
    halves: bool = True
    blocks: bytes = b""
    painting: str = ""
    image: tuple[int, Color] | None = None
    _strips: dict[int, Strip] = field(default_factory=dict)

    def strip(self, row: int) -> Strip:
        """A row of blocks."""
        if row not in self._strips:
            self._strips[row] = Strip(list(_blocks(self.blocks, row, self.frame.cells[0], self.halves)))
        return self._strips[row]


def _blocks(colours: bytes, row: int, columns: int, halves: bool) -> Iterator[Segment]:
    """The cells of a row: two colours each, the upper and the lower one, or one for the whole cell."""
    width, line = 3 * columns, row * (2 if halves else 1)
    upper = colours[line * width : (line + 1) * width]
    lower = colours[(line + 1) * width : (line + 2) * width] if halves else upper
    cells = ((upper[at : at + 3], lower[at : at + 3]) for at in range(0, width, 3))
    for (above, below), group in groupby(cells):
        sign = " " if above == below else "▀"
        yield Segment(sign * len(list(group)), _style(above, below))


@lru_cache(8192)
def _style(above: bytes, below: bytes) -> Style:
    return Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))


class Picture(Widget):
    """Shows one figure, whole or a part of it."""

    DEFAULT_CSS = """
    Picture { width: 1fr; height: 1fr; background: $editor; }
    """

    ALLOW_SELECT = False

    @dataclass
    class Viewed(Message):
        """The figure is looked at in another way."""

        view: View

    @dataclass
    class Failed(Message):
        """The figure can't be drawn, and why."""

        words: Sentence

    def __init__(self) -> None:
        super().__init__()
        self.figure: Figure | None = None
        self.view = View()
        self.drawn: Drawn | None = None
        self._covered = False
        self._numbers: Iterator[tuple[int, Color]] | None = None
        self._making = asyncio.Lock()

    # ── what is shown ──

    def show(self, figure: Figure | None) -> None:
        """Show a figure, whole; a newer picture of the one that is shown stays as it is looked at."""
        if figure == self.figure:
            return
        if figure is None or self.figure is None or figure.path != self.figure.path:
            self.view = View()
        self.figure = figure
        if figure is None:
            self.workers.cancel_group(self, "draw")
            self._put(None)
        self._make()

    def zoom(self, by: float | None) -> None:
        """Look from nearer or farther; None for the whole figure."""
        self._look(View() if by is None else zoomed(self.view, by))

    def move(self, by_x: int, by_y: int) -> bool:
        """Look farther to the right or down; False when the whole figure is there."""
        if self.figure is None or self.view.zoom == 1.0:
            return False
        graphics = self._graphics
        self._look(moved(self.view, self.figure.size, self._box(graphics), graphics.cell, (by_x, by_y)))
        return True

    def _look(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.post_message(self.Viewed(view))
            self._make()

    # ── making it ──

    @property
    def _terminal(self) -> TerminalApp[object]:
        return cast("TerminalApp[object]", self.app)

    @property
    def _graphics(self) -> Graphics:
        """How to draw. Kitty's placeholders need their colour to arrive as it is."""
        graphics = self._terminal.graphics or Graphics()
        if graphics.protocol == "kitty" and self._colours() is None:
            return Graphics("halves", graphics.cell)
        return graphics

    def _colours(self) -> ColorSystem | None:
        system = None if self.app.native_ansi_color or self.app.no_color else self.app.console.color_system
        return {"truecolor": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT}.get(system or "")

    def _box(self, graphics: Graphics) -> tuple[int, int]:
        """The columns and rows that there are for a picture."""
        columns, rows = self.size
        if graphics.protocol == "kitty":
            columns, rows = min(columns, placeholders.MOST), min(rows, placeholders.MOST)
        elif graphics.protocol == "sixel" and graphics.largest is not None:
            columns = min(columns, graphics.largest[0] // graphics.cell[0])
            rows = min(rows, graphics.largest[1] // graphics.cell[1])
        return max(1, columns), max(1, rows)

    def on_mount(self) -> None:
        """Follow what is found out about the terminal."""
        self.watch(self.app, "graphics", self._make, init=False)

    def on_show(self) -> None:
        """Ask the terminal, the first time that there is something to draw."""
        self._make()

    def on_resize(self, event: events.Resize) -> None:
        """Draw it for the new size; of the cells too, where pixels are counted."""
        if (self._terminal.graphics or Graphics()).painted:
            self._terminal.ask_graphics()
        self._make()

    def _make(self) -> None:
        if self.figure is None or not self.size.area or not self.is_attached:
            return
        if self._terminal.graphics is None:
            self._terminal.ask_graphics()
        work: WorkType[None] = partial(self._made, self.figure)
        self.run_worker(work, group="draw", exclusive=True, exit_on_error=False)

    async def _made(self, figure: Figure) -> None:
        await asyncio.sleep(PAUSE)
        # Of the processes that make pictures none is left behind, and never are two there.
        async with self._making:
            await self._draw(figure)

    async def _draw(self, figure: Figure) -> None:
        graphics = self._graphics
        frame = framed(figure.size, self._box(graphics), graphics.cell, self.view)
        ask = partial(self._encoded, figure, frame, graphics)
        halves = graphics.protocol != "cells"
        try:
            if graphics.protocol not in ("halves", "cells"):
                drawn = Drawn(frame)
                drawn.image = self._next_image() if graphics.protocol == "kitty" else None
                painting = (await ask(graphics.protocol, drawn.image[0] if drawn.image else 1)).decode()
                if drawn.image is not None:
                    self._terminal.write_picture(painting)
                else:
                    drawn.painting = painting
                self._put(drawn)
                # What is seen while something lies before it.
                drawn.blocks = await ask("halves")
                self.refresh()
            else:
                self._put(Drawn(frame, halves, await ask("halves" if halves else "cells")))
        except EncodingError as error:
            self._put(None)
            self.post_message(self.Failed(error.words))

    async def _encoded(self, figure: Figure, frame: Frame, graphics: Graphics, form: Form, image: int = 1) -> bytes:
        background = self.background_colors[1]
        request = Request(
            path=str(figure.path),
            form=form,
            part=frame.part,
            pixels=frame.pixels,
            cells=frame.cells,
            cell=graphics.cell,
            background=(background.r, background.g, background.b),
            image=image,
            colours=graphics.colours,
        )
        return await encoded(request)

    def _next_image(self) -> tuple[int, Color]:
        if self._numbers is None:
            self._numbers = placeholders.numbers(self._colours())
        return next(self._numbers)

    def _put(self, drawn: Drawn | None) -> None:
        """Draw this from now on, and have the terminal forget what was drawn before."""
        old, self.drawn = self.drawn, drawn
        if old is not None and old.image is not None:
            self.call_after_refresh(self._terminal.write_picture, placeholders.deleted(old.image[0]))
        if drawn is not None and (drawn.painting or drawn.image):
            self._terminal.pictures.add(self)
        else:
            self._terminal.pictures.remove(self)
            self._covered = False
        self.refresh()

    async def on_unmount(self) -> None:
        """Leave no process, and nothing in the terminal."""
        self.workers.cancel_group(self, "draw")
        async with self._making:
            pass
        self._terminal.pictures.remove(self)
        if self.drawn is not None and self.drawn.image is not None:
            self._terminal.write_picture(placeholders.deleted(self.drawn.image[0]))
        self.drawn = None

    # ── drawing it ──

    @property
    def place(self) -> Region | None:
        """The cells under the picture, on the screen."""
        if self.drawn is None or not self.is_on_screen:
            return None
        left, top = self._corner(self.drawn)
        return Region(left, top, *self.drawn.frame.cells).translate(self.content_region.offset)

    @property
    def painting(self) -> str:
        """What draws the picture on its cells."""
        return self.drawn.painting if self.drawn is not None else ""

    def covered(self, covered: bool) -> None:
        """Draw blocks while something lies before the picture."""
        self._covered = covered
        self.refresh()

    def _corner(self, drawn: Drawn) -> tuple[int, int]:
        columns, rows = drawn.frame.cells
        return max(0, (self.size.width - columns) // 2), max(0, (self.size.height - rows) // 2)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All the width there is."""
        return container.width

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        blank, width, drawn = self.rich_style, self.size.width, self.drawn
        if drawn is None:
            return Strip.blank(width, blank)
        left, top = self._corner(drawn)
        row, (columns, rows) = y - top, drawn.frame.cells
        if not 0 <= row < rows:
            return Strip.blank(width, blank)
        if drawn.image is not None and not self._covered:
            middle = placeholders.strip(row, columns, drawn.image[1]).apply_style(blank)
        elif drawn.blocks and (self._covered or not drawn.painting):
            middle = drawn.strip(row)
        else:
            middle = Strip.blank(columns, blank)
        return Strip.join([Strip.blank(left, blank), middle]).adjust_cell_length(width, blank)

    # ── the mouse ──

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look from nearer."""
        event.stop()
        self.zoom(STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look from farther."""
        event.stop()
        self.zoom(1 / STEP)
