"""What the screen does with a file of settings that it doesn't wholly know, or can't write any more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from tests.sitting.fakes import FakeClock, FakeService
from tests.tui.conftest import Reading, Until


@pytest.fixture
def path(home: Home) -> Path:
    home.config.mkdir(parents=True, exist_ok=True)
    home.settings.write_text('{"colour": "[red]", "isolation": "required"}')
    return home.settings


@pytest.fixture
def app(exams: ExamService, clock: FakeClock, service: FakeService, path: Path) -> MockExamApp:
    return MockExamApp(lambda: exams, clock, lambda: service, Settings(path))  # type: ignore[arg-type,return-value]


async def test_an_unknown_key_is_told_and_outlives_a_choice(
    app: MockExamApp, path: Path, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: '"colour"' in reading(pilot))
        app.action_screen_reader()
        await until(pilot, lambda: "screen_reader" in path.read_text())
    assert json.loads(path.read_text()) == {"colour": "[red]", "isolation": "required", "screen_reader": True}


async def test_a_file_spoilt_meanwhile_stays_and_the_choice_holds(
    app: MockExamApp, path: Path, until: Until, reading: Reading
) -> None:
    spoilt = '{"isolation": "required",}'
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, app.office_open.is_set)
        path.write_text(spoilt)
        app.keep(theme="mockexam-light")
        await until(pilot, lambda: "not kept for next time" in reading(pilot))
        assert app.settings.get("theme") == "mockexam-light"
    assert path.read_text() == spoilt
