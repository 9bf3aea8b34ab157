"""The whole way with the real exam screen: start, submit, end, result; and back after the app was killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.messages import ExamEnded
from tests.sitting.fakes import FakeClock, FakeService, scored
from tests.tui.conftest import Reading, Until, found

SIZES = [(80, 24), (120, 36), (200, 50)]


def on(app: MockExamApp, name: str) -> bool:
    return type(app.screen).__name__ == name


@pytest.mark.parametrize("size", SIZES)
async def test_from_a_name_to_a_result_by_keys(
    app: MockExamApp,
    exams: ExamService,
    service: FakeService,
    until: Until,
    reading: Reading,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    service.verdicts = [scored(4)]
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("enter")
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await pilot.press(*"Ada")
        app.screen.query_one("#folder", Input).value = str(tmp_path / "exam")
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "ExamScreen") and "YOUR CODE HERE" in reading(pilot))
        running = exams.running()
        assert running is not None
        (running.project / "Category1" / "mymodel.h5").write_bytes(b"\x89HDF\r\n\x1a\n" * 8)
        await pilot.press("f9")
        await until(pilot, lambda: exams.standing(running.id).total == 8)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: on(app, "SearchEverywhere"))
        await pilot.press(*"end exam")
        await until(pilot, lambda: found(app) and found(app)[0].title.startswith("End Exam"))
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "Question"))
        await pilot.press("y")
        await until(pilot, lambda: on(app, "ResultScreen") and "8 of 100 points" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "WelcomeScreen"))
        assert [type(one).__name__ for one in app.screen_stack] == ["WelcomeScreen"]


async def test_time_runs_out_while_the_exam_is_open(
    app: MockExamApp, exams: ExamService, running: Attempt, clock: FakeClock, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(running)
        await until(pilot, lambda: on(app, "ExamScreen") and "YOUR CODE HERE" in reading(pilot))
        clock.advance(minutes=300)
        await until(pilot, lambda: on(app, "ResultScreen") and "Ended by the clock" in reading(pilot))


async def test_exam_ended_in_a_shell_shows_the_result(
    app: MockExamApp, exams: ExamService, running: Attempt, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(running)
        await until(pilot, lambda: on(app, "ExamScreen") and "YOUR CODE HERE" in reading(pilot))
        exams.end(running.id, "candidate")
        await until(pilot, lambda: on(app, "ResultScreen") and "Ended by you" in reading(pilot))


async def test_after_leaving_the_exam_is_where_it_was(
    app: MockExamApp,
    exams: ExamService,
    running: Attempt,
    clock: FakeClock,
    service: FakeService,
    until: Until,
    reading: Reading,
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(running)
        await until(pilot, lambda: on(app, "ExamScreen") and "YOUR CODE HERE" in reading(pilot))
        await pilot.press("ctrl+home", *"x = 1", "enter")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: on(app, "Question"))
        await pilot.press("y")
        await until(pilot, lambda: app._exit)
    assert (running.project / "Category1" / "starter.py").read_text().startswith("x = 1\n")
    clock.advance(minutes=10)
    again = MockExamApp(lambda: exams, clock, lambda: service)  # type: ignore[arg-type,return-value]
    async with again.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "4:50:00 left" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: on(again, "ExamScreen") and "x = 1" in reading(pilot))
        again.screen.post_message(ExamEnded(running.id, "candidate"))
        await until(pilot, lambda: on(again, "ResultScreen") and "0 of 100" in reading(pilot))
