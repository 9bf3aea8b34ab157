"""The look of the screens as plain text, at three sizes. MOCKEXAM_DRAW_AGAIN=1 writes the pictures anew."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mockexam import __version__
from mockexam.errors import AttemptError
from mockexam.sitting.provisioning import Step
from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.look.dialogs import Question
from mockexam.tui.pages.help.keys import HelpScreen
from tests.sitting.fakes import FakeClock, FakeService, refused, scored
from tests.tui.conftest import Reading, Until

PICTURES = Path(__file__).with_name("pictures")
SIZES = [(80, 24), (120, 36), (200, 50)]


class Scene:
    """What a scene may use."""

    def __init__(
        self,
        app: MockExamApp,
        exams: ExamService,
        service: FakeService,
        clock: FakeClock,
        home: Path,
        pilot: Pilot[int],
        until: Until,
        reading: Reading,
    ) -> None:
        self.app, self.exams, self.service, self.clock = app, exams, service, clock
        self.home, self.pilot, self.until, self.reading = home, pilot, until, reading

    async def sees(self, text: str) -> None:
        await self.until(self.pilot, lambda: text in self.reading(self.pilot))

    def attempt(self) -> Attempt:
        made = self.exams.create("Ada Lovelace", self.home / "exam", "small", seed=7)
        self.exams.provision(made.id)
        return self.exams.attempt(made.id)


async def welcome(scene: Scene) -> None:
    await scene.until(scene.pilot, lambda: scene.app.office_open.is_set())


async def resume(scene: Scene) -> None:
    scene.exams.start(scene.attempt().id)
    scene.clock.advance(minutes=47, seconds=27)
    await scene.sees("4:12:33 left")


async def new_exam(scene: Scene) -> None:
    await welcome(scene)
    await scene.pilot.press("enter")
    await scene.sees("A small pack")
    await scene.sees("Keras 3")
    scene.app.screen.query_one("#name", Input).value = "Ada Lovelace"
    scene.app.screen.query_one("#folder", Input).value = "~/mockexam/2026-03-28-exam"
    await scene.until(scene.pilot, lambda: not scene.app.screen.query_one("#next").disabled)
    scene.app.screen.query_one("#pack").focus()


async def provisioning_fault(scene: Scene) -> None:
    attempt = scene.exams.create("Ada Lovelace", scene.home / "exam", "small", seed=7)

    def provision(attempt_id: str, progress: Callable[[Step], None], service: object) -> None:
        progress(Step("Checking the environment", 0.0))
        progress(Step("Preparing category 1: Problem 1", 0.05, "copying"))
        raise AttemptError("1024 MB free on the disk of ~/exam", "12 MB", "Free some space, then press Retry.")

    scene.exams.provision = provision  # type: ignore[assignment,method-assign]
    await welcome(scene)
    scene.app.enter(attempt)
    await scene.sees("Retry")


async def instructions(scene: Scene) -> None:
    scene.attempt()
    await scene.sees("Continue the prepared exam")
    await scene.pilot.press("enter")
    await scene.sees("Start Exam   Enter")


async def result(scene: Scene) -> None:
    attempt = scene.exams.start(scene.attempt().id)
    lucky = msgspec.structs.replace(scored(5), pass_probabilities=(0.0, 0.0, 0.0, 0.05, 0.33, 0.62))
    scene.service.verdicts = [scored(5), scored(3), lucky, refused()]
    spent = {1: 725, 2: 4210, 3: 5100, 4: 1800}
    for category in spent:
        folder = attempt.project / f"Category{category}"
        (folder / "mymodel.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes([category]))
        scene.exams.grade(scene.exams.submit(attempt.id, category).id, scene.service).result(5)
    scene.clock.advance(minutes=200)
    for category, seconds in spent.items():
        scene.exams.add_time(attempt.id, category, seconds)
    await welcome(scene)
    scene.app.show_result(attempt.id, "candidate")
    await scene.sees("39 of 100 points")


async def question(scene: Scene) -> None:
    await welcome(scene)
    text = "4:12:33 left. What was submitted counts; the exam can't be entered again."
    scene.app.push_screen(Question("End the exam?", text, yes="End Exam", no="Continue", danger=True))
    await scene.sees("Continue")


async def keys(scene: Scene) -> None:
    await welcome(scene)
    scene.app.push_screen(HelpScreen(in_exam=True))
    await scene.sees("Run and submit")


async def search(scene: Scene) -> None:
    await welcome(scene)
    await scene.pilot.press("ctrl+p")
    await scene.sees("Theme: Dark")


async def packs(scene: Scene) -> None:
    await welcome(scene)
    scene.app.exams.catalogue._entries = tuple(
        entry for entry in scene.exams.catalogue.entries() if entry.pack is not None and entry.pack.id == "small"
    )
    scene.exams.catalogue.refresh = lambda: None  # type: ignore[method-assign]
    scene.app.open_page("packs")
    await scene.sees("Problem 5")


SCENES: list[Callable[[Scene], Awaitable[None]]] = [
    welcome,
    resume,
    new_exam,
    provisioning_fault,
    instructions,
    result,
    question,
    keys,
    search,
    packs,
]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_look(
    scene: Callable[[Scene], Awaitable[None]],
    size: tuple[int, int],
    app: MockExamApp,
    exams: ExamService,
    service: FakeService,
    clock: FakeClock,
    tmp_path: Path,
    until: Until,
    reading: Reading,
) -> None:
    async with app.run_test(size=size) as pilot:
        await scene(Scene(app, exams, service, clock, tmp_path / "someone", pilot, until, reading))
        for field in app.screen.query(Input):
            field.cursor_blink = False
        drawn = await _at_rest(pilot, reading)
    picture = PICTURES / f"{scene.__name__}_{size[0]}x{size[1]}.txt"
    if os.environ.get("MOCKEXAM_DRAW_AGAIN"):
        PICTURES.mkdir(exist_ok=True)
        picture.write_text(drawn, "utf-8")
    assert drawn == picture.read_text("utf-8")


async def _at_rest(pilot: Pilot[int], reading: Callable[[Pilot[int]], str]) -> str:
    """The screen once it stays as it is, with versions that never change."""
    seen, text = "", reading(pilot)
    while seen != text:
        await pilot.pause(0.25)
        seen, text = text, reading(pilot)
    text = text.replace(f"Python {sys.version_info.major}.{sys.version_info.minor} ", "Python 3.xy ")
    return text.replace(__version__, "0.0.0"[: len(__version__)].ljust(len(__version__))) + "\n"
