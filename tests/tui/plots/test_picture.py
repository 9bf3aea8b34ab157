"""A figure on the screen in each way that terminals draw: what is written, and what never is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from mockexam.plots import client
from mockexam.plots.figures import Figure, figures
from mockexam.plots.requests import Request
from mockexam.tui.look import theme
from mockexam.tui.plots import picture, placeholders
from mockexam.tui.plots.picture import Picture
from mockexam.tui.terminal.graphics import Graphics, Protocol
from mockexam.tui.terminal.terminal_app import TerminalApp
from tests.plots.pictures import put

RED, BLUE = "#ff0000", "#0000ff"


class Over(ModalScreen[None]):
    DEFAULT_CSS = "Over { align: center middle; background: black 50%; } Over Static { width: 10; height: 3; }"

    def compose(self) -> ComposeResult:
        yield Static("a dialog")


class Show(TerminalApp[None]):
    """A picture between two rows of text."""

    CSS = "Picture { height: 10; background: black; } .tip { layer: over; offset: 30 5; width: 8; height: 2; }"
    CSS += "Screen { layers: base over; }"

    def __init__(self, protocol: Protocol) -> None:
        super().__init__()
        self.way = Graphics(protocol, (10, 20))
        self.asked = 0
        self.sent: list[str] = []
        self.written: list[str] = []
        self.failed: list[str] = []
        self.picture = Picture()

    @on(Picture.Failed)
    def note_failure(self, event: Picture.Failed) -> None:
        self.failed.append(event.words.english)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("above", id="above")
            yield self.picture
            yield Static("below")

    def ask_graphics(self) -> None:
        self.asked += 1
        self.graphics = self.way

    def write_picture(self, sequence: str) -> None:
        self.sent.append(sequence)

    def _display(self, screen: Any, renderable: Any) -> None:
        update = self.pictures.over(self.screen, renderable)
        if update is not None:
            self.written.append(update.render_segments(Console(color_system="truecolor", force_terminal=True)))

    def colours(self) -> list[list[tuple[str, str, str]]]:
        """Sign, colour and background of each cell of the picture's widget."""
        rows = []
        for strip in self.picture.render_lines(self.picture.size.region):
            cells = []
            for segment in strip:
                style = segment.style
                assert style is not None
                names = [one.get_truecolor().hex if one else "" for one in (style.color, style.bgcolor)]
                cells += [(sign, names[0], names[1]) for sign in segment.text]
            rows.append(cells)
        return rows


async def until(pilot: Pilot[None], condition: Any) -> None:
    for _ in range(500):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError("still not so after ten seconds")


@pytest.fixture
def figure(tmp_path: Path) -> Figure:
    put(tmp_path, 1)
    return figures(tmp_path)[0]


@asynccontextmanager
async def showing(protocol: Protocol, figure: Figure) -> AsyncIterator[tuple[Show, Pilot[None]]]:
    app = Show(protocol)
    async with app.run_test(size=(60, 20)) as pilot:
        assert app.asked == 0
        app.picture.show(figure)
        await until(pilot, lambda: app.picture.drawn is not None and app.picture.drawn.blocks)
        await pilot.pause()
        assert app.asked == 1
        yield app, pilot


async def test_half_blocks(figure: Figure) -> None:
    async with showing("halves", figure) as (app, _):
        rows = app.colours()
        # 40 × 30 at most twice as large: 8 × 3 cells of 10 × 20, in the middle.
        assert rows[3][26] == (" ", RED, RED)
        assert rows[4][26] == ("▀", RED, BLUE)
        assert rows[5][33] == (" ", BLUE, BLUE)
        assert rows[4][25][2] == rows[0][0][2] == "#000000"
        assert not app.sent


async def test_whole_cells_where_there_are_no_half_blocks(figure: Figure) -> None:
    async with showing("cells", figure) as (app, _):
        assert {sign for row in app.colours() for sign, _, _ in row} == {" "}


