"""What screens may ask of the app, and what the app may ask of a screen: neither needs to know the other's class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from graders.sentences import Words, sentence

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen

    from graders.client.service import Service
    from mockexam.exam.clock import Clock
    from mockexam.sitting.service import ExamService
    from mockexam.store.records import Attempt
    from mockexam.store.settings import Settings
    from mockexam.tui.garbage import Garbage
    from mockexam.tui.keymap import Scope
    from mockexam.tui.launch_options import LaunchOptions

YES, NO = sentence("Yes"), sentence("No")


class Host(Protocol):
    """The app as its screens know it."""

    exams: ExamService
    clock: Clock
    settings: Settings
    launch_options: LaunchOptions
    garbage: Garbage | None

    @property
    def service(self) -> Service:
        """The grader's handle; started when first asked for."""

    def time_left(self, attempt: Attempt) -> float:
        """Seconds left in an attempt, 0 when the exams aren't open."""

    def look(self) -> None:
        """Ask the exam service how things stand, for the welcome screen."""

    def poll(self) -> None:
        """Look again once something has changed."""

    def open_page(self, name: str) -> object:
        """Open what the welcome screen offers: resume, take, results, packs or doctor."""

    def fetch_exam_screen(self) -> object:
        """Load what the exam screen needs, in the background."""

    def enter(self, attempt: Attempt) -> None:
        """Go to the present stage of an attempt."""

    def show(self, screen: Screen[Any]) -> None:
        """Put a screen directly above the welcome screen."""

    def show_instructions(self, attempt: Attempt | None = None) -> None:
        """Show the rules."""

    def show_course_code(self, section: str = "") -> None:
        """Show the page on courses' code, at the section of a pattern."""

    async def ask(
        self,
        title: Words,
        question: Words,
        *,
        yes: Words = YES,
        no: Words = NO,
        typed: str | None = None,
        danger: bool = False,
    ) -> bool:
        """Ask a question with two answers; from a worker."""

    def keep(self, **choices: str | bool) -> None:
        """Apply choices from now on, and keep them for the next start."""

    def trouble(self, error: BaseException) -> None:
        """Say that a fault of ours happened."""

    def action_help(self) -> None:
        """Show the keys."""


@runtime_checkable
class Leavable(Protocol):
    """A screen that has something to save before the app may go: the exam's."""

    async def leave(self) -> None:
        """Save, write down time and layout, stop programs; once, however often called."""

    async def save_rest(self) -> None:
        """Save what was typed after `leave`."""


@runtime_checkable
class Searchable(Protocol):
    """A screen with things of its own for Search Everywhere."""

    def palette_commands(self) -> Iterable[tuple[Words, Words, Callable[[], object]]]:
        """Each as its title, what it does, and how to do it."""


@runtime_checkable
class Workbench(Protocol):
    """A screen whose actions are more than the app's."""

    def action_target(self, scope: Scope) -> DOMNode | None:
        """What performs the actions of a scope; None while nothing on the screen can."""


def host_of(node: DOMNode) -> Host:
    """The app that a screen or widget belongs to."""
    return cast("Host", node.app)
