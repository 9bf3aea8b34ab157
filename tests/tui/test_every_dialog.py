"""Every dialog under keys and clicks faster than the screen follows: none ends the app, stays, or answers twice."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.widgets import Button, Input, OptionList
from textual.worker import WorkerCancelled

import mockexam.tui
from mockexam.exam.program_rules import ProgramRules
from mockexam.store.home import Home
from mockexam.store.records import Attempt, Submission
from mockexam.tui import app as app_module
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam.dialogs import ModelDialog, ReceiptDialog
from mockexam.tui.interpreters.before_programs import BeforePrograms
from mockexam.tui.interpreters.project_interpreter import ProjectInterpreter
from mockexam.tui.look.dialogs import Question
from mockexam.tui.look.menu import Item, Menu
from mockexam.tui.pages.help.keys import HelpScreen
from mockexam.tui.pages.packs import PacksScreen
from mockexam.tui.pages.search_everywhere import SearchEverywhere
from mockexam.tui.pages.themes import ThemesScreen
from mockexam.tui.pages.too_small import TooSmallScreen
from mockexam.tui.plots.export import ExportDialog
from tests.sitting.fakes import FakeService
from tests.tui.conftest import ExamScreen, Until

pytestmark = pytest.mark.usefixtures("stand_in")

KEYS = (
    *("ctrl+q", "escape", "enter", "tab") * 3,
    *("shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "space", "backspace"),
    *("y", "n", "q", "a", "e", "1", "f1", "f2", "f5", "f9", "f10", "f12", "ctrl+p", "ctrl+s", "alt+1"),
)
GAPS = (0.0, 0.0, 0.0, 0.0, 0.001, 0.01, 0.05)
ROUNDS, STROKES = 12, 12
BIG = (120, 36)


class Hand:
    """Opens dialogs, presses and clicks without waiting for what comes of it, and counts the answers."""

    def __init__(self, app: MockExamApp, pilot: Pilot[int], seed: int) -> None:
        self.app = app
        self.pilot = pilot
        self.random = random.Random(seed)
        self.answers: Counter[int] = Counter()

    def asked(self, make: Callable[[], Screen[Any]]) -> None:
        """Wait for a dialog's answer as the exam does, with no more than one question at a time."""
        number = len(self.answers)
        self.answers[number] = 0

        async def ask() -> None:
            await self.app.push_screen_wait(make())
            self.answers[number] += 1

        self.app.run_worker(ask, group="dialog", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    def told(self, dialog: Screen[Any]) -> None:
        """Have a dialog's answer delivered to a callback."""
        number = len(self.answers)
        self.answers[number] = 0
        self.app.push_screen(dialog, lambda _: self.answers.update([number]))

    def press(self, key: str) -> None:
        """Press a key as the terminal does."""
        character = {"space": " "}.get(key, key if len(key) == 1 else None)
        self._send(events.Key(key, character))

    def click(self) -> None:
        """Press and let go of the mouse on a button, a list or a field, or beside all of them."""
        places = [*self.app.screen.query(Button), *self.app.screen.query(OptionList), *self.app.screen.query(Input)]
        spots = [one.region.center for one in places if one.region.area]
        x, y = self.random.choice([(1.0, 1.0), *spots])
        for kind in (events.MouseDown, events.MouseUp):
            self._send(kind(None, x, y, 0, 0, 1, False, False, False, x, y))

    async def play(self, again: Callable[[], None]) -> None:
        """Press this and that; now and then what opens the dialog comes once more."""
        for _ in range(STROKES):
            chance = self.random.random()
            if chance < 0.05:
                again()
            elif chance < 0.2:
                self.click()
            else:
                self.press(self.random.choice(KEYS))
            if gap := self.random.choice(GAPS):
                await asyncio.sleep(gap)

    async def escape_to(self, stack: list[Screen[Any]]) -> None:
        """Press Escape until these screens are left."""
        self.app.shutdown.watch_size(BIG, app_module.SMALLEST)
        for _ in range(40):
            await self.pilot.pause(0.01)
            if self.app.screen_stack == stack and not self._waiting():
                return
            self.press("escape")
        raise AssertionError(f"still there after 40 times Escape: {self.app.screen_stack}, {self._waiting()}")

    def _waiting(self) -> list[Any]:
        return [one for one in self.app.workers if one.group in ("dialog", "shutdown") and not one.is_finished]

    def _send(self, event: events.Event) -> None:
        driver = self.app._driver
        assert driver is not None
        driver.process_message(event)


def submission() -> Submission:
    return Submission(
        id="s1",
        attempt_id="a1",
        category=1,
        number=1,
        pressed_at=datetime(2024, 1, 1, tzinfo=UTC),
        source=Path("mymodel.h5"),
        sha256="0" * 64,
        bytes=10,
        state="done",
    )


def menu() -> Menu:
    return Menu([Item("one", "One"), Item("two", "Two", "F2"), Item("off", "Off", enabled=False)], title="Choose")


Opener = Callable[[Hand, Path], None]

OPENERS: dict[str, tuple[type[Screen[Any]], Opener]] = {
    "quit": (Question, lambda hand, _: hand.app.action_quit_app()),
    "question": (Question, lambda hand, _: hand.asked(lambda: Question("Sure?", "Really?"))),
    "told": (Question, lambda hand, _: hand.told(Question("Sure?", "Really?", danger=True))),
    "typed": (Question, lambda hand, _: hand.asked(lambda: Question("End?", "For good.", typed="ye", danger=True))),
    "notice": (Question, lambda hand, _: hand.asked(lambda: Question("So it is", "Just so.", no=None))),
    "model": (ModelDialog, lambda hand, folder: hand.asked(lambda: ModelDialog(1, folder))),
    "export": (ExportDialog, lambda hand, folder: hand.asked(lambda: ExportDialog(folder / "figure.png"))),
    "receipt": (ReceiptDialog, lambda hand, _: hand.told(ReceiptDialog(submission()))),
    "menu": (Menu, lambda hand, _: hand.asked(menu)),
    "keys": (HelpScreen, lambda hand, _: hand.press("f1")),
    "search": (SearchEverywhere, lambda hand, _: hand.press("ctrl+p")),
    "themes": (ThemesScreen, lambda hand, _: hand.app.action_themes()),
    "before programs": (BeforePrograms, lambda hand, _: hand.app.action_before_programs()),
    "interpreter": (
        ProjectInterpreter,
        lambda hand, folder: hand.asked(lambda: ProjectInterpreter(ProgramRules(), folder, None)),
    ),
    "too small": (TooSmallScreen, lambda hand, _: hand.app.shutdown.watch_size((70, 18), app_module.SMALLEST)),
}


def descendants(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from descendants(one)


def test_every_modal_screen_is_a_dialog_and_is_tried_here() -> None:
    from mockexam.tui.dismissal import Dialog

    for module in pkgutil.walk_packages(mockexam.tui.__path__, "mockexam.tui."):
        if not module.name.endswith("in_browser"):
            importlib.import_module(module.name)
    ours = {one for one in descendants(ModalScreen) if one.__module__.startswith("mockexam.")} - {Dialog}
    assert [one for one in ours if not issubclass(one, Dialog)] == []
    assert ours == {kind for kind, _ in OPENERS.values()}


async def in_exam(app: MockExamApp, pilot: Pilot[int], until: Any, running: Attempt) -> list[Screen[Any]]:
    await until(pilot, lambda: app.office_open.is_set())
    app.enter(running)
    await until(pilot, lambda: type(app.screen).__name__ == "ExamScreen")
    return app.screen_stack


def keep_open(app: MockExamApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes to the question whether to quit is an answer like others here: the next round needs the app."""

    async def stay(hurried: bool = False) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(app.shutdown, "_close", stay)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", OPENERS)
async def test_random_keys_and_clicks(
    app: MockExamApp,
    running: Attempt,
    until: Until,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    seed: int,
) -> None:
    kind, opened = OPENERS[name]
    for model in ("a.h5", "b.keras", "ya.h5"):
        (tmp_path / "project" / model).write_bytes(b"\x89HDF model")
    keep_open(app, monkeypatch)
    lost: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        hand = Hand(app, pilot, seed)
        for number in range(ROUNDS):
            opened(hand, tmp_path / "project")
            if number % 2:
                await until(pilot, lambda: isinstance(app.screen, kind))
            await hand.play(lambda: opened(hand, tmp_path / "project"))
            await hand.escape_to(stack)
            assert app.is_running
        assert max(hand.answers.values(), default=0) <= 1
    assert [one for one in lost if not isinstance(one.get("exception"), WorkerCancelled)] == []
    faults = home.config / "faults.log"
    assert not faults.exists() or faults.read_text() == ""


@pytest.mark.parametrize("gap", [0.0, 0.001, 0.005, 0.02])
async def test_quit_and_escape_in_one_breath(app: MockExamApp, running: Attempt, until: Until, gap: float) -> None:
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        hand = Hand(app, pilot, 0)
        for _ in range(5):
            for key in ("ctrl+q", "escape", "ctrl+q", "escape", "ctrl+q"):
                hand.press(key)
                if gap:
                    await asyncio.sleep(gap)
            await until(pilot, lambda: isinstance(app.screen, Question))
            assert len(app.screen_stack) == len(stack) + 1
            hand.press("escape")
            await until(pilot, lambda: app.screen_stack == stack)


async def test_a_question_asked_again_is_there_once(app: MockExamApp, running: Attempt, until: Until) -> None:
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        for _ in range(3):
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, Question))
        assert len(app.screen_stack) == len(stack) + 1


async def test_a_key_that_comes_after_another_screen_goes_to_its_own(
    app: MockExamApp, running: Attempt, until: Until
) -> None:
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        below, above = Question("First?", "The first."), Question("Second?", "The second.")
        said: list[tuple[str, bool | None]] = []
        app.push_screen(below, lambda answer: said.append(("below", answer)))
        app.push_screen(above, lambda answer: said.append(("above", answer)))
        below.dismiss(True)
        below.dismiss(True)
        assert app.screen_stack == [*stack, above]
        above.dismiss(False)
        await until(pilot, lambda: len(said) == 2)
        assert said == [("below", True), ("above", False)]
        assert app.screen_stack == stack


async def test_a_terminal_that_closes_below_waiting_dialogs(
    app: MockExamApp, running: Attempt, until: Until, service: FakeService
) -> None:
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        app.shutdown.end_process_after = lambda seconds: None
        app.screen.run_worker(app.push_screen_wait(menu()), exit_on_error=False)
        await until(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Question))
        app.shutdown.hurry()
        await until(pilot, lambda: app._exit)
        assert isinstance(stack[-1], ExamScreen)
        assert stack[-1].left == 1
    assert app.return_value == 0
    assert not app.return_code
    assert service.state == "stopped"


async def test_a_theme_is_not_tried_after_escape(app: MockExamApp, running: Attempt, until: Until) -> None:
    async with app.run_test(size=BIG) as pilot:
        await in_exam(app, pilot, until, running)
        before = app.theme
        hand = Hand(app, pilot, 0)
        for _ in range(5):
            app.action_themes()
            for key in ("escape", "down", "down", "enter"):
                hand.press(key)
            await until(pilot, lambda: not app.screen.is_modal)
            await pilot.pause(0.05)
            assert app.theme == before


async def test_an_entry_is_done_once(app: MockExamApp, running: Attempt, until: Until) -> None:
    async with app.run_test(size=BIG) as pilot:
        await in_exam(app, pilot, until, running)
        done: list[str] = []
        app.action_themes = lambda: done.append("themes")  # type: ignore[method-assign]
        hand = Hand(app, pilot, 0)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, SearchEverywhere) and app.screen.found)
        await pilot.press(*"theme")
        for _ in range(3):
            hand.press("enter")
        await until(pilot, lambda: not app.screen.is_modal)
        await pilot.pause(0.1)
        assert done == ["themes"]


async def test_a_page_is_left_once(app: MockExamApp, until: Until) -> None:
    async with app.run_test(size=BIG) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        hand = Hand(app, pilot, 0)
        stack = app.screen_stack
        for _ in range(5):
            app.push_screen(PacksScreen())
            for key in ("escape", "escape", "escape"):
                hand.press(key)
            await until(pilot, lambda: app.screen_stack == stack)
        assert app.is_running


async def test_small_terminal_that_grows_below_a_dialog(app: MockExamApp, running: Attempt, until: Until) -> None:
    async with app.run_test(size=BIG) as pilot:
        stack = await in_exam(app, pilot, until, running)
        await pilot.resize_terminal(70, 18)
        await until(pilot, lambda: isinstance(app.screen, TooSmallScreen))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.resize_terminal(*BIG)
        await until(pilot, lambda: len(app.screen_stack) == len(stack) + 1)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen_stack == stack)
