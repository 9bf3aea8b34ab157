"""Programs in the manner of the courses, sat through on the real screen: run, mended by what is offered, submitted.

Thirty programs of three generations of TensorFlow stand in `programs`, for five problems. CI takes one of each
category; all are run with `-m "soak or slow"`. With MOCKEXAM_COURSE_PROGRAMS=1 each row of
docs/evidence/course-programs.md is written anew by the run of its program.
"""

from __future__ import annotations

import ast
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import graders
from mockexam.inspections.advice.advice import Advice
from mockexam.inspections.advice.failure import failures
from mockexam.packs.catalogue import Catalogue
from mockexam.running.run_session import RunSession
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.launch_options import LaunchOptions
from tests.course_programs.evidence import Row, record
from tests.end_to_end.conftest import form_seed
from tests.tui.exam_room import NORMAL, Room, sitting

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

PROGRAMS = Path(__file__).with_name("programs")
CATEGORIES = {"line": 1, "penguins": 2, "pictures": 3, "text": 4, "series": 5}
IN_CI = {
    "line_2021_scheduler",  # the model is trained when history["lr"] stops the program
    "penguins_2020_callback",  # a callback asks for 'acc' where 'accuracy' was compiled
    "pictures_2021_experimental",  # layers.experimental, metrics by their place
    "text_2021_lists",  # lists for arrays, which Keras prints whole, metrics as a text
    "series_2021_pandas",  # pandas, and tensorflow.python.keras, which works here
}
MOST_RUNS = 9
SECONDS = 300.0
MOST_SECONDS_TO_MEND = 20.0


@dataclass
class Hall:
    """One exam with real data and a real grader, for all programs."""

    exams: ExamService
    attempt: Attempt
    service: graders.Service
    home: Home


@dataclass
class Way:
    """What it took until a program ended well: the advice followed, the trained models that a failure left, or lost."""

    steps: list[str] = field(default_factory=list)
    kept: int = 0
    lost: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("courses")
    home = Home(data=folder / "data", cache=folder / "cache", config=folder / "config")
    service = graders.Service()
    service.start()
    exams = ExamService(home, SystemClock(), Catalogue(home.packs, cache=home.cache))
    attempt = exams.create("Ada", folder / "exam", seed=form_seed(exams))
    exams.provision(attempt.id, service=service)
    yield Hall(exams, exams.start(attempt.id), service, home)
    exams.close()
    service.stop()


@asynccontextmanager
async def on_screen(hall: Hall) -> AsyncIterator[Room]:
    app = MockExamApp(
        lambda: hall.exams, SystemClock(), lambda: hall.service, Settings(hall.home.settings), LaunchOptions()
    )
    async with sitting(app, hall.attempt, NORMAL) as room:
        yield room


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one.stem, marks=() if one.stem in IN_CI else pytest.mark.soak)
        for one in sorted(PROGRAMS.glob("*.py"))
    ],
)
async def test_a_program_of_the_courses_reaches_a_score_and_loses_no_model(hall: Hall, name: str) -> None:
    category = CATEGORIES[name.partition("_")[0]]
    folder = hall.attempt.project / f"Category{category}"
    for left in (*folder.glob("mymodel*"), *folder.glob("unsaved*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()

    async with on_screen(hall) as room:
        await room.open(room.starter(category))
        room.screen.standing.choose(category)
        room.write((PROGRAMS / f"{name}.py").read_text("utf-8"))

        way = await ran_well(room, folder)

        assert not way.lost, way
        before = len(hall.exams.submissions(hall.attempt.id))
        model = next(path for path in sorted(folder.glob("mymodel*")) if path.suffix in (".h5", ".keras", ""))
        if model.suffix != ".h5":
            room.screen.parts.submit(category, model)
        else:
            await room.press("f9")
        await room_until(room, lambda: len(hall.exams.submissions(hall.attempt.id)) > before, "the submission")
        await room_until(room, lambda: hall.exams.submissions(hall.attempt.id)[-1].verdict is not None, "its verdict")
    verdict = hall.exams.submissions(hall.attempt.id)[-1].verdict
    assert verdict is not None
    assert verdict.outcome == "scored", (way, verdict.reason)
    if os.environ.get("MOCKEXAM_COURSE_PROGRAMS"):
        record(Row(name, tuple(way.steps), way.kept, model.name, f"{verdict.passed}/5"))


async def ran_well(room: Room, folder: Path) -> Way:
    """Run the program until it ends well, each time with what is offered; fails when nothing is offered."""
    way = Way()
    for _ in range(MOST_RUNS):
        began = time.time()
        await room.press("f5")
        session = await ended(room)
        if went_well(session):
            return way
        text = room.editor.text
        if trained(session, text):
            kept = [path for path in (*folder.glob("unsaved-*"), *folder.glob("mymodel*")) if is_newer(path, began)]
            way.kept += bool(kept)
            way.lost += [] if kept else [session.tail[-300:]]
        advice = await advised(room, session, way)
        if advice.fixable and await mended(room):
            way.steps.append(advice.pattern)
            compile(room.editor.text, session.script, "exec")
        elif session.keras_2_offered:
            way.steps.append("Keras 2")
            await room.press("shift+f7")
            if went_well(await ended(room, after=session)):
                return way
        else:
            raise AssertionError(f"nothing was offered after {way}: {advice}\n{session.tail[-2000:]}")
    raise AssertionError(f"it never ended well: {way}")


async def advised(room: Room, session: RunSession, way: Way) -> Advice:
    """Wait for what is told of a program that failed."""
    await room_until(room, lambda: session.advice is not None, f"advice after {way} on:\n{session.tail[-2000:]}")
    assert session.advice is not None
    return session.advice


async def mended(room: Room) -> bool:
    """Apply the advice's fix; False where the inspection finds none."""
    text = room.editor.text
    await room.press("shift+f8")
    for _ in range(int(MOST_SECONDS_TO_MEND / 0.05)):
        await room.pilot.pause(0.05)
        if room.editor.text != text:
            return True
    return False


async def ended(room: Room, after: RunSession | None = None) -> RunSession:
    """Wait for the program that was just started."""
    window = room.screen.run_window
    await room_until(
        room,
        lambda: window.shown is not None and window.shown is not after and window.shown.run.exit is not None,
        "the end of the program",
    )
    assert window.shown is not None
    return window.shown


def went_well(session: RunSession) -> bool:
    """Whether a program has ended without a failure."""
    assert session.run.exit is not None
    return session.run.exit.code == 0


def trained(session: RunSession, text: str) -> bool:
    """Whether an epoch had ended before the program did: it was printed, or the line that failed follows a fit."""
    if session.epochs:
        return True
    told = failures(session.tail)
    lines = [frame.line for frame in told[0].frames if Path(frame.path).name == session.script.name] if told else []
    fits = [
        node.end_lineno or 0
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("fit", "fit_generator")
    ]
    return bool(lines) and any(end < lines[-1] for end in fits)


def is_newer(path: Path, since: float) -> bool:
    """Whether a file was written after a moment, a second more or less."""
    return path.stat().st_mtime > since - 1


async def room_until(room: Room, condition: object, what: str) -> None:
    """`Room.until` for programs that train."""
    assert callable(condition)
    for _ in range(int(SECONDS / 0.05)):
        await room.pilot.pause(0.05)
        if condition():
            return
    raise AssertionError(f"still not so after {SECONDS:.0f} s: {what}")
