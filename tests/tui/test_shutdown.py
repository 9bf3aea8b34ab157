"""Leaving: by key, by signal, with an exam on the screen."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.tui.app import MockExamApp
from mockexam.tui.shutdown import LEAVE_SECONDS, RESTORE_SECONDS
from tests.sitting.fakes import FakeService
from tests.tui.conftest import ExamScreen, Reading, Until

pytestmark = pytest.mark.usefixtures("stand_in")


def on(app: MockExamApp, name: str) -> bool:
    return type(app.screen).__name__ == name


async def in_exam(app: MockExamApp, pilot: Pilot[int], until: Until, running: Attempt) -> ExamScreen:
    await until(pilot, lambda: app.office_open.is_set())
    app.enter(running)
    await until(pilot, lambda: on(app, "ExamScreen"))
    assert isinstance(app.screen, ExamScreen)
    return app.screen


async def test_quit_from_the_welcome_screen_asks_nothing(app: MockExamApp, until: Until) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert app.return_value == 0


async def test_timers_that_run_out_when_no_screen_is_left_do_no_harm(app: MockExamApp, until: Until) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.office_open.is_set())
    assert app.screen_stack == []
    app.poll()
    app.look()
    assert [worker.group for worker in app.workers] == []


async def test_quit_during_the_exam_asks_first(
    app: MockExamApp, running: Attempt, service: FakeService, exams: ExamService, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await in_exam(app, pilot, until, running)
        assert service.state == "ready"
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "its clock keeps running" in reading(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: on(app, "ExamScreen"))
        assert screen.left == 0
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "its clock keeps running" in reading(pilot))
        await pilot.press("y")
        await until(pilot, lambda: app._exit)
    assert screen.left == 1
    assert service.state == "stopped"
    assert exams.attempt(running.id).state == "running"


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
async def test_closed_terminal_saves_and_stops_everything(
    app: MockExamApp, running: Attempt, service: FakeService, exams: ExamService, until: Until, name: str
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await in_exam(app, pilot, until, running)
        limits: list[float] = []
        app.shutdown.end_process_after = limits.append
        os.kill(os.getpid(), getattr(signal, name))
        await until(pilot, lambda: app._exit)
    assert screen.left == 1
    assert service.state == "stopped"
    assert exams.attempt(running.id).state == "running"
    # A terminal that is gone may block the rest; then the process ends all the same.
    assert limits == [LEAVE_SECONDS, RESTORE_SECONDS]


async def test_a_second_word_that_the_terminal_is_gone_does_not_interrupt_the_first(
    app: MockExamApp, running: Attempt, until: Until
) -> None:
    saved = asyncio.Event()
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await in_exam(app, pilot, until, running)
        app.shutdown.end_process_after = lambda seconds: None

        async def leave() -> None:
            app.hung_up()
            await asyncio.sleep(0.1)
            saved.set()

        screen.leave = leave  # type: ignore[method-assign]
        app.shutdown.hurry()
        await until(pilot, lambda: app._exit)
    assert saved.is_set()


async def test_screen_caught_by_the_end_while_it_is_put_up_is_silent(app: MockExamApp, until: Until) -> None:
    class Late(Screen[None]):
        def on_mount(self) -> None:
            app.exit(0)
            self.query_one("#gone")

    async with app.run_test() as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.push_screen(Late())
        while not app._exit:
            await asyncio.sleep(0.01)
    assert app.return_value == 0
    assert not app.return_code


async def test_exam_that_ends_is_left_tidily_even_below_a_dialog(
    app: MockExamApp, running: Attempt, until: Until, reading: Reading
) -> None:
    from mockexam.tui.messages import ExamEnded

    async with app.run_test(size=(120, 36)) as pilot:
        screen = await in_exam(app, pilot, until, running)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.screen.is_modal)
        screen.post_message(ExamEnded(running.id, "time"))
        await until(pilot, lambda: on(app, "ResultScreen") and "0 of 100 points" in reading(pilot))
        assert screen.left == 1
        assert [type(one).__name__ for one in app.screen_stack] == ["WelcomeScreen", "ResultScreen"]


async def test_instructions_during_the_exam_are_to_read(
    app: MockExamApp, running: Attempt, until: Until, reading: Reading, exams: ExamService
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await in_exam(app, pilot, until, running)
        app.show_instructions()
        await until(pilot, lambda: "Back to the Exam" in reading(pilot))
        assert "Start Exam   Enter" not in reading(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "ExamScreen"))


async def test_fault_of_ours_is_said_and_written_down(
    app: MockExamApp, until: Until, reading: Reading, home: Home
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.office_open.is_set())

        async def fail() -> None:
            raise RuntimeError("the wheels came off")

        app.screen.run_worker(fail(), exit_on_error=False)
        await until(pilot, lambda: "the wheels came off" in reading(pilot))
    assert "Traceback" in (home.config / "faults.log").read_text()


async def test_office_that_cannot_open_is_a_sentence(app: MockExamApp, until: Until, reading: Reading) -> None:
    def broken() -> ExamService:
        raise OSError("the disk is full")

    app.office_factory = broken
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "the disk is full" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: app._exit)
    assert app.return_value == 4
