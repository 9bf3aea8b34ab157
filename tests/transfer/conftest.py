from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored, write_pack


class Machine:
    """A machine with mockexam and the small pack on it."""

    def __init__(self, folder: Path, packs: Path, clock: FakeClock) -> None:
        self.folder = folder
        self.clock = clock
        home = Home.under(folder / "home")
        shutil.copytree(packs, home.packs)
        self.exams = ExamService(home, clock, Catalogue(home.packs))

    def begin(self) -> Attempt:
        """An exam that runs here, with a file of the candidate's own."""
        attempt = self.exams.create("Ada Lovelace", self.folder / "exam", "small", seed=7)
        self.exams.provision(attempt.id)
        (attempt.project / "notes.txt").write_text("learning rate 0.01")
        return self.exams.start(attempt.id)

    def submit(self, attempt: Attempt, category: int, passed: int, content: bytes = b"model") -> None:
        """Save a model, submit it and have it tested."""
        folder = self.exams.attempt(attempt.id).project / f"Category{category}"
        (folder / "mymodel.h5").write_bytes(content)
        submission = self.exams.submit(attempt.id, category)
        self.exams.grade(submission.id, FakeService([scored(passed)])).result(5)


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_pack(folder)
    return folder


@pytest.fixture
def machine(tmp_path: Path, packs: Path) -> Iterator[Callable[..., Machine]]:
    made: list[Machine] = []

    def make(name: str, **clock: object) -> Machine:
        made.append(Machine(tmp_path / name, packs, FakeClock(**clock)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.exams.close()
