"""What the layout promises on small screens, and what it costs to draw."""

from __future__ import annotations

import random
from typing import Any

import pyte
import pytest
from textual._compositor import LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static
from textual.widgets._markdown import MarkdownTable

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.painting import MOST_BLINKS
from mockexam.tui.exam.widgets.exam_panel import ProblemRow, _problem_line
from mockexam.tui.exam.widgets.status_bar import shortened
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.tui.look.prose import Prose
from mockexam.tui.terminal import compat
from tests.tui.exam_room import NARROW, WIDE, sitting

CRUMBS = [Content(part) for part in ("mock-exam", "Category1", "starter.py", "solution_model()")]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "mock-exam › Category1 › starter.py › solution_model()"),
        (48, "… › Category1 › starter.py › solution_model()"),
        (30, "… › solution_model()"),
        (5, "solution_model()"),
    ],
)
def test_breadcrumbs_keep_what_is_near_the_cursor(width: int, shown: str) -> None:
    assert shortened(CRUMBS, width).plain == shown


@pytest.mark.parametrize("title", ["가위, 바위, 보를 알아보는 모델", "Rock, paper, scissors 🪨📄✂ and more of them"])
@pytest.mark.parametrize("width", [34, 38, 54])
def test_a_line_of_the_exam_window_is_as_wide_as_the_window(title: str, width: int) -> None:
    line = _problem_line(ProblemRow(3, title, 4, 5, 16.0, 20, 4000.0), width)
    assert line.cell_length == width
    assert line.plain.rstrip().endswith("16/20")


async def test_a_narrow_screen_gives_all_its_rows_to_the_window_that_was_asked_for(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running, NARROW) as room:
        await room.click("#open-run")
        assert room.screen.run_window.display
        await room.click("#open-exam")
        await room.until(lambda: "Submit and Test" in room.text, "the whole window")
        assert not room.screen.run_window.display
        await room.click("#exam-hide")
        await room.until(lambda: room.screen.run_window.display, "the run window")
        assert not room.screen.query_one("#exam").display
        for category in (2, 3, 4, 5):
            await room.open(room.starter(category))
        strip = room.screen.query_one(TabStrip)
        shown = strip.tab(room.starter(5))
        assert shown is not None
        await room.until(lambda: strip.region.contains_region(shown.region), "the last tab")
        await room.open(room.starter(1))
        first = strip.tab(room.starter(1))
        assert first is not None
        await room.until(lambda: strip.region.contains_region(first.region), "the first tab")


async def test_a_watched_program_and_the_cursor_stay_in_view_when_the_screen_shrinks(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running, WIDE) as room:
        room.write("print('trained')\n" + "x = 1\n" * 60)
        await room.press("f5")
        await room.until(lambda: "exit code 0" in room.text, "the end")
        bottom = room.editor.scroll_offset.y + room.editor.size.height - 1
        room.editor.move_cursor((bottom, 0))
        await room.pilot.resize_terminal(*NARROW)
        await room.until(lambda: room.screen.windows.narrow and room.screen.run_window.display, "the window")
        await room.until(lambda: f" {bottom + 1} " in room.text, "the line of the cursor")
        assert "exit code 0" in room.text
        await room.press("alt+4", "alt+4")
        await room.until(lambda: not room.screen.run_window.display, "closed")
        await room.pilot.resize_terminal(*WIDE)
        await room.until(lambda: room.screen.run_window.display, "the window again")


async def test_the_cursor_rests_when_nobody_types(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        editor = room.editor
        editor.cursor_blink = True
        editor.focus()
        for _ in range(MOST_BLINKS):
            editor._toggle_cursor_blink_visible()
        assert editor._cursor_visible
        assert not editor.blink_timer._active.is_set()
        await room.press("x")
        assert editor.blink_timer._active.is_set()


class Counted(Static):
    drawn = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.drawn += 1
        return super().render_lines(crop)


class Row(App[None]):
    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Counted("left", id="left")
            yield Counted("right", id="right")


async def test_only_what_changed_is_drawn() -> None:
    compat.apply()
    async with Row().run_test() as pilot:
        left, right = pilot.app.query_one("#left", Counted), pilot.app.query_one("#right", Counted)
        await pilot.pause()
        left.drawn = right.drawn = 0
        left.update("other", layout=False)
        await pilot.pause()
        assert left.drawn
        assert not right.drawn


class Measured(Static):
    told: Size | None = None

    def on_resize(self, event: Resize) -> None:
        self.told = event.size


class Window(App[None]):
    def compose(self) -> ComposeResult:
        yield Measured("a window")


async def test_a_window_that_comes_is_told_its_size_though_its_place_was_asked_for_before() -> None:
    compat.apply()
    async with Window().run_test() as pilot:
        window, compositor = pilot.app.query_one(Measured), pilot.app.screen._compositor
        for width in (10, 20):
            window.display = False
            await pilot.pause()
            window.display = True
            window.styles.width = width
            # As a change of focus does, after something that can't be seen was drawn.
            compositor._full_map_invalidated = True
            assert window in compositor.full_map
            await pilot.pause()
            assert window.told is not None
            assert window.told.width == width


class Text(App[None]):
    def compose(self) -> ComposeResult:
        yield Prose("| | |\n|---|---|\n| Input | (1,) |\n\n| x | y |\n|---|---|\n| 1 | 2 |\n")


async def test_a_table_without_a_head_has_no_empty_row() -> None:
    async with Text().run_test() as pilot:
        plain, headed = pilot.app.query(MarkdownTable)
        assert plain.has_class("-headless")
        assert not headed.has_class("-headless")


class Layers(App[None]):
    """Widgets beside, above and over one another, one of them scrolled out in part."""

    CSS = """
    Screen { layers: below above; }
    Horizontal { height: 6; }
    Counted { width: 1fr; height: 1fr; }
    #scrolled { height: 5; }
    #tall { height: 9; }
    #over { layer: above; width: 20; height: 5; offset: 12 3; background: blue; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Counted(id="left")
            yield Counted(id="right")
        with VerticalScroll(id="scrolled"):
            yield Counted(id="tall")
        yield Counted(id="bottom")
        yield Counted(id="over")


@pytest.mark.parametrize("seed", range(3))
async def test_pieces_that_change_make_the_whole_picture(seed: int) -> None:
    compat.apply()
    draw = random.Random(seed)
    terminal = pyte.Screen(60, 16)
    stream = pyte.Stream(terminal)
    app = Layers()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()

        def show(_: Screen[Any], update: Any) -> None:
            if update is not None:
                stream.feed(update.render_segments(app.console))

        app._display = show  # type: ignore[assignment, method-assign]
        app.screen.refresh()
        for _ in range(12):
            for widget in draw.sample(list(app.query(Counted)), draw.randrange(1, 4)):
                text = "\n".join("".join(draw.choices("abc ", k=40)) for _ in range(9))
                widget.update(Content.styled(text, draw.choice(["red", "on green"])), layout=False)
            app.query_one("#scrolled").scroll_to(y=draw.randrange(5), animate=False)
            for _ in range(100):
                await pilot.pause(0.02)
                whole = pyte.Screen(60, 16)
                full = LayoutUpdate([[strip] for strip in app.screen._compositor.render_strips()], app.size.region)
                pyte.Stream(whole).feed(full.render_segments(app.console))
                if terminal.buffer == whole.buffer:
                    break
            assert terminal.buffer == whole.buffer
