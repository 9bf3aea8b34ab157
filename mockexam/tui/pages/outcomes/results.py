"""The result of an exam, and the list of all results."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.sheet import Sheet
from mockexam.tui.pages.outcomes.report import Report, day, page
from mockexam.tui.pages.page import Page

if TYPE_CHECKING:
    from mockexam.exam.attempt import Result
    from mockexam.sitting.service import ExamService

POLL_SECONDS = 0.2


class ResultScreen(Page):
    """Ends the attempt if asked, waits for verdicts that are still due, and shows the result."""

    CSS_PATH = "results.tcss"
    heading = sentence("Exam result")
    step = 4

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll('down')", show=False),
        Binding("up", "scroll('up')", show=False),
        Binding("pagedown", "scroll('page_down')", show=False),
        Binding("pageup", "scroll('page_up')", show=False),
    ]

    def __init__(self, attempt_id: str, ending: str | None = None) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.ending = ending
        self.report: Report | None = None

    def body(self) -> Iterable[Widget]:
        """A note while verdicts are awaited, then the page."""
        with VerticalScroll(id="report-box", can_focus=False):
            yield Sheet(Content.styled(shown(sentence("Adding up…")), "$text-soft"), id="report")

    def buttons(self) -> Iterable[PushButton]:
        """The one way on."""
        yield PushButton(sentence("Done"), key="Enter", kind="primary", id="done")

    def on_mount(self) -> None:
        """Add up."""
        self.query_one("#done").focus()
        self._settle()

    @work(group="settle", exclusive=True, exit_on_error=False)
    async def _settle(self) -> None:
        exams = self.host.exams
        try:
            if self.ending is not None:
                await asyncio.to_thread(_end, exams, self.attempt_id, self.ending)
            await self._finish(exams)
            self.report = await asyncio.to_thread(gather, exams, self.attempt_id)
        except Exception as error:
            from mockexam.tui.pages.provisioning import explained

            self.query_one("#report", Static).update(explained(error))
            return
        self.query_one("#report", Sheet).show(partial(page, self.report))

    async def _finish(self, exams: ExamService) -> None:
        """Obtain the verdicts that are still due."""
        for submission in await asyncio.to_thread(exams.submissions, self.attempt_id):
            if submission.verdict is None:
                # One that is being tested already, here or by a shell command, is only waited for.
                await asyncio.to_thread(exams.grade, submission.id, self.host.service, None)
        while await asyncio.to_thread(exams.settle, self.attempt_id) is None:
            waiting = exams.standing(self.attempt_id).pending
            tested = sentences(
                "{count} submission is still being tested; the result follows.",
                "{count} submissions are still being tested; the result follows.",
                count=waiting,
            )
            ended = shown(sentence("The exam has ended."))
            self.query_one("#report", Static).update(
                Content.assemble((f"{ended} ", "$text-strong"), (shown(tested), "$text-soft"))
            )
            await asyncio.sleep(POLL_SECONDS)

    def action_scroll(self, way: str) -> None:
        """Scroll the page while the button has the focus."""
        box = self.query_one("#report-box")
        steps = {
            "down": box.scroll_down,
            "up": box.scroll_up,
            "page_down": box.scroll_page_down,
            "page_up": box.scroll_page_up,
        }
        steps[way](animate=False)

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.action_back()


def _end(exams: ExamService, attempt_id: str, reason: str) -> None:
    if exams.attempt(attempt_id).state == "running":
        exams.end(attempt_id, "time" if reason == "time" else "candidate")


def gather(exams: ExamService, attempt_id: str) -> Report:
    """The report of an attempt that has ended and settled; blocking."""
    result, attempt = exams.result(attempt_id), exams.attempt(attempt_id)
    assert result is not None, "the attempt was settled before"
    by_category = {line.category: exams.told(attempt_id, line.category) for line in result.categories}
    return Report(result, attempt.rules, by_category, exams.sat(attempt), exams.interpreters(attempt_id))


def results(exams: ExamService) -> list[Result]:
    """All results, the latest first; blocking."""
    found = [exams.settle(one.id) for one in exams.attempts() if one.state == "ended"]
    return sorted((one for one in found if one is not None), key=lambda one: one.ended_at, reverse=True)


class ResultsScreen(Page):
    """Every exam that has ended, the latest first; Enter opens one."""

    CSS_PATH = "results.tcss"
    heading = sentence("Results")

    def body(self) -> Iterable[Widget]:
        """The list, or a sentence while there are no results."""
        yield Static("", id="results-head")
        yield OptionList(id="results-list")
        yield Static(Content.styled(shown(sentence("Looking…")), "$text-soft"), id="results-none")

    def buttons(self) -> Iterable[PushButton]:
        """The way back."""
        yield PushButton(sentence("Back"), key="Esc", id="back")

    def on_mount(self) -> None:
        """Fill the list."""
        self.query_one(OptionList).display = False
        self._load()

    @work(group="results", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        found = await asyncio.to_thread(results, self.host.exams)
        options, none = self.query_one(OptionList), self.query_one("#results-none", Static)
        if not found:
            words = sentence("No exam has ended yet. The first result will stand here.")
            none.update(Content.styled(shown(words), "$text-soft"))
            self.query_one("#back").focus()
            return
        none.display = False
        date, name, points = map(shown, (sentence("Day"), sentence("Candidate"), sentence("Points")))
        self.query_one("#results-head", Static).update(f"{date:<{DAY}}{name:<{NAME}}{points:>{POINTS}}")
        options.add_options([Option(_line(one), one.attempt_id) for one in found])
        options.display = True
        options.highlighted = 0
        options.focus()

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        if event.option_id is not None:
            self.app.push_screen(ResultScreen(event.option_id))

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.action_back()


DAY, NAME, POINTS = 13, 16, 6


def _line(result: Result) -> Content:
    passed = (sentence("passed"), "$run") if result.passed else (sentence("not passed"), "$stop")
    return Content.assemble(
        (f"{day(result.ended_at, short=True):<{DAY}}", "$text-body"),
        (formatting.fitted(result.candidate, NAME - 1) + " ", "$text-strong"),
        (f"{result.total:>{POINTS}g}", "bold $text-strong"),
        "   ",
        (shown(passed[0]), passed[1]),
    )
