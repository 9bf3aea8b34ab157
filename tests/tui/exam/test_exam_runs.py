"""Programs on the exam screen: run, stop, several at once, links, curves, a flood."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.strip import Strip

from graders.contract import Scoring, Threshold
from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam.widgets.toolbar import Clock
from mockexam.tui.look.chip import Chip
from mockexam.tui.run.console_view import ConsoleView
from mockexam.tui.run.curves import Canvas, Curves, Series, drawn, thresholds_of
from mockexam.tui.run.run_window import RunWindow
from tests.sitting.fakes import FakeClock
from tests.tui.exam_room import NORMAL, WIDE, Room, sitting

TRAINING = """
import sys
for epoch in range(1, 4):
    print(f"Epoch {epoch}/3")
    sys.stdout.write(f"10/10 - 1s - loss: {1 / epoch:.4f} - mae: {2 / epoch:.4f} - val_loss: {1.1 / epoch:.4f}\\n")
print("done")
"""

ENDLESS = "import time\nprint('running', flush=True)\ntime.sleep(600)\n"


def output(room: Room) -> str:
    view = room.screen.run_window.view
    assert view is not None
    return "\n".join(view.session.console.lines)


async def run(room: Room, source: str, category: int = 1, expect: str = "") -> None:
    """Run a program as the starter of a problem, until it has said something."""
    await room.open(room.starter(category))
    room.write(source)
    await room.press("f5")
    await room.until(lambda: room.screen.run_window.view and expect in output(room), f"{expect} in the output")


async def test_run_saves_and_shows_the_output(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, "print('hello ' + input('name? '))\n", expect="name?")
        assert room.starter().read_text().startswith("print(")
        room.screen.query_one(ConsoleView).focus()
        await room.type("Ada\n")
        await room.until(lambda: "hello Ada" in output(room), "the answer")
        await room.until(lambda: "Process finished with exit code 0" in room.text, "the end")
        logs = list((running.project / ".mockexam" / "runs").glob("*.log"))
        assert "hello Ada" in logs[0].read_text()


async def test_stop_is_red_only_while_the_program_runs(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, "input('ready? ')\n", expect="ready?")
        stop = room.screen.query_one(".run-side > .stop")
        await room.until(lambda: not stop.has_class("-idle"), "red")
        red = stop.styles.color
        room.screen.query_one(ConsoleView).focus()
        await room.type("\n")
        await room.until(lambda: stop.has_class("-idle"), "idle")
        assert stop.styles.color != red


async def test_stop_by_key_and_by_mouse(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, ENDLESS, expect="running")
        await room.press("shift+f5")
        await room.until(lambda: "Stopped." in room.text, "stopped by key")
        await room.click("#run-button")
        await room.until(lambda: room.screen.runs.running, "running again")
        await room.until(lambda: "running" in output(room), "its output")
        await room.click("#stop-button")
        await room.until(lambda: not room.screen.runs.running, "stopped by mouse")


async def test_two_programs_at_once_and_their_tabs(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, ENDLESS, 1, "running")
        await run(room, ENDLESS, 3, "running")
        window = room.screen.query_one(RunWindow)
        assert [session.title for session in window.sessions] == ["Category1", "Category3"]
        assert len(room.screen.runs.running) == 2
        await room.click(room.screen.query(".run-tab").first(), offset=(3, 0))
        assert window.shown is window.sessions[0]
        tab = room.screen.query(".run-tab").last()
        await room.click(tab, offset=(tab.size.width - 1, 0))
        await room.until(lambda: len(window.sessions) == 1, "closed")
        await room.screen.leave()
        assert not room.screen.runs.running


async def test_the_same_program_is_not_started_twice(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, ENDLESS, expect="running")
        await room.press("f5")
        await room.until(lambda: any("running already" in one.message for one in app._notifications), "a word")
        assert len(room.screen.runs.running) == 1


async def test_a_traceback_leads_to_the_line(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, "def f():\n    1 / 0\n\n\nf()\n", expect="ZeroDivisionError")
        await room.press("f4")
        await room.until(lambda: room.editor.cursor_location[0] == 1, "the innermost line")
        view = room.screen.query_one(ConsoleView)
        row = next(row for row in range(len(view.console)) if "line 5" in view.console.text(row))
        await room.until(lambda: not room.screen.runs.running, "the end")
        view.scroll_to(0, row, animate=False)
        await room.pilot.pause()
        await room.click(view, offset=(8, row - view.scroll_offset.y))
        await room.until(lambda: room.editor.cursor_location[0] == 4, "the clicked line")


async def test_a_progress_bar_has_its_own_row_drawn_and_no_other(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import time\nfor i in range(60): print(f'line {i}')\nprint('7/9', end='', flush=True)\ntime.sleep(600)\n"
    async with sitting(app, running) as room:
        await run(room, source, expect="7/9")
        view = room.screen.query_one(ConsoleView)
        drawn: list[int] = []
        render = ConsoleView.render_line

        def noted(view: ConsoleView, y: int) -> Strip:
            drawn.append(y)
            return render(view, y)

        monkeypatch.setattr(ConsoleView, "render_line", noted)
        view.console.feed("\r8/9")
        view.refresh_output()
        await room.until(lambda: "8/9" in room.text, "the bar")
        assert set(drawn) == {view.size.height - 1}
        view.console.feed("\nnext")
        view.refresh_output()
        await room.until(lambda: "next" in room.text, "one line more, and all moved up")
        assert set(drawn) == set(range(view.size.height))
        assert view.vertical_scrollbar.window_virtual_size == view.virtual_size.height


async def test_epochs_and_curves(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, WIDE) as room:
        await run(room, TRAINING, expect="done")
        await room.until(lambda: room.screen.query_one(Curves).series, "the curves")
        curves = room.screen.query_one(Curves)
        assert [one.name for one in curves.series] == ["mae", "loss"]
        assert curves.series[0].threshold == 1.0
        assert curves.series[1].valid == (1.1, 0.55, 0.3667)
        assert "epoch 3/3" in room.text
        assert "bar 1.000" in room.text


async def test_curves_can_be_shown_where_they_are_hidden(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, TRAINING, expect="done")
        assert not room.screen.query_one(Curves).size.width
        room.screen.query_one(RunWindow).action_curves()
        await room.until(lambda: room.screen.query_one(Curves).size.width, "the curves")


async def test_rerun_by_mouse_and_clear(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await run(room, "print('once')\n", expect="exit code 0")
        first = room.screen.run_window.shown
        await room.click(".rerun")
        await room.until(lambda: room.screen.run_window.shown is not first, "a new run")
        await room.until(lambda: "exit code 0" in output(room), "its end")
        assert "once" in output(room)
        room.screen.run_window.action_clear_output()
        assert "once" not in output(room)


async def test_a_flood_stops_neither_clock_nor_keys(app: MockExamApp, running: Attempt, clock: FakeClock) -> None:
    async with sitting(app, running) as room:
        flood = "for n in range(300_000):\n    print('line', n, 'of a flood that does not end')\n"
        await run(room, flood, expect="line")
        gaps: list[float] = []
        last = time.perf_counter()
        clock.advance(seconds=30)
        await room.press("escape")
        await room.type("zz")
        while room.screen.runs.running and len(gaps) < 400:
            await asyncio.sleep(0.01)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        assert "zz" in room.editor.text
        await room.until(lambda: room.screen.query_one(Clock).left == 5 * 3600 - 30, "the clock")
        await room.press("shift+f5")
        await room.until(lambda: not room.screen.runs.running, "the end")
        assert sorted(gaps)[len(gaps) // 2] < 0.2


async def test_a_missing_starter_is_a_sentence(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        await room.screen.files.close(room.starter())
        room.starter().unlink()
        await room.press("f5")
        await room.until(lambda: "can't open file" in output(room) or "No such file" in output(room), "the reason")


def test_of_graded_thresholds_the_hardest_is_drawn() -> None:
    graded = Scoring(
        thresholds=(Threshold(metric="mae", at_most=0.2),),
        mode="ladder",
        graded_thresholds=(0.2, 0.15, 0.12, 0.1, 0.08),
    )
    assert thresholds_of(graded)["mae"] == 0.08
    accuracy = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.89),))
    assert thresholds_of(accuracy)["accuracy"] == thresholds_of(accuracy)["sparse_categorical_accuracy"] == 0.89


def test_a_chart_fills_its_frame_and_survives_odd_values() -> None:
    series = Series("loss", (1.0, float("nan"), 0.5), (2.0,), 0.7)
    lines = str(drawn(series, 3, 40, 10)).split("\n")
    assert len(lines) == 10
    flat = str(drawn(Series("loss", (1.0,), ()), 1, 30, 6))
    assert "1.000" in flat


def test_a_canvas_ignores_dots_outside() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(-1, 0, "x")
    canvas.dot(4, 9, "x")
    assert canvas.row(0) == [(" ", ""), (" ", "")]
    canvas.line((0, 0), (3, 3), "x")
    assert canvas.row(0) == [("\u2811", "x"), ("\u2884", "x")]


async def test_run_buttons_have_tooltips(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        assert room.screen.query_one("#run-button", Chip).tooltip == "Run  F5"


def test_first_epochs_that_are_far_off_do_not_flatten_the_curve() -> None:
    late = tuple(3.0 - 0.05 * epoch for epoch in range(40))
    lines = str(drawn(Series("mae", (900.0, 40.0, 21.0, *late), (), 2.0), 43, 60, 12)).split("\n")[1:-1]
    rows = [place for place, line in enumerate(lines) if set(line[20:]) - set(" 0123456789.")]
    assert rows[0] <= 2
    assert rows[-1] >= len(lines) - 2


def test_a_curve_that_stands_still_at_last_keeps_its_beginning() -> None:
    lines = str(drawn(Series("loss", (1.0, 0.5, *[0.25] * 20), ()), 22, 40, 8)).split("\n")
    assert lines[1].split()[0] == "1.038"
