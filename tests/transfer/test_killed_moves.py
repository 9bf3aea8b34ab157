"""Kill an export or an import at any of its steps: another try works, and nothing half written stays.

A seeded sample is part of CI. Every step, by hand: python -m pytest -m soak tests/transfer/test_killed_moves.py
"""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from mockexam.workspace import layout
from mockexam.workspace.place import DRAFT
from tests.sitting.exam_driver import save_model
from tests.sitting.fakes import FakeService, scored
from tests.sitting.lives import Lives
from tests.sitting.unsynced import leave_out_syncs

SAMPLE = 6
PARTS = 4


class Journey:
    """Two machines, and an exam with four submissions that is on its way from one to the other."""

    def __init__(self, folder: Path, packs: Path, lives: Lives) -> None:
        self.folder, self.packs, self.lives = folder, packs, lives
        self.file, self.project = folder / "moved.zip", folder / "there" / "exam"
        self.steps: dict[str, int] = {}
        self.saved: dict[str, bytes] = {}
        """The project as an undisturbed import leaves it."""

    def exams(self, name: str) -> ExamService:
        home = Home.under(self.folder / name)
        if not home.packs.exists():
            shutil.copytree(self.packs, home.packs)
        return ExamService(home, SystemClock(), Catalogue(home.packs))

    def begin(self) -> None:
        """The exam, half done."""
        exams = self.exams("here")
        attempt = exams.create("Ada", self.folder / "here" / "exam", "small", seed=7)
        exams.provision(attempt.id)
        attempt = exams.start(attempt.id)
        for category, content in ((1, b"one"), (1, b"uno"), (4, b"four"), (5, b"five")):
            save_model(layout.category_folder(attempt.project, category), content)
            submission = exams.submit(attempt.id, category)
            if category == 1:
                exams.grade(submission.id, FakeService([scored(3)])).result(5)
        exams.close()
        self.exams("there").close()
        self.keep("begun")

    def keep(self, name: str) -> None:
        for part in ("here", "there"):
            shutil.copytree(self.folder / part, self.folder / name / part)
        if self.file.exists():
            shutil.copy(self.file, self.folder / name / self.file.name)

    def put_back(self, name: str) -> None:
        """Everything as it was then."""
        for part in (*self.folder.glob("*.zip"), *self.folder.glob(".*.tmp")):
            part.unlink()
        for machine in ("here", "there"):
            shutil.rmtree(self.folder / machine, ignore_errors=True)
        shutil.copytree(self.folder / name, self.folder, dirs_exist_ok=True)

    def move(self, what: str, kill_at: int) -> int:
        """Run the move to its end or its kill; the exit code."""
        home = self.folder / ("here" if what == "export" else "there")
        life = self.lives.live(what, home, self.file, self.project, kill_at)
        assert life.code in (0, -signal.SIGKILL), life.errors
        if life.code == 0:
            self.steps[what] = int(life.output.rpartition("steps ")[2])
        return life.code

    def arrived(self, exams: ExamService) -> bool:
        """Whether the exam is there; if so, it is whole."""
        found = exams.attempts()
        if not found:
            return False
        (attempt,) = found
        assert (attempt.state, attempt.project) == ("running", self.project)
        submissions = exams.submissions(attempt.id)
        assert len(submissions) == 4
        assert all(exams.is_whole(one) for one in submissions)
        assert [one.verdict is not None for one in submissions] == [True, True, False, False]
        assert project_files(self.project) == self.saved
        assert [event.kind for event in exams.journal(attempt.id)][-1] == "moved"
        exams.end(attempt.id)
        assert not list(self.folder.glob("there/**/*.tmp"))
        return True


def project_files(project: Path) -> dict[str, bytes]:
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory, packs: Path) -> Iterator[Journey]:
    with Lives("tests.transfer.move_driver") as lives:
        made = Journey(tmp_path_factory.mktemp("journey"), packs, lives)
        made.begin()
        assert made.move("export", 0) == 0
        made.keep("exported")
        assert made.move("import", 0) == 0
        made.saved = project_files(made.project)
        yield made


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_out_syncs(monkeypatch.setattr)


def killed_export(journey: Journey, step: int) -> None:
    journey.put_back("begun")
    assert journey.move("export", step) != 0
    exams = journey.exams("here")
    (attempt,) = exams.attempts()
    assert attempt.state in ("running", "moved")
    assert attempt.state == "moved" or not journey.file.exists()
    if journey.file.exists():
        journey.file.rename(journey.file.with_name("first.zip"))  # whole, or the import below would say so
    export(exams, attempt.id, journey.file)
    exams.close()
    assert not list(journey.folder.glob(".*.tmp"))
    there = journey.exams("there")
    first = journey.file.with_name("first.zip")
    bring(there, first if first.exists() else journey.file, journey.project)
    assert journey.arrived(there)
    there.close()


def killed_import(journey: Journey, step: int) -> None:
    journey.put_back("exported")
    assert journey.move("import", step) != 0
    exams = journey.exams("there")
    if not journey.arrived(exams):
        bring(exams, journey.file, journey.project)
        assert journey.arrived(exams)
    home = exams.home
    exams.close()
    assert not list((home.snapshots / "incoming").iterdir())
    assert not (journey.project / DRAFT).exists()


KILLED = {"export": killed_export, "import": killed_import}


@pytest.mark.parametrize("what", KILLED)
def test_a_killed_move_can_be_made_again(journey: Journey, what: str) -> None:
    rng, stretch = random.Random(7), journey.steps[what] / SAMPLE
    for place in range(SAMPLE):
        KILLED[what](journey, 1 + int((place + rng.random()) * stretch))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("what", KILLED)
def test_a_move_killed_at_every_step_can_be_made_again(journey: Journey, what: str, part: int) -> None:
    steps = range(1 + part, journey.steps[what] + 1, PARTS)
    for step in steps:
        try:
            KILLED[what](journey, step)
        except BaseException as error:
            error.add_note(f"{what} killed at step {step} of {journey.steps[what]}")
            raise
    print(f"{what}: {len(steps)} of {journey.steps[what]} steps")
