"""Provisioning Environment: a progress bar for the actual work of preparing an exam."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.language.catalogue import shown
from mockexam.sitting.registration import BUILT_IN
from mockexam.tui.background import in_background
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.page import Page

if TYPE_CHECKING:
    from mockexam.sitting.provisioning import Step


class Progress:
    """The steps so far, in order, each with its latest detail; the last is in progress."""

    def __init__(self) -> None:
        self.fraction = 0.0
        self.steps: dict[str, str] = {}
        self.done = False
        self.fault: Exception | None = None

    def take(self, name: str, fraction: float, detail: str) -> None:
        """Take a report from the work; the bar never goes back."""
        self.steps[name] = detail
        self.fraction = max(self.fraction, min(fraction, 1.0))

    def percent(self) -> int:
        """What the bar shows; 100 only when everything is done."""
        return 100 if self.done else min(99, int(self.fraction * 100))

    def lines(self) -> Content:
        """A line per step: ticked, in progress, or stopped by a fault."""
        rows = []
        for place, (name, detail) in enumerate(self.steps.items(), 1):
            last = place == len(self.steps) and not self.done
            if formatting.spoken():
                rows.append(Content(self._spoken(name, detail, last)))
                continue
            mark = ("✗", "$stop") if last and self.fault else ("●", "$link") if last else ("✓", "$run")
            said = f"   {detail}" if last else ""
            rows.append(Content.assemble(mark, "  ", (name, "$text-strong" if last else ""), (said, "$text-faint")))
        return Content("\n").join(rows)

    def _spoken(self, name: str, detail: str, last: bool) -> str:
        if not last:
            return shown(sentence("{step}: done", step=name))
        if self.fault is not None:
            return shown(sentence("{step}: stopped", step=name))
        return shown(sentence("{step}: {detail}", step=name, detail=detail))


class ProvisioningScreen(Page):
    """Runs the preparation in a thread and shows what it does; a fault is a sentence with *Retry*.

    Without a network, an exam whose data comes with its pack is offered too.
    """

    CSS_PATH = "provisioning.tcss"
    heading = sentence("Provisioning Environment")
    step = 1

    def __init__(self, attempt_id: str) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.progress = Progress()
        self.begun = time.monotonic()

    def body(self) -> Iterable[Widget]:
        """Bar, percentage, steps, and room for a fault."""
        yield Static(id="bar")
        yield Static(id="built")
        with VerticalScroll(id="steps-box", can_focus=False):
            yield Static(id="work")
            yield Static(id="fault")

    def buttons(self) -> Iterable[PushButton]:
        """Retry, shown only after a fault, and the offline exam, when a network was missing."""
        yield PushButton(sentence("Back"), id="back")
        offline = PushButton(sentence("Take an offline exam"), id="offline")
        offline.display = False
        yield offline
        retry = PushButton(sentence("Retry"), kind="primary", id="retry")
        retry.display = False
        yield retry

    def on_mount(self) -> None:
        """Begin, and redraw ten times a second while it lasts."""
        self.set_interval(0.1, self._draw)
        self._provision()

    @work(group="provision", exclusive=True, exit_on_error=False)
    async def _provision(self) -> None:
        self.progress, self.begun = Progress(), time.monotonic()
        self.query_one("#retry").display = False
        self.query_one("#offline").display = False
        self.query_one("#back").disabled = True
        try:
            await in_background(self.host.exams.provision, self.attempt_id, self._report, self.host.service)
        except Exception as error:
            self.progress.fault = error
            self._draw()
            self.query_one("#back").disabled = False
            self.query_one("#retry").display = True
            self.query_one("#retry").focus()
            if isinstance(error, Error) and error.kind == "offline":
                self.query_one("#offline").display = await asyncio.to_thread(self._offline_pack) is not None
            return
        self.progress.done = True
        self._draw()
        await asyncio.sleep(0.4)
        if self.app.screen is self:
            self.host.enter(await asyncio.to_thread(self.host.exams.attempt, self.attempt_id))

    def action_back(self) -> None:
        """Go back, but not during the work: it would have to be waited for all the same."""
        if self.progress.fault is not None:
            self.dismiss()

    def _offline_pack(self) -> str | None:
        """The pack that a new exam would be drawn from if it had to do without a network."""
        packs = [pack.id for pack in self.host.exams.catalogue.packs() if pack.offline]
        return BUILT_IN if BUILT_IN in packs else next(iter(packs), None)

    @work(group="offline", exclusive=True, exit_on_error=False)
    async def _take_offline(self) -> None:
        """Give up this exam, which never began, and open the form for another with the same name and folder."""
        from mockexam.tui.launch_options import LaunchOptions
        from mockexam.tui.pages.new_exam import NewExamScreen

        exams = self.host.exams
        attempt = await asyncio.to_thread(exams.attempt, self.attempt_id)
        pack = await asyncio.to_thread(self._offline_pack)
        await asyncio.to_thread(exams.discard, self.attempt_id)
        self.host.look()
        asked = self.host.launch_options
        options = LaunchOptions(
            attempt.project, attempt.candidate, pack, python=asked.python, confirmed=asked.confirmed
        )
        self.host.show(NewExamScreen(options))

    def _report(self, step: Step) -> None:
        self.progress.take(shown(step.name), step.fraction, shown(step.detail))

    def _draw(self) -> None:
        progress = self.progress
        width = max(20, self.query_one("#body").size.width - 2)
        style = "$stop" if progress.fault else "$run" if progress.done else "$progress"
        self.query_one("#bar", Static).update(formatting.bar(progress.percent() / 100, width, style))
        seconds = formatting.span(time.monotonic() - self.begun)
        if not progress.fault:
            built = shown(sentence("{percent}% Built", percent=progress.percent()))
            self.query_one("#built", Static).update(
                Content.assemble((built, "bold $text-strong"), (f"   {seconds}", "$text-faint"))
            )
        else:
            self.query_one("#built", Static).update(Content.styled(shown(sentence("Stopped")), "bold $stop"))
        self.query_one("#work", Static).update(progress.lines())
        self.query_one("#fault", Static).update(explained(progress.fault) if progress.fault else "")

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        if event.control.id == "retry":
            self._provision()
        elif event.control.id == "offline":
            self._take_offline()
        else:
            self.action_back()


def explained(error: Exception) -> Content:
    """A fault in words: expected, found and advice if it carries them, otherwise its own sentence."""
    if not isinstance(error, Error):
        stopped = shown(sentence("It stopped:"))
        return Content.assemble((f"{stopped} ", "$stop"), str(error) or type(error).__name__)
    expected, found = shown(sentence("Expected")), shown(sentence("Found"))
    wide = max(len(expected), len(found)) + 2
    return Content.assemble(
        (f"{expected:<{wide}}", "$text-soft"),
        f"{shown(error.expected)}\n",
        (f"{found:<{wide}}", "$text-soft"),
        (f"{shown(error.found)}\n", "$stop"),
        "\n",
        shown(error.advice),
    )
