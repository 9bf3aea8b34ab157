"""An exam service with a real grader, and five reference solutions that are run once, as a candidate would."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import graders
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock

FORM = {1: "line", 2: "penguins", 3: "horses_people", 4: "deeds", 5: "sunspots"}
"""A problem of every category whose reference trains within a minute."""


@dataclass
class Hall:
    """Where exams are taken in these tests: an exam service, a clock that the test moves, and a real grader."""

    exams: ExamService
    clock: FakeClock
    service: graders.Service

    def sit(self, folder: Path, *, name: str = "Ada", seed: int) -> Attempt:
        """Start an attempt that is provisioned for real."""
        attempt = self.exams.create(name, folder, seed=seed)
        self.exams.provision(attempt.id, service=self.service)
        return self.exams.start(attempt.id)

    def submit(self, attempt: Attempt, category: int, model: Path | None = None) -> graders.Verdict:
        """Submit a model, and wait for the verdict."""
        submission = self.exams.submit(attempt.id, category, model)
        return self.exams.grade(submission.id, self.service).result(timeout=120)


def form_seed(exams: ExamService) -> int:
    """A seed that draws the five problems of FORM."""
    from mockexam.packs.catalogue import choose_form

    pack = exams.catalogue.pack("tensorflow-developer")
    for seed in range(5000):
        if {problem.category: problem.id for problem in choose_form(pack, seed)} == FORM:
            return seed
    raise AssertionError("no seed gives the form")


@pytest.fixture(scope="session")
def service() -> Iterator[graders.Service]:
    """A warm grader for all tests of this folder."""
    service = graders.Service()
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared data sets, made once and shared by the homes of all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def hall(tmp_path: Path, shared_cache: Path, service: graders.Service) -> Iterator[Hall]:
    """A fresh exam service whose clock is set to noon."""
    clock = FakeClock()
    home = Home(data=tmp_path / "data", cache=shared_cache, config=tmp_path / "config")
    exams = ExamService(home, clock, Catalogue(home.packs, cache=home.cache))
    yield Hall(exams, clock, service)
    exams.close()


@pytest.fixture(scope="session")
def references(
    tmp_path_factory: pytest.TempPathFactory, shared_cache: Path, service: graders.Service
) -> tuple[int, dict[int, Path]]:
    """The seed of the form, and category → the model that its reference solution saved."""
    folder = tmp_path_factory.mktemp("references")
    home = Home(data=folder / "data", cache=shared_cache, config=folder / "config")
    exams = ExamService(home, FakeClock(), Catalogue(home.packs, cache=home.cache))
    try:
        seed = form_seed(exams)
        attempt = exams.create("Reference", folder / "project", seed=seed)
        exams.provision(attempt.id, service=service)
        pack = exams.catalogue.pack(attempt.pack_id)
        return seed, {
            category: train(pack.problem(problem).solution_path, attempt.project / f"Category{category}")
            for category, problem in sorted(attempt.problems.items())
        }
    finally:
        exams.close()


def train(solution: Path, category: Path) -> Path:
    """Run a reference solution in a category's folder, as a candidate runs starter.py; returns the model it saved."""
    script = category / "solution.py"
    script.write_bytes(solution.read_bytes())
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=600, cwd="/")
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    return category / "mymodel.h5"


@pytest.fixture
def own_home(tmp_path: Path, shared_cache: Path) -> Home:
    """A home as MOCKEXAM_HOME names one, for programs in processes of their own."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(shared_cache)
    return Home.under(tmp_path / "home")


@pytest.fixture
def prepared(own_home: Home, tmp_path: Path) -> Attempt:
    """An exam of the classic form that is prepared but not begun."""
    exams = ExamService(own_home, SystemClock(), Catalogue(own_home.packs, cache=own_home.cache))
    try:
        attempt = exams.create("Ada", tmp_path / "exam", seed=form_seed(exams))
        exams.provision(attempt.id)
        return attempt
    finally:
        exams.close()
