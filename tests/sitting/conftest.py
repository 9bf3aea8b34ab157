from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, Office
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
def office(home: Home, clock: FakeClock, catalogue: Catalogue) -> Iterator[Office]:
    office = Office(home, clock, catalogue)
    yield office
    office.close()


@pytest.fixture
def service() -> Iterator[FakeService]:
    service = FakeService()
    yield service
    service.stop()


@pytest.fixture
def running(office: Office, tmp_path: Path) -> Attempt:
    attempt = office.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    office.provision(attempt.id)
    return office.start(attempt.id)
