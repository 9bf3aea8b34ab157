"""Kill a whole exam at any step, start it again, and look whether anything was lost.

The seeded sample here is small. All points, with repeated kills, by hand:

    python -m pytest -m soak tests/sitting/test_kill_anywhere.py
"""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sitting.fakes import write_pack
from tests.sitting.lives import Lives
from tests.sitting.promises import Told, check

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
SAMPLE = 24
PARTS = 8
"""The soak's tests share the steps among them, so that one can be run by itself."""


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_pack(folder)
    return folder


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives("tests.sitting.exam_driver") as made:
        yield made


class Exam:
    """One exam in a folder of its own, and what was told of it."""

    def __init__(self, lives: Lives, packs: Path, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.told = Told()
        self._lives, self._packs, self._folder = lives, packs, folder

    def live(self, kill_at: int, number: int = signal.SIGKILL) -> int:
        """One life of the program; its exit code."""
        home, project = self._folder / "home", self._folder / "project"
        life = self._lives.live(home, self._packs, project, kill_at, int(number))
        self.told.add(life.output)
        assert life.code in (0, -number), life.errors
        assert "Traceback" not in life.errors
        return life.code

    def check(self, results: set[str]) -> None:
        check(self._folder, self._packs, self.told, results)


@pytest.fixture(scope="module")
def undisturbed(lives: Lives, packs: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    exam = Exam(lives, packs, tmp_path_factory.mktemp("undisturbed"))
    assert exam.live(0) == 0
    assert exam.told.steps > 300
    return exam.told


def points(steps: int) -> list[tuple[int, int]]:
    """A seeded sample of (step, signal), one in each of equally long stretches of the exam."""
    rng = random.Random(20260328)
    stretch = steps / SAMPLE
    return [(1 + int((place + rng.random()) * stretch), rng.choice(SIGNALS)) for place in range(SAMPLE)]


def test_killed_at_any_step_it_goes_on_and_loses_nothing(
    lives: Lives, packs: Path, undisturbed: Told, tmp_path: Path
) -> None:
    for step, number in points(undisturbed.steps):
        exam = Exam(lives, packs, tmp_path / f"{step}")
        assert exam.live(step, number) == -number, f"step {step}"
        assert exam.live(0) == 0, f"after step {step}"
        exam.check(undisturbed.results)


def test_killed_again_and_again_it_still_arrives(lives: Lives, packs: Path, undisturbed: Told, tmp_path: Path) -> None:
    rng, exam = random.Random(7), Exam(lives, packs, tmp_path)
    for _ in range(30):
        if exam.live(rng.randrange(40, 200)) == 0:
            break
    else:
        assert exam.live(0) == 0
    exam.check(undisturbed.results)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_step(lives: Lives, packs: Path, undisturbed: Told, tmp_path: Path, part: int) -> None:
    steps = range(1 + part, undisturbed.steps + 1, PARTS)
    for step in steps:
        exam, number = Exam(lives, packs, tmp_path / "exam"), random.Random(step).choice(SIGNALS)
        if exam.live(step, number) != 0:
            assert exam.live(0) == 0, f"after step {step}"
        exam.check(undisturbed.results)
        shutil.rmtree(tmp_path / "exam")
    print(f"{len(steps)} kills of {undisturbed.steps} steps")
