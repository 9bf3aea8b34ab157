"""TensorFlow's noise and the traceback of a stop, each as one line of the Run window that opens."""

from __future__ import annotations

from pathlib import Path

from textual.geometry import Offset
from textual.selection import Selection

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.look import theme
from mockexam.tui.run.console_view import ConsoleView
from tests.tui.exam_room import NORMAL, Room, sitting

RECORDED = Path(__file__).parents[2] / "running" / "recorded" / "noise_keras3.raw"
REPLAY = f"import sys\nsys.stdout.buffer.write(open({str(RECORDED)!r}, 'rb').read())\n"
SLEEPING = "import time\nprint('7/9', end='', flush=True)\ntime.sleep(600)\n"
FAILING = "print('fine')\nint('too bad')\n"
NOISE = "▸ 9 lines of TensorFlow and Keras that change nothing"


async def run(room: Room, source: str, expect: str, end: bool = True) -> ConsoleView:
    """Run a program as the starter until its window shows something."""
    await room.open(room.starter(1))
    room.write(source)
    await room.press("f5")
    await room.until(lambda: expect in room.text, f"{expect} on the screen")
    if end:
        await room.until(lambda: "exit code" in room.text, "the end")
    return room.screen.query_one(ConsoleView)


def row_of(room: Room, view: ConsoleView, text: str) -> int:
    """The row of the view in which a text is shown."""
    return next(y for y in range(view.size.height) if text in view.render_line(y).text)


async def test_noise_is_one_line_that_opens_by_click_and_closes(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        view = await run(room, REPLAY, NOISE)
        assert "oneDNN" not in room.text
        assert "1/1 " in room.text
        assert any("oneDNN" in line for line in view.console.lines)
        log = next((running.project / ".mockexam" / "runs").glob("*.log"))
        assert log.read_bytes().replace(b"\r\n", b"\n") == RECORDED.read_bytes()
        view.scroll_home(animate=False, immediate=True)
        height = view.virtual_size.height
        await room.click(view, offset=(4, row_of(room, view, NOISE)))
        await room.until(lambda: "oneDNN" in room.text, "the lines")
        assert view.virtual_size.height > height
        await room.click(view, offset=(4, row_of(room, view, "▾ 9 lines")))
        await room.until(lambda: "oneDNN" not in room.text, "the one line")
        assert view.virtual_size.height == height


async def test_a_key_opens_all_and_closes_all(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        view = await run(room, REPLAY, NOISE)
        height = view.virtual_size.height
        view.focus()
        await room.press("ctrl+o")
        assert {fold.opened for fold in view.folding.folds if fold is not None} == {True}
        assert view.virtual_size.height > height + 8
        await room.press("ctrl+o")
        assert view.virtual_size.height == height


async def test_a_selection_over_a_fold_copies_what_is_behind_it(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        view = await run(room, REPLAY, NOISE)
        whole = view.get_selection(Selection(None, None))
        assert whole is not None
        written = [line for line in view.console.lines if line]
        assert [line for line in whole[0].split("\n") if line][:5] == written[:5]
        assert "lines of" not in whole[0]
        part = view.get_selection(Selection(Offset(2, 1), Offset(9, 1)))
        assert part == ("9 lines", "\n")
        view.toggle_folds()
        opened = view.get_selection(Selection(None, None))
        assert opened is not None
        assert opened[0].replace("\n", "") == "".join(view.console.lines)


async def test_stop_leaves_no_traceback_on_the_screen(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        view = await run(room, SLEEPING, "7/9", end=False)
        await room.press("shift+f5")
        await room.until(lambda: "Stopped." in room.text, "the end")
        assert "Traceback" not in room.text
        assert "on where the program was when it was stopped" in room.text
        assert view.render_line(row_of(room, view, "7/9")).text.strip() == "7/9"
        assert "KeyboardInterrupt" in view.console.lines
        view.focus()
        await room.press("ctrl+o")
        assert "KeyboardInterrupt" in room.text
        assert "7/9Traceback (most recent call last):" in room.text


async def test_errors_are_red_and_their_places_are_links(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        view = await run(room, FAILING, "ValueError")
        colours = {}
        for text in ("fine", "ValueError", "File"):
            strip = view.render_line(row_of(room, view, text))
            colours[text] = next(one.style.color for one in strip if one.style and text in one.text)
        names = {text: colour.name.upper() for text, colour in colours.items() if colour is not None}
        assert names["ValueError"] == theme.colour(app, "stop")
        assert names["File"] == theme.colour(app, "link")
        assert names["fine"] not in (names["ValueError"], names["File"])
