"""A home of its own with a small pack in it, and the exams in it, as the commands find them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.fakes import write_pack


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home that MOCKEXAM_HOME names, with the pack "small"."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    write_pack(tmp_path / "home" / "data" / "packs")
    return Home.default()


@pytest.fixture
def exams(home: Home) -> Iterator[ExamService]:
    """The exams in that home."""
    exams = ExamService(home, SystemClock())
    yield exams
    exams.close()
