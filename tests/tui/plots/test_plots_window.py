"""The Plots window of the exam: figures arrive, are told of, looked through, exported, and said in words."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.look.chip import Chip
from mockexam.tui.plots.export import ExportDialog, opened_outside, proposed
from mockexam.tui.plots.plots_window import PlotsWindow
from mockexam.tui.terminal.graphics import Graphics
from mockexam.workspace import layout
from tests.plots.pictures import halved, put
from tests.tui.exam_room import NARROW, Room, sitting

WORDS = b"""{"title": "Loss", "boxes": false, "axes": [{"title": "", "x": "epoch", "y": "", "series": [
{"kind": "line", "name": "val", "count": 3, "first": 3.0, "last": 2.0, "least": 1.0, "greatest": 3.0}]}]}"""

DRAWING = """
import matplotlib.pyplot as plt
plt.plot([3, 1, 2], label="loss")
plt.title("Learning")
plt.show()
print("went on", flush=True)
import time
time.sleep(600)
"""


def folder(attempt: Attempt, number: int) -> Path:
    return layout.runs(attempt.project) / f"Category1-{number:03}.plots"


def window(room: Room) -> PlotsWindow:
    return room.screen.parts.plots_window


def said(app: MockExamApp) -> str:
    return "\n".join(note.message for note in app._notifications)


def facts(room: Room) -> str:
    return str(room.screen.query_one("#plots-facts", Static).content)


def stripe(room: Room) -> str:
    return str(room.screen.query_one("#stripe-plots", Chip).content)


async def drawn(room: Room) -> None:
    await room.until(lambda: window(room).picture.drawn is not None, "a picture")


async def test_a_figure_of_a_program_is_told_of_and_shown(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        editor = await room.open(room.starter())
        room.write(DRAWING)
        await room.press("f5")
        await room.until(lambda: "A figure was drawn: Alt+5 shows it." in said(app), "a notice")
        # The output stays in view, and the focus in the code.
        assert room.screen.windows.is_open("run")
        assert app.focused is editor
        assert stripe(room) == "1\n5"
        await room.press("alt+5")
        await room.until(lambda: app.focused is window(room), "the focus")
        await drawn(room)
        await room.until(lambda: "Learning  1 of 1  Category1-001" in facts(room), "the title")
        assert app.graphics == Graphics()
        await room.until(lambda: stripe(room) == "▨\n5", "it was seen")
        assert len(list(folder(running, 1).glob("*.png"))) == 1


async def test_figures_are_looked_through_newest_first(app: MockExamApp, running: Attempt) -> None:
    for run, number in ((1, 1), (2, 2), (2, 3)):
        put(folder(running, run), number, words=WORDS)
        os.utime(folder(running, run), (run, run))
    async with sitting(app, running) as room:
        await room.until(lambda: window(room).entries, "the figures of an earlier sitting")
        assert stripe(room) == "▨\n5"
        await room.press("alt+5")
        await room.until(lambda: facts(room).startswith("Loss  1 of 2  Category1-002"), "the newest")
        await room.press("pagedown", "right")
        await room.until(lambda: "1 of 1  Category1-001" in facts(room), "an older run")
        await room.press("pagedown")
        await room.press("left")
        await room.until(lambda: "2 of 2  Category1-002" in facts(room), "a newer one")
        await room.click("#button-plot_newer")
        await room.until(lambda: "1 of 2" in facts(room), "the newest again")
        # A newer one takes the place of the newest, and not that of an older one.
        put(folder(running, 3), 4, words=WORDS)
        await room.screen.parts.plots.look()
        assert window(room).at == 0
        await room.press("pagedown")
        put(folder(running, 3), 5, words=WORDS)
        await room.screen.parts.plots.look()
        assert window(room).at == 2
        await room.until(lambda: "1 of 2  Category1-002" in facts(room), "the same one")


async def test_zoom_and_its_keys(app: MockExamApp, running: Attempt) -> None:
    put(folder(running, 1), 1, halved(400, 300))
    async with sitting(app, running, NARROW) as room:
        await room.press("alt+5")
        await drawn(room)
        await room.press("plus", "plus")
        assert "156%" in facts(room)
        await room.press("up")
        assert window(room).picture.view.y < 0.5
        await room.press("minus")
        assert "125%" in facts(room)
        await room.press("0")
        assert "%" not in facts(room)


async def test_a_figure_is_exported_beside_the_starter(app: MockExamApp, running: Attempt) -> None:
    picture = put(folder(running, 1), 1, words=WORDS)
    target = layout.category_folder(running.project, 1) / "Loss.png"
    async with sitting(app, running) as room:
        await room.press("alt+5")
        await room.until(lambda: "Loss" in facts(room), "the title")
        await room.press("e")
        await room.until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        assert app.screen.query_one(Input).value == str(target)
        await room.press("enter")
        await room.until(target.exists, "the copy")
        assert target.read_bytes() == picture.read_bytes()
        await room.until(lambda: app.screen is room.screen, "the screen")
        await room.press("e")
        await room.until(lambda: isinstance(app.screen, ExportDialog), "the dialog again")
        app.screen.query_one(Input).value = "Loss"
        await room.press("enter")
        await room.until(lambda: "is there already" in room.text, "a warning")
        app.screen.query_one(Input).value = "nowhere/x"
        await room.press("enter")
        await room.until(lambda: "There is no folder" in room.text, "a complaint")
        await room.press("escape")


async def test_words_in_place_of_the_picture(app: MockExamApp, running: Attempt) -> None:
    app.settings.set("screen_reader", True)
    app.speak()
    put(folder(running, 1), 1, words=WORDS)
    async with sitting(app, running) as room:
        await room.press("alt+5")
        await room.until(lambda: "val, a line: 3 values, first 3, last 2, least 1, greatest 3" in room.text, "words")
        assert "Across: epoch" in room.text
        assert "Older Figure" in room.text
        assert window(room).picture.drawn is None
    app.settings.set("screen_reader", False)
    app.speak()


async def test_old_runs_give_way_and_that_is_told(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockexam.tui.plots.following.make_room", lambda runs, keep: 2)
    async with sitting(app, running) as room:
        await room.open(room.starter())
        room.write("import time\ntime.sleep(600)\n")
        await room.press("f5")
        await room.until(lambda: "the 2 oldest runs were removed" in said(app), "a notice")


async def test_open_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = put(tmp_path, 1)
    where = {"PATH": str(tmp_path), "DISPLAY": ":0"}
    assert "no desktop here" in str(await opened_outside(picture, where))
    program = tmp_path / ("open" if sys.platform == "darwin" else "xdg-open")
    program.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    program.chmod(0o755)
    assert await opened_outside(picture, where) is None
    assert (tmp_path / "opened").read_text() == f"{picture}\n"
    program.write_text("#!/bin/sh\nexit 3\n")
    assert "no program for it" in str(await opened_outside(picture, where))
    monkeypatch.setattr(sys, "platform", "linux")
    assert "no desktop here" in str(await opened_outside(picture, {"PATH": str(tmp_path)}))


def test_a_name_for_a_copy(tmp_path: Path) -> None:
    assert proposed(tmp_path, "Loss / Accuracy: 한글").name == "Loss-Accuracy-한글.png"
    assert proposed(tmp_path, "../../").name == "figure.png"
    (tmp_path / "figure.png").touch()
    assert proposed(tmp_path, "").name == "figure-2.png"
    assert len(proposed(tmp_path, "x" * 500).name) < 100
