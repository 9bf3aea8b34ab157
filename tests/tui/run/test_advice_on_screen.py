"""Advice under a failed program's output, what can be done about it, and another Keras for one run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from textual.selection import Selection

from mockexam.exam.program_rules import ProgramRules
from mockexam.inspections.table import BY_ID
from mockexam.interpreters.choices import Choices
from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.pages.help.course_code import CourseCodeScreen
from mockexam.tui.pages.help.keys import HelpScreen
from mockexam.tui.run.advice_bar import AdviceBar
from mockexam.tui.run.run_window import RunWindow
from tests.tui.exam_room import NARROW, NORMAL, Room, sitting

# The traceback of a real run, without the seconds that TensorFlow takes to start.
FAILING = """\
import os
print("Keras", 2 if os.environ.get("TF_USE_LEGACY_KERAS") else 3)
if not os.environ.get("TF_USE_LEGACY_KERAS"):
    raise AttributeError("'Sequential' object has no attribute 'fit_generator'")
"""
FAILED = BY_ID["generator-methods"].fails.english[:24]
# The failure first, so that TensorFlow is never imported.
MENDABLE = """\
raise ValueError("Argument(s) not recognized: {'lr': 0.01}")
import tensorflow as tf
optimizer = tf.keras.optimizers.Adam(lr=0.01)
"""
MENDED = BY_ID["optimizer-lr"].fails.english[:24]
MISSING = "open('data/trian.csv')\n"


async def run(room: Room, source: str, expect: str) -> AdviceBar:
    """Run a program as the starter until its window shows something."""
    await room.open(room.starter(1))
    room.write(source)
    await room.press("f5")
    await room.until(lambda: expect in room.text, f"{expect} on the screen")
    return room.screen.query_one(AdviceBar)


def chip(room: Room, name: str) -> bool:
    """Whether a chip of the advice that is shown can be pressed."""
    return bool(room.screen.query(f".run-view.-shown #do-{name}").first().display)


async def test_what_keras_3_dropped_is_told_under_the_output(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, FAILING, FAILED)
        told = BY_ID["generator-methods"].replacement.english.partition(",")[0]
        assert told in " ".join(room.text.split())
        view = room.screen.run_window.view
        assert view is not None
        copied = view.console.get_selection(Selection(None, None))
        assert copied is not None
        assert FAILED not in copied[0]
        assert not any(FAILED in line for line in view.session.console.lines)
        assert FAILED not in view.session.run.log.path.read_text()
        assert (chip(room, "advice_fix"), chip(room, "run_keras_2"), chip(room, "keep_keras_2")) == (True, True, False)


async def test_the_key_of_the_advice_leads_to_its_line(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, FAILING, FAILED)
        await room.press("shift+f8")
        await room.until(lambda: room.editor.cursor_location[0] == 3, "the line")


async def test_the_key_of_the_advice_applies_the_fix_in_one_step(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, MENDABLE, MENDED)
        await room.press("shift+f8")
        await room.until(lambda: "Adam(learning_rate=0.01)" in room.editor.text, "the fix")
        assert room.editor.text == MENDABLE.replace("lr=", "learning_rate=")
        await room.press("ctrl+z")
        assert room.editor.text == MENDABLE


async def test_the_page_opens_at_the_section(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, FAILING, FAILED)
        await room.click(room.screen.query(".run-view.-shown #do-advice_page").first())
        await room.until(lambda: isinstance(app.screen, CourseCodeScreen), "the page")
        await room.until(lambda: app.screen.query(".-asked"), "the section")
        asked = app.screen.query(".-asked").first()
        assert asked.id == "section-generator-methods"
        await room.press("escape")
        await room.until(lambda: app.screen is room.screen, "back")


async def test_one_run_with_keras_2_says_so_and_can_be_kept(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        await run(room, FAILING, FAILED)
        await room.press("shift+f7")
        await room.until(lambda: "Keras 2 (this run)" in room.text and "exit code 0" in room.text, "the run")
        choices = Choices(app.exams.home)
        assert choices.chosen(running.id, running.rules.programs).interpreter.keras == 3
        assert chip(room, "keep_keras_2")
        await room.press("f5")
        await room.until(lambda: FAILED in room.text, "Keras 3 again")
        await room.press("shift+f7")
        await room.until(lambda: "exit code 0" in room.text, "Keras 2 again")
        await room.press("ctrl+f7")
        await room.until(
            lambda: choices.chosen(running.id, running.rules.programs).interpreter.keras == 2, "it is chosen"
        )
        await room.press("f5")
        await room.until(lambda: "exit code 0" in room.text and "(this run)" not in room.text, "the next run")
        assert room.screen.run_window.shown is not None
        assert room.screen.run_window.shown.interpreter.keras == 2


async def test_the_header_names_the_interpreter_on_any_screen(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        await run(room, "print('on')\ninput()\n", "on")
        window = room.screen.query_one(RunWindow)
        await room.until(lambda: "Keras 3" in str(window.query_one("#run-facts").render()), "its name")
        facts = window.query_one("#run-facts")
        await room.until(lambda: facts.region.right <= window.region.right, "it fits")


async def test_what_is_near_a_missing_file_is_told(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        (room.starter(1).parent / "data" / "train.csv").touch()
        await run(room, MISSING, "There is no data/trian.csv")
        assert "Nearby there is data/train.csv" in " ".join(room.text.split())
        assert not chip(room, "run_keras_2")
        assert chip(room, "advice_place")


def ruled(attempt: Attempt, **rules: object) -> Attempt:
    """The attempt of a pack with other rules for programs."""
    programs = ProgramRules(**rules)  # type: ignore[arg-type]
    return replace(attempt, rules=msgspec.structs.replace(attempt.rules, programs=programs))


def under(monkeypatch: pytest.MonkeyPatch, attempt: Attempt, **rules: object) -> Attempt:
    """Have the exam follow other rules."""
    attempt = ruled(attempt, **rules)
    monkeypatch.setattr(ExamService, "attempt", lambda exams, name: attempt)
    return attempt


async def test_a_pack_may_do_without_advice(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(app, under(monkeypatch, running, advice="none"), NORMAL) as room:
        bar = await run(room, FAILING, "exit code 1")
        await room.pilot.pause(0.5)
        assert not bar.display
        await room.press("shift+f8")
        await room.until(lambda: any("no advice" in one.message for one in app._notifications), "a word")


async def test_a_pack_may_fix_the_generation(
    app: MockExamApp, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(app, under(monkeypatch, running, keras=3), NORMAL) as room:
        await run(room, FAILING, FAILED)
        assert chip(room, "advice_fix")
        assert not chip(room, "run_keras_2")
        await room.press("shift+f7")
        await room.until(lambda: any("rules" in one.message for one in app._notifications), "why not")
        assert [session.interpreter.keras for session in room.screen.run_window.sessions] == [3]


async def test_advice_hides_nothing_of_the_end(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        await run(room, FAILING, FAILED)
        await room.until(lambda: "Process finished with exit code 1" in room.text, "the last line of the output")


async def test_a_stopped_program_gets_no_advice(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NORMAL) as room:
        bar = await run(room, "import time\nprint('on', flush=True)\ntime.sleep(600)\n", "on")
        await room.press("shift+f5")
        await room.until(lambda: "Stopped." in room.text, "the end")
        assert not bar.display


async def test_the_keys_page_leads_to_the_page(app: MockExamApp, running: Attempt, tmp_path: Path) -> None:
    async with sitting(app, running, NORMAL) as room:
        await room.press("f1")
        await room.until(lambda: isinstance(app.screen, HelpScreen), "the keys")
        await room.press("c")
        await room.until(lambda: isinstance(app.screen, CourseCodeScreen), "the page")
        assert "Adam(lr=…)" in room.text
