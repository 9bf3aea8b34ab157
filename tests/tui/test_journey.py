"""From the welcome screen to a result, by keys and by mouse."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input, Select

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.provisioning import Step
from mockexam.sitting.service import ExamService
from mockexam.store.records import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.launch_options import LaunchOptions
from mockexam.tui.look.controls import Choice, PushButton
from mockexam.tui.messages import ExamEnded
from tests.sitting.fakes import FakeClock, FakeService
from tests.tui.conftest import Reading, Until

pytestmark = pytest.mark.usefixtures("stand_in")

SIZES = [(80, 24), (120, 36), (200, 50)]


def on(app: MockExamApp, name: str) -> bool:
    return type(app.screen).__name__ == name


def put_model(attempt: Attempt, category: int) -> None:
    folder = attempt.project / f"Category{category}"
    (folder / "mymodel.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes([category]) * 64)


@pytest.mark.parametrize("size", SIZES)
async def test_whole_way_by_keys(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        assert "Take the certificate exam" in reading(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Project folder" in reading(pilot))
        await pilot.press(*"Ada", "space", *"Byron")
        app.screen.query_one("#folder", Input).value = str(tmp_path / "exam")
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
        attempt = exams.attempts()[0]
        assert (attempt.state, attempt.candidate) == ("ready", "Ada Byron")
        assert (attempt.project / "Category3" / "starter.py").is_file()
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "ExamScreen") and app.screen.is_mounted)
        running = exams.running()
        assert running is not None
        put_model(running, 1)
        exams.grade(exams.submit(running.id, 1).id, app.service).result(5)
        app.screen.post_message(ExamEnded(running.id, "candidate"))
        await until(pilot, lambda: on(app, "ResultScreen") and "10 of 100 points" in reading(pilot))
        assert "Not passed" in reading(pilot)
        assert exams.attempt(running.id).end_reason == "candidate"
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "WelcomeScreen"))


async def test_whole_way_by_mouse(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.click("#take")
        await until(pilot, lambda: "Project folder" in reading(pilot))
        app.screen.query_one("#name", Input).value = "Ada"
        app.screen.query_one("#folder", Input).value = str(tmp_path / "exam")
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
        await pilot.click("#start")
        await until(pilot, lambda: on(app, "ExamScreen") and app.screen.is_mounted)
        running = exams.running()
        assert running is not None
        app.screen.post_message(ExamEnded(running.id, "candidate"))
        await until(pilot, lambda: on(app, "ResultScreen") and "0 of 100" in reading(pilot))
        await pilot.click("#done")
        await until(pilot, lambda: on(app, "WelcomeScreen"))
        await until(pilot, lambda: app.screen.query_one("#results", Choice).aside == "1")


async def test_resume_leads_straight_into_the_exam(
    app: MockExamApp, running: Attempt, clock: FakeClock, until: Until, reading: Reading
) -> None:
    clock.advance(minutes=60)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "4:00:00 left" in reading(pilot))
        assert app.screen.query_one("#take", Choice).disabled
        await pilot.press("enter")
        await until(pilot, lambda: on(app, "ExamScreen") and app.screen.is_mounted)


async def test_attempt_whose_time_is_over_shows_its_result(
    app: MockExamApp, exams: ExamService, running: Attempt, clock: FakeClock, until: Until, reading: Reading
) -> None:
    clock.advance(minutes=301)
    app.launch_options = LaunchOptions(attempt=running.id)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Ended by the clock" in reading(pilot))
        assert exams.attempt(running.id).end_reason == "time"


async def test_submissions_without_verdict_are_graded_before_the_result(
    app: MockExamApp, exams: ExamService, running: Attempt, service: FakeService, until: Until, reading: Reading
) -> None:
    put_model(running, 5)
    exams.submit(running.id, 5)
    service._go.clear()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.show_result(running.id, "candidate")
        await until(pilot, lambda: "1 submission is still being tested" in reading(pilot))
        service.let_go()
        await until(pilot, lambda: "30 of 100 points" in reading(pilot))


async def test_prepared_exam_can_be_continued_later(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    attempt = exams.create("Ada", tmp_path / "exam", "small")
    exams.provision(attempt.id)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Continue the prepared exam" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: on(app, "WelcomeScreen"))
        assert exams.attempt(attempt.id).state == "ready"


async def test_exam_ended_elsewhere_is_noticed(
    app: MockExamApp, exams: ExamService, running: Attempt, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Resume" in reading(pilot))
        exams.end(running.id, "candidate")
        exams.settle(running.id)
        await until(pilot, lambda: "Resume" not in reading(pilot))
        assert not app.screen.query_one("#take", Choice).disabled


async def test_two_starts_at_once_end_in_one_sentence(
    app: MockExamApp, exams: ExamService, running: Attempt, until: Until, reading: Reading, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Resume" in reading(pilot))
        app.open_page("take")
        await until(pilot, lambda: "Project folder" in reading(pilot))
        app.screen.query_one("#name", Input).value = "Eve"
        app.screen.query_one("#folder", Input).value = str(tmp_path / "second")
        await until(pilot, lambda: not app.screen.query_one("#next").disabled)
        await pilot.click("#next")
        await until(pilot, lambda: on(app, "Question"))
        assert "no other exam to be running" in reading(pilot)
        assert len(exams.attempts()) == 1


async def test_provisioning_fault_is_a_sentence_with_retry(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path, catalogue: Catalogue
) -> None:
    attempt = exams.create("Ada", tmp_path / "exam", "small")
    (tmp_path / "exam").mkdir()
    (tmp_path / "exam" / "notes.txt").write_text("mine")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(attempt)
        await until(pilot, lambda: "Stopped" in reading(pilot))
        assert "notes.txt" in reading(pilot)
        (tmp_path / "exam" / "notes.txt").unlink()
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam" in reading(pilot))
        assert isinstance(app.focused, PushButton)


async def test_without_a_network_an_offline_exam_is_offered(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path, catalogue: Catalogue
) -> None:
    problem = tmp_path / "someone" / "packs" / "small" / "problem-1" / "problem.toml"
    nowhere = tmp_path / "someone" / "packs" / "away"
    shutil.copytree(problem.parents[1], nowhere)
    text = (nowhere / "pack.toml").read_text()
    (nowhere / "pack.toml").write_text(text.replace('id = "small"', 'id = "away"'))
    away = nowhere / "problem-1" / "problem.toml"
    kind = 'kind = "tfds"\nname = "mnist"\nprobe = "http://127.0.0.1:9/"'
    away.write_text(away.read_text().replace('kind = "files"', kind))
    catalogue.refresh()
    attempt = exams.create("Ada", tmp_path / "exam", "away")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(attempt)
        await until(pilot, lambda: "Take an offline exam" in reading(pilot))
        assert "to reach http://127.0.0.1:9/" in reading(pilot)
        await pilot.click("#offline")
        await until(pilot, lambda: on(app, "NewExamScreen") and not app.screen.query_one("#next").disabled)
        assert app.screen.query_one("#name", Input).value == "Ada"
        assert app.screen.query_one("#folder", Input).value == str(tmp_path / "exam")
        assert app.screen.query_one("#pack", Select).value == "tensorflow-developer"
        assert exams.attempts() == ()


async def test_unfinished_preparation_is_offered_again(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    exams.create("Ada", tmp_path / "exam", "small")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Finish preparing the exam" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam" in reading(pilot))


async def test_quitting_does_not_wait_for_the_preparation(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    attempt = exams.create("Ada", tmp_path / "exam", "small")
    stuck = threading.Event()

    def provision(attempt_id: str, progress: Callable[[Step], None], service: object) -> None:
        progress(Step("Preparing category 2", 0.2))
        stuck.wait(60)

    exams.provision = provision  # type: ignore[assignment,method-assign]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(attempt)
        await until(pilot, lambda: "20% Built" in reading(pilot))
        await pilot.press("escape")
        assert on(app, "ProvisioningScreen")
        begun = time.monotonic()
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert time.monotonic() - begun < 10
    stuck.set()


async def test_a_second_enter_on_the_form_disturbs_no_preparation(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    attempt = exams.create("Ada", tmp_path / "exam", "small")
    stuck, begun = threading.Event(), []

    def provision(attempt_id: str, progress: Callable[[Step], None], service: object) -> None:
        begun.append(attempt_id)
        progress(Step("Preparing category 2", 0.2))
        stuck.wait(60)

    exams.provision = provision  # type: ignore[assignment,method-assign]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        app.enter(attempt)
        await until(pilot, lambda: "20% Built" in reading(pilot))
        for key in ("enter", "space", "enter"):
            await pilot.press(key)
            await pilot.pause(0.1)
        assert on(app, "ProvisioningScreen")
        assert begun == [attempt.id]
        assert exams.attempt(attempt.id).state == "provisioning"
        stuck.set()


async def test_instructions_and_results_scroll_by_keys(
    app: MockExamApp, exams: ExamService, until: Until, reading: Reading, tmp_path: Path
) -> None:
    attempt = exams.create("Ada", tmp_path / "exam", "small")
    exams.provision(attempt.id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Continue the prepared exam" in reading(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Start Exam   Enter" in reading(pilot))
        assert "After it" not in reading(pilot)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "After it" in reading(pilot))
        await pilot.press("pageup", "pageup", "pageup")
        await until(pilot, lambda: "The exam\n" in reading(pilot))
