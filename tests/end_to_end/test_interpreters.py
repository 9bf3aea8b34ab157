"""Models that come out of each Python, in each format, are tested as any other: in a shell, and on the screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import graders
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.named import named
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.launch_options import LaunchOptions
from mockexam.workspace import layout
from tests.end_to_end.conftest import form_seed
from tests.tui.exam_room import Room, sitting

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

# As the courses write it; the weights are the line itself, so that the score doesn't hang on the training.
STARTER = """
import sys
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense

points = np.loadtxt("data/points.csv", delimiter=",", skiprows=1)
slope, height = np.polyfit(points[:, 0], points[:, 1], 1)
model = tf.keras.models.Sequential([Dense(1, input_shape=[1])])
model.compile(optimizer="sgd", loss="mean_squared_error")
model.fit(points[:, :1], points[:, 1:], epochs=1, verbose=0)
model.set_weights([np.array([[slope]]), np.array([height])])
model.save("mymodel.h5")
model.save("mymodel.keras")
keras = sys.modules[tf.keras.Sequential.__module__.split(".")[0]]
if keras.__version__.startswith("3"):
    model.export("saved")
else:
    model.save("saved", save_format="tf")
print("ran in", sys.version.split()[0], "with Keras", keras.__version__)
"""
FORMATS = ("mymodel.h5", "mymodel.keras", "saved")
CHOICES = ("this", "keras2", "py38-tf213", "py310-tf215", "py313-tf", "py313-tf with Keras 2")
SCREEN_IN_CI = ("keras2", "py38-tf213")
COLD = {"keras2": "mymodel.keras", "py38-tf213": "mymodel.h5", "py310-tf215": "saved"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Home:
    folder = tmp_path_factory.mktemp("home")
    (folder / "cache").symlink_to(shared_cache)
    return Home.under(folder)


@pytest.fixture(scope="module")
def exams(home: Home) -> Iterator[ExamService]:
    exams = ExamService(home, SystemClock(), Catalogue(home.packs, cache=home.cache))
    yield exams
    exams.close()


@pytest.fixture(scope="module")
def attempt(exams: ExamService, service: graders.Service, tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    attempt = exams.create("Ada", tmp_path_factory.mktemp("exam") / "project", seed=form_seed(exams))
    exams.provision(attempt.id, service=service)
    attempt = exams.start(attempt.id)
    layout.starter(attempt.project, 1).write_text(STARTER)
    return attempt


def shell(home: Home, *arguments: str) -> str:
    """What `mockexam` prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "mockexam", *arguments],
        env={**os.environ, "MOCKEXAM_HOME": str(home.folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    return ran.stdout


@pytest.mark.parametrize("choice", CHOICES)
def test_every_format_of_every_choice_is_scored(
    choice: str,
    exams: ExamService,
    attempt: Attempt,
    home: Home,
    service: graders.Service,
    other_python: Callable[[str], Path],
) -> None:
    python, legacy = asked_for(choice, other_python)
    options = ["--python", python, *(["--keras", "2"] if legacy else [])]
    printed = shell(home, "run", "1", *options)
    folder = layout.category_folder(attempt.project, 1)
    for file in FORMATS:
        submission = exams.submit(attempt.id, 1, folder / file)
        verdict = exams.grade(submission.id, service).result(timeout=120)
        assert verdict.outcome == "scored", (choice, file, verdict.reason)
        assert verdict.passed == 5, (choice, file)
    if choice in COLD:
        verdict = json.loads(shell(home, "submit", "1", str(folder / COLD[choice]), "--json"))
        assert verdict["outcome"] == "scored", verdict["reason"]
    ran_in = exams.interpreters(attempt.id)[-1]
    assert f"ran in {ran_in.python} with Keras {ran_in.keras}." in printed


@pytest.fixture(scope="module")
def saved(home: Home, attempt: Attempt, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, list[str]], Path]:
    """`saved(choice, options)`: a folder with the models that came out of a choice, whose program is run once."""
    folders: dict[str, Path] = {}

    def made(choice: str, options: list[str]) -> Path:
        if choice not in folders:
            shell(home, "run", "1", *options)
            folders[choice] = taken_out(attempt, tmp_path_factory.mktemp("models"))
        return folders[choice]

    return made


@pytest.mark.soak
@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize("choice", CHOICES)
def test_every_format_of_every_choice_is_scored_by_a_shell_that_has_just_started(
    choice: str,
    file: str,
    home: Home,
    saved: Callable[[str, list[str]], Path],
    other_python: Callable[[str], Path],
) -> None:
    python, legacy = asked_for(choice, other_python)
    folder = saved(choice, ["--python", python, *(["--keras", "2"] if legacy else [])])
    verdict = json.loads(shell(home, "submit", "1", str(folder / file), "--json"))
    assert verdict["outcome"] == "scored", verdict["reason"]
    assert [test["passed"] for test in verdict["tests"]] == [True] * 5


@pytest.mark.parametrize(
    "choice",
    [*SCREEN_IN_CI, *(pytest.param(one, marks=pytest.mark.soak) for one in CHOICES if one not in SCREEN_IN_CI)],
)
async def test_on_the_screen_every_format_of_the_chosen_python_is_scored(
    choice: str,
    exams: ExamService,
    attempt: Attempt,
    home: Home,
    service: graders.Service,
    tmp_path: Path,
    other_python: Callable[[str], Path],
) -> None:
    python, legacy = asked_for(choice, other_python)
    chosen = named(python, 2 if legacy else None)
    Choices(home).choose(attempt.id, chosen, attempt.rules.programs)
    app = MockExamApp(lambda: exams, exams.clock, lambda: service, Settings(None), LaunchOptions())
    taken_out(attempt, tmp_path)
    async with sitting(app, attempt) as room:
        await room.open(room.starter(1))
        await room.press("f5")
        window = room.screen.run_window
        await wait_for(room, lambda: window.view and window.view.session.run.exit, 120)
        assert window.view is not None
        assert f"ran in {chosen.python} with Keras {chosen.keras}." in "\n".join(window.view.session.console.lines)
        folder = taken_out(attempt, tmp_path)
        before = 0

        def judged() -> bool:
            """Whether the screen shows the verdict; before that it may be reading how the attempt stands."""
            state = room.screen.standing.state
            return state is not None and any(one.verdict for one in state.of(1)[before:])

        for file in FORMATS:
            # It is the only model in the folder, under the name that is submitted.
            model = layout.category_folder(attempt.project, 1) / f"mymodel{Path(file).suffix}"
            shutil.move(folder / file, model)
            before = len(exams.submissions(attempt.id, 1))
            await room.press("f9")
            await wait_for(room, judged, 120)
            (submission,) = exams.submissions(attempt.id, 1)[before:]
            assert submission.verdict is not None
            assert (submission.verdict.outcome, submission.verdict.passed) == ("scored", 5), (file, submission.verdict)
            assert submission.source == model
            await room.pilot.pause()
            shutil.move(model, tmp_path / f"submitted-{file}")


def asked_for(choice: str, other_python: Callable[[str], Path]) -> tuple[str, bool]:
    """The Python of a choice as a person names it, and whether Keras 2 is asked of one that has both."""
    name, _, legacy = choice.partition(" with Keras ")
    return name if name in ("this", "keras2") else str(other_python(name)), bool(legacy)


def taken_out(attempt: Attempt, folder: Path) -> Path:
    """Move the models that lie in the category's folder into another, which is returned."""
    for file in FORMATS:
        model = layout.category_folder(attempt.project, 1) / file
        if model.exists():
            shutil.move(model, folder / file)
    return folder


async def wait_for(room: Room, condition: Callable[[], object], seconds: float) -> None:
    """Wait for something that takes as long as training does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, room.text
        await room.pilot.pause(0.1)
