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

from graders.sentences import Sentence, joined, sentence, sentences
from mockexam.exam import allowance, program_rules
from mockexam.exam.form import CATEGORIES, RETAKE_DAYS, TESTS, WEIGHTS
from mockexam.exam.rules import Rules
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.page import Page

if TYPE_CHECKING:
    from mockexam.store.records import Attempt

_ALLOWED = sentence(
    "Any documentation, any search, any editor: the project is an ordinary folder, and a model trained elsewhere "
    "can be submitted too. Not allowed: Lambda layers and code of your own inside a model, and help from another "
    "person."
)


class InstructionsScreen(Page):
    """Before the exam (with an attempt): *Start Exam*. During it (with None): to read while the clock runs."""

    CSS_PATH = "instructions.tcss"
    heading = sentence("Instructions")

    def __init__(self, attempt: Attempt | None) -> None:
        super().__init__()
        self.attempt = attempt
        self.step = 2 if attempt is not None else 3

    def body(self) -> Iterable[Widget]:
        """The text, in a box that scrolls."""
        rules = self.attempt.rules if self.attempt is not None else self._rules()
        with VerticalScroll(id="text"):
            yield Static(instructions(rules, formatting.homely(self.attempt.project) if self.attempt else None))

    def buttons(self) -> Iterable[PushButton]:
        """The buttons; the usual one starts the clock."""
        if self.attempt is None:
            yield PushButton(sentence("Back to the Exam"), key="Esc", kind="primary", id="back")
            return
        yield PushButton(sentence("Later"), key="Esc", id="back")
        yield PushButton(sentence("Start Exam"), key="Enter", kind="primary", id="start")

    def on_mount(self) -> None:
        """Let keys scroll the text from the start; Enter presses the usual button."""
        buttons = self.query(PushButton)
        buttons.last().focus()
        if self.attempt is not None:
            said = sentence("The {minutes} minutes begin with Start Exam.", minutes=self.attempt.minutes)
            self.query_one("#left-of-buttons", Static).update(shown(said))
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
        from mockexam.tui.look.dialogs import tell

        assert self.attempt is not None
        try:
            started = await asyncio.to_thread(self.host.exams.start, self.attempt.id)
        except RefusalError as refusal:
            await tell(self.app, sentence("The exam can't start"), shown(refusal.sentence))
            self.query_one("#start").disabled = False
            return
        self.host.enter(started)


def instructions(rules: Rules, project: str | None = None) -> Content:
    """The rules of an exam in words, and where its project is."""
    head, soft = "bold $text-strong", "$text-soft"
    points: list[tuple[str, str]] = []
    for category, weight in sorted(rules.weights.items()):
        points += [
            (f"  {category}  ", soft),
            (f"{shown(CATEGORIES[category].title):<34}", ""),
            (shown(sentence("{points} points", points=f"{weight:>3g}")) + "\n", soft),
        ]
    parts: list[tuple[str, str]] = [
        (shown(sentence("The exam")) + "\n", head),
        (shown(_exam(rules)) + "\n\n", ""),
        (shown(sentence("Each problem")) + "\n", head),
        (shown(_problem(rules)) + "\n\n", ""),
        (shown(sentence("Points")) + "\n", head),
        *points,
        (shown(_points(rules)) + "\n\n", ""),
        (shown(sentence("Your programs")) + "\n", head),
        (" ".join(map(shown, program_rules.told(rules.programs))) + "\n\n", ""),
        (shown(sentence("What is allowed")) + "\n", head),
        (shown(_ALLOWED) + "\n\n", ""),
        (shown(sentence("After it")) + "\n", head),
        (shown(_after(rules)) + "\n", ""),
    ]
    if project:
        parts += [("\n" + shown(sentence("Project")) + "  ", soft), (project, "$link")]
    return Content.assemble(*parts)


def _exam(rules: Rules) -> Sentence:
    problems, minutes = formatting.problems(len(rules.weights)), rules.minutes
    clock = sentence(
        "The clock starts with Start Exam and can't be paused; it keeps running while the app is closed or the machine "
        "is off, and at zero the exam ends by itself."
    )
    if len(rules.weights) > 1:
        return sentence(
            "{problems}, one of each category, in {minutes} minutes. {clock}",
            problems=problems,
            minutes=minutes,
            clock=clock,
        )
    return sentence("{problems}, in {minutes} minutes. {clock}", problems=problems, minutes=minutes, clock=clock)


def _problem(rules: Rules) -> Sentence:
    return sentence(
        "In its folder are a statement, data and starter.py. Fill in solution_model() and run it ({run}): it saves "
        "mymodel.h5. Submit and Test ({submit}) grades that file with {tests} tests on data you don't have. "
        "{submissions} A model that breaks the contract is refused with the reason, and replaces nothing. A problem "
        "never submitted is worth nothing.",
        run=keymap.shown("run"),
        submit=keymap.shown("submit"),
        tests=formatting.number(TESTS),
        submissions=joined(list(allowance.told(rules)), " "),
    )


def _points(rules: Rules) -> Sentence:
    weights = "/".join(f"{weight:g}" for _, weight in sorted(rules.weights.items()))
    mark, tests = f"{rules.pass_mark:g}", formatting.number(TESTS)
    if rules.weights == WEIGHTS:
        return sentence(
            "A problem's {tests} tests share its points equally; {mark} of 100 pass. The original never published its "
            "weights: {weights} is this exam's own choice, in which harder problems weigh more.",
            tests=tests,
            mark=mark,
            weights=weights,
        )
    return sentence(
        "A problem's {tests} tests share its points equally; {mark} of 100 pass. The original never published its "
        "weights: {weights} is this pack's.",
        tests=tests,
        mark=mark,
        weights=weights,
    )


def _after(rules: Rules) -> Sentence:
    return sentence(
        "The result comes within seconds: tests, points and time of each problem, and what was lost. {again}",
        again=_again(rules),
    )


def _again(rules: Rules) -> Sentence:
    """When the exam may be taken again after a failure."""
    if not rules.retake_days:
        return sentence("You may sit again at once.")
    days = sentences(
        "{days} day", "{days} days", count=sum(rules.retake_days), days=", ".join(map(str, rules.retake_days))
    )
    if rules.retake_days == RETAKE_DAYS:
        asked = sentence("The original asked for a wait after each failure in a row ({days})", days=days)
    else:
        asked = sentence("This pack asks for a wait after each failure in a row ({days})", days=days)
    if rules.retake == "enforced":
        return sentence("{asked}; no exam of this pack begins before that day.", asked=asked)
    return sentence("{asked}; here that day is only named, and you may sit again at once.", asked=asked)