@pytest.mark.parametrize("protocol", ["sixel", "iterm2"])
async def test_a_picture_over_cells_is_written_whenever_they_are(figure: Figure, protocol: Protocol) -> None:
    start = {"sixel": "\x1bP0;1;0q", "iterm2": "\x1b]1337;File="}[protocol]
    async with showing(protocol, figure) as (app, pilot):
        await until(pilot, lambda: start in app.written[-1])
        # Its corner, after all text of the update.
        assert f"\x1b[5;27H\x1b7{start}" in app.written[-1]
        assert "▀" not in app.written[-1]
        assert app.written[-1].endswith("\x1b8")

        async def changed(change: Any) -> str:
            app.written.clear()
            change()
            await until(pilot, lambda: app.written)
            await pilot.pause(0.1)
            return "".join(app.written)

        # What lies elsewhere doesn't touch it.
        assert start not in await changed(lambda: app.query_one("#above", Static).update("new"))
        assert start in await changed(lambda: app.refresh(layout=True))

        # Something before a part of it: blocks, until it has gone.
        tip = Static("tip", classes="tip")
        said = await changed(lambda: app.mount(tip))
        assert start not in said
        assert "▀" in said
        assert app.picture._covered
        assert start in await changed(tip.remove)
        assert not app.picture._covered

        dialog = Over()
        said = await changed(lambda: app.push_screen(dialog))
        assert start not in said
        assert "▀" in said
        assert start in await changed(lambda: dialog.dismiss())

        def hide() -> None:
            app.picture.display = False

        assert start not in await changed(hide)
        app.picture.display = True
        await until(pilot, lambda: start in app.written[-1])
        assert start not in await changed(lambda: app.picture.show(None))


async def test_kittys_placeholders(figure: Figure) -> None:
    async with showing("kitty", figure) as (app, pilot):
        assert len(app.sent) == 1
        number, colour = app.picture.drawn.image  # type: ignore[union-attr,misc]
        assert f"i={number},c=8,r=3," in app.sent[0]
        signs = [sign for row in app.colours() for sign, _, _ in row]
        assert signs.count(placeholders.PLACEHOLDER) == 8 * 3
        red, green, blue = colour.get_truecolor()
        assert red << 16 | green << 8 | blue == number
        await until(pilot, lambda: placeholders.PLACEHOLDER in app.written[-1])
        app.push_screen(Over())
        await until(pilot, lambda: app.picture._covered)
        await until(pilot, lambda: "▀" in app.written[-1])
        await app.screen.dismiss()
        await until(pilot, lambda: placeholders.PLACEHOLDER in app.written[-1])
        app.picture.zoom(2)
        await until(pilot, lambda: len(app.sent) == 3)
        assert f"i={number + 1}," in app.sent[1]
        assert app.sent[2] == f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
    assert app.sent[-1] == f"\x1b_Ga=d,d=I,i={number + 1},q=2\x1b\\"


def test_placeholders_are_whole_wherever_a_row_is_cut() -> None:
    number, colour = next(placeholders.numbers(ColorSystem.TRUECOLOR))
    row = placeholders.strip(2, placeholders.MOST, colour)
    assert row.cell_length == placeholders.MOST == 297
    middle = row.crop(5, 7).text
    assert middle == "".join(f"{placeholders.PLACEHOLDER}\u030e{placeholders.MARKS[at]}" for at in (5, 6))
    assert number >> 24 == 0


def test_numbers_survive_256_colours() -> None:
    found = placeholders.numbers(ColorSystem.EIGHT_BIT)
    for number, colour in (next(found) for _ in range(300)):
        assert colour.downgrade(ColorSystem.EIGHT_BIT).number == number
        assert 15 < number < 256


async def test_a_newer_picture_of_a_figure_keeps_the_view(figure: Figure, tmp_path: Path) -> None:
    async with showing("halves", figure) as (app, _):
        app.picture.zoom(4)
        assert app.picture.view.zoom == 4
        put(tmp_path, 1)
        app.picture.show(figures(tmp_path)[0])
        assert app.picture.view.zoom == 4
        put(tmp_path, 2)
        app.picture.show(figures(tmp_path)[0])
        assert app.picture.view.zoom == 1


async def test_a_picture_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no")
    app = Show("halves")
    async with app.run_test(size=(60, 20)) as pilot:
        app.picture.show(Figure(tmp_path / "broken.png", 1, (40, 30)))
        await until(pilot, lambda: app.failed)
        assert "no PNG" in app.failed[0]
        assert app.picture.drawn is None


async def test_many_changes_at_once_start_few_processes(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    async def noted(request: Request) -> bytes:
        asked.append(request)
        return await client.encoded(request)

    monkeypatch.setattr(picture, "encoded", noted)
    async with showing("halves", figure) as (app, pilot):
        before = len(asked)
        for _ in range(8):
            app.picture.zoom(1.25)
        await until(pilot, lambda: len(asked) > before)
        await pilot.pause(0.2)
        assert len(asked) == before + 1
        assert re.fullmatch(r"\d{20}-1.png", Path(asked[-1].path).name)


async def test_a_terminal_without_cells_draws_nothing(figure: Figure) -> None:
    app = Show("sixel")
    async with app.run_test(size=(1, 1)) as pilot:
        app.picture.show(figure)
        await pilot.pause(0.2)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: app.picture.drawn is not None)
        await pilot.resize_terminal(3, 3)
        await asyncio.sleep(0.2)
