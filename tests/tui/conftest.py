"""An app over a real exam service with a small pack, a clock that only the test moves, and a scripted grader."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from mockexam import tui
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.launch_options import LaunchOptions
from mockexam.tui.pages.search_everywhere import Entry, SearchEverywhere
from tests.sitting.conftest import clock, exams, home, running, service
from tests.sitting.fakes import FakeClock, FakeService, write_pack

__all__ = ["clock", "exams", "home", "running", "service"]

Until = Callable[[Pilot[int], Callable[[], object]], Awaitable[None]]
Reading = Callable[[Pilot[int]], str]


@pytest.fixture(autouse=True)
def colourful_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The themes, not the fallback for terminals with few colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home folder that is nobody's."""
    monkeypatch.setenv("HOME", str(tmp_path / "someone"))
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "someone").mkdir(exist_ok=True)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_pack(tmp_path / "someone" / "packs")
    return Catalogue(tmp_path / "someone" / "packs")


@pytest.fixture
def launch_options() -> LaunchOptions:
    return LaunchOptions()


@pytest.fixture
def app(
    exams: ExamService, clock: FakeClock, service: FakeService, home: Home, launch_options: LaunchOptions
) -> MockExamApp:
    settings = Settings(home.settings)
    # The built-in pack is announced as well; the small one is prepared in no time.
    settings.set("pack", "small")
    return MockExamApp(lambda: exams, clock, lambda: service, settings, launch_options)  # type: ignore[arg-type,return-value]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[Screen[None]]:
    """In place of the exam's screen, one that only knows its attempt, and whether it was left."""
    module = ModuleType("mockexam.tui.exam.screen")
    module.ExamScreen = ExamScreen  # type: ignore[attr-defined]
    module.warm = lambda: Path(tui.__file__).with_name("app.tcss")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return ExamScreen


class ExamScreen(Screen[None]):
    left = 0

    def __init__(self, attempt_id: str) -> None:
        super().__init__()
        self.attempt_id = attempt_id

    async def leave(self) -> None:
        self.left += 1

    async def save_rest(self) -> None:
        """Nothing was typed."""


@pytest.fixture
def until() -> Until:
    """Wait for something to become true: at most ten seconds, never longer than it takes."""

    async def wait(pilot: Pilot[int], condition: Callable[[], object]) -> None:
        for _ in range(500):
            await pilot.pause(0.02)
            if condition():
                return
        raise AssertionError(f"still not so after ten seconds; on screen:\n{text_of(pilot)}")

    return wait


def text_of(pilot: Pilot[int]) -> str:
    """What is on the screen, as lines of text without trailing blanks."""
    screen = pilot.app.screen
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def found(app: MockExamApp) -> list[Entry]:
    """What the open search has found."""
    assert isinstance(app.screen, SearchEverywhere)
    return app.screen.found


@pytest.fixture
def reading() -> Reading:
    """A function that returns the screen's text."""
    return text_of
