"""The instructions: what the exam is, how it is judged, and the button that starts its clock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from mockexam.exam.form import CATEGORIES, RETAKE_DAYS, TESTS, WEIGHTS
from mockexam.exam.rules import Rules
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.page import Page
from mockexam.tui.pages.welcome_state import homely

if TYPE_CHECKING:
    from mockexam.store.records import Attempt

_EXAM = (
    "{problems}, in {minutes} minutes. The clock starts with Start Exam and can't be "
    "paused; it keeps running while the app is closed or the machine is off, and at zero the exam ends by itself.\n\n"
)
_PROBLEM = (
    "In its folder are a statement, data and starter.py. Fill in solution_model() and run it ({run}): it saves "
    "mymodel.h5. Submit and Test ({submit}) grades that file with {tests} tests on data you don't have. Submit as "
    "often as you like: the {counts} graded submission counts. A model that breaks the contract is refused with "
    "the reason, and replaces nothing. A problem never submitted is worth nothing.\n\n"
)
_POINTS = (
    "A problem's {tests} tests share its points equally; {mark} of 100 pass. The original never "
    "published its weights: {weights} is {choice}.\n\n"
)
_ALLOWED = (
    "Any documentation, any search, any editor: the project is an ordinary folder, and a model trained elsewhere "
    "can be submitted too. Not allowed: Lambda layers and code of your own inside a model, and help from another "
    "person.\n\n"
)
_AFTER = "The result comes within seconds: tests, points and time of each problem, and what was lost. {again}\n"
_WAIT = "{asked} for a wait after each failure in a row ({days}); {waiting}"
_WAITING = {
    "shown": "here that day is only named, and you may sit again at once.",
    "enforced": "no exam of this pack begins before that day.",
}


class InstructionsScreen(Page):
    """Before the exam (with an attempt): *Start Exam*. During it (with None): to read, the clock keeps running."""

    CSS_PATH = "instructions.tcss"
    heading = "Instructions"

    def __init__(self, attempt: Attempt | None) -> None:
        super().__init__()
        self.attempt = attempt
        self.step = 2 if attempt is not None else 3

    def body(self) -> Iterable[Widget]:
        """The text, in a box that scrolls."""
        rules = self.attempt.rules if self.attempt is not None else self._rules()
        with VerticalScroll(id="text"):
            yield Static(instructions(rules, homely(self.attempt.project) if self.attempt else None))

    def buttons(self) -> Iterable[PushButton]:
        """The usual one starts the clock."""
        if self.attempt is None:
            yield PushButton("Back to the Exam", key="Esc", kind="primary", id="back")
            return
        yield PushButton("Later", key="Esc", id="back")
        yield PushButton("Start Exam", key="Enter", kind="primary", id="start")

    def on_mount(self) -> None:
        """The text can be scrolled at once by keys; Enter presses the usual button."""
        buttons = self.query(PushButton)
        buttons.last().focus()
        if self.attempt is not None:
            said = f"The {self.attempt.minutes} minutes begin with Start Exam."
            self.query_one("#left-of-buttons", Static).update(said)
            self.host.fetch_exam_screen()

    def key_down(self) -> None:
        """Scroll the text while a button has the focus."""
        self.query_one("#text").scroll_down(animate=False)

    def key_up(self) -> None:
        """Scroll back."""
        self.query_one("#text").scroll_up(animate=False)

    def key_pagedown(self) -> None:
        """Scroll by a page."""
        self.query_one("#text").scroll_page_down(animate=False)

    def key_pageup(self) -> None:
        """Scroll back by a page."""
        self.query_one("#text").scroll_page_up(animate=False)

    def _rules(self) -> Rules:
        running = self.host.exams.running()
        return running.rules if running is not None else Rules()

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        if event.control.id == "start":
            event.control.disabled = True
            self._start()
        else:
            self.action_back()

    @work(group="start", exclusive=True, exit_on_error=False)
    async def _start(self) -> None:
        from mockexam.errors import RefusalError
        from mockexam.language.catalogue import shown
        from mockexam.tui.look.dialogs import tell

        assert self.attempt is not None
        try:
            started = await asyncio.to_thread(self.host.exams.start, self.attempt.id)
        except RefusalError as refusal:
            await tell(self.app, "The exam can't start", shown(refusal.sentence))
            self.query_one("#start").disabled = False
            return
        self.host.enter(started)


def instructions(rules: Rules, project: str | None = None) -> Content:
    """The rules of an exam in words, and where its project is."""
    weights = "/".join(f"{weight:g}" for _, weight in sorted(rules.weights.items()))
    choice = (
        "this exam's own choice, in which harder problems weigh more" if rules.weights == WEIGHTS else "this pack's"
    )
    problems = formatting.problems(len(rules.weights)) + ", one of each category" * (len(rules.weights) > 1)
    head, soft = "bold $text-strong", "$text-soft"
    run, submit, tests = keymap.shown("run"), keymap.shown("submit"), formatting.number(TESTS).lower()
    points: list[tuple[str, str]] = []
    for category, weight in sorted(rules.weights.items()):
        points += [
            (f"  {category}  ", soft),
            (f"{shown(CATEGORIES[category].title):<34}", ""),
            (f"{weight:>3g} points\n", soft),
        ]
    parts: list[tuple[str, str]] = [
        ("The exam\n", head),
        (_EXAM.format(problems=problems, minutes=rules.minutes), ""),
        ("Each problem\n", head),
        (_PROBLEM.format(run=run, submit=submit, tests=tests, counts=rules.counts), ""),
        ("Points\n", head),
        *points,
        (_POINTS.format(mark=f"{rules.pass_mark:g}", weights=weights, tests=tests, choice=choice), ""),
        ("What is allowed\n", head),
        (_ALLOWED, ""),
        ("After it\n", head),
        (_AFTER.format(again=_again(rules)), ""),
    ]
    if project:
        parts += [("\nProject  ", soft), (project, "$link")]
    return Content.assemble(*parts)


def _again(rules: Rules) -> str:
    """When one may sit again after a failure."""
    if not rules.retake_days:
        return "You may sit again at once."
    days = f"{', '.join(map(str, rules.retake_days))} day{'' if rules.retake_days == (1,) else 's'}"
    asked = "The original asked" if rules.retake_days == RETAKE_DAYS else "This pack asks"
    return _WAIT.format(asked=asked, days=days, waiting=_WAITING[rules.retake])
