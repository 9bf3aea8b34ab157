"""Check environment: what this machine has, what is missing, and what to do about each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from graders.sentences import Sentence, sentence
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.sheet import Sheet
from mockexam.tui.pages.page import Page

if TYPE_CHECKING:
    from mockexam.sitting.machine import Check

CHECKING = sentence("Checking…")
_MARK = {"ok": ("✓", "$run"), "warn": ("!", "$amber"), "fail": ("✗", "$stop")}
_STATUS = {"ok": sentence("ok"), "warn": sentence("warn"), "fail": sentence("fail")}


class DoctorScreen(Page):
    """The checks, run outside the screen's own thread."""

    CSS_PATH = "doctor.tcss"
    heading = sentence("Check environment")

    def body(self) -> Iterable[Widget]:
        """A box that scrolls."""
        with VerticalScroll(id="doctor-box"):
            yield Sheet(Content.styled(shown(CHECKING), "$text-soft"), id="checks")

    def buttons(self) -> Iterable[PushButton]:
        """Again, or back."""
        yield PushButton(sentence("Check Again"), id="again")
        yield PushButton(sentence("Back"), key="Esc", id="back")

    def on_mount(self) -> None:
        """Run the checks."""
        self.query_one("#doctor-box").focus()
        self._check()

    @work(group="doctor", exclusive=True, exit_on_error=False)
    async def _check(self) -> None:
        from mockexam.sitting import doctor

        self.query_one("#left-of-buttons", Static).update(shown(CHECKING))
        checks = await asyncio.to_thread(doctor.examine, self.host.exams.home)
        self.query_one("#checks", Sheet).show(partial(lines, checks))
        self.query_one("#left-of-buttons", Static).update(summary(checks))

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        if event.control.id == "again":
            self._check()
        else:
            self.action_back()


def lines(checks: Sequence[Check], width: int) -> Content:
    """A line per check, and below it what to do when all is not well."""
    wide = max((len(shown(check.name)) for check in checks), default=0) + 2
    rows = []
    if formatting.spoken():
        return Content("\n".join(shown(_spoken(check)) for check in checks))
    for check in checks:
        found = formatting.hanging(shown(check.found), width, wide + 3)
        name = f"{shown(check.name):<{wide}}"
        rows.append(Content.assemble(_MARK[check.status], "  ", (name, "$text-strong"), found))
        if check.status != "ok" and check.advice:
            advice = formatting.hanging(shown(check.advice), width, wide + 3)
            rows.append(Content.styled(f"   {'':<{wide}}{advice}", "$text-soft"))
    return Content("\n").join(rows)


def _spoken(check: Check) -> Sentence:
    return sentence(
        "{name}: {status}. {found}. {advice}",
        name=check.name,
        status=_STATUS[check.status],
        found=check.found,
        advice=check.advice,
    )


def summary(checks: Sequence[Check]) -> Content:
    """Sum up the checks in one sentence."""
    failed = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    if failed:
        words = sentence(
            "{failed} of {checks} checks failed; the exam can't run well like this.", failed=failed, checks=len(checks)
        )
        return Content.styled(shown(words), "$stop")
    if warned:
        words = sentence(
            "The exam can run; {warned} of {checks} checks have advice.", warned=warned, checks=len(checks)
        )
        return Content.styled(shown(words), "$amber")
    return Content.styled(shown(sentence("All {checks} checks passed.", checks=len(checks))), "$run")
