from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, write_pack


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.under(tmp_path / "home")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_pack(tmp_path / "packs")
    return Catalogue(tmp_path / "packs")


@pytest.fixture
def exams(home: Home, clock: FakeClock, catalogue: Catalogue) -> Iterator[ExamService]:
    exams = ExamService(home, clock, catalogue)
    yield exams
    exams.close()


@pytest.fixture
def service() -> Iterator[FakeService]:
    service = FakeService()
    yield service
    service.stop()


@pytest.fixture
def running(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id)
    return exams.start(attempt.id)
