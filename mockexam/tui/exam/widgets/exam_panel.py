"""The Exam window: the problems, the statement, Submit and Test, the verdict, the history."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import Sentence, sentence
from graders.verdict import Phase, Verdict
from mockexam.exam.allowance import Allowance
from mockexam.exam.form import TESTS
from mockexam.language.catalogue import shown
from mockexam.language.verdicts import shown_reason
from mockexam.tui import keymap, tool_windows
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.statement import Statement
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.glyphs import sign
from mockexam.tui.look.handle import header
from mockexam.tui.look.sheet import Sheet

# A hidden list has no width.
NARROWEST = 34

# From this width on a line has room for the minutes spent.
ROOMY = 42

PHASES: dict[Phase, Sentence] = {
    "queued": sentence("Queued…"),
    "copying": sentence("Copying…"),
    "loading": sentence("Loading…"),
    "testing": sentence("Testing…"),
    "scoring": sentence("Scoring…"),
}
"""In the order shown."""

SUBMIT = sentence("Submit and Test model")


@dataclass(frozen=True)
class ProblemRow:
    """One problem as the list shows it; `passed` is None before the first submission that counts."""

    category: int
    title: str
    passed: int | None
    tests: int
    points: float
    weight: int
    seconds: float
    grading: bool = False


class ProblemList(OptionList):
    """The problems; moving in it chooses the active one."""

    @dataclass
    class Chosen(Message):
        """A problem was chosen."""

        category: int

    @dataclass
    class Opened(Message):
        """A problem's starter was asked for, by Enter or a second click."""

        category: int

    def __init__(self) -> None:
        super().__init__(id="problems", compact=True)
        self.rows: tuple[ProblemRow, ...] = ()

    def show(self, rows: Sequence[ProblemRow], active: int) -> None:
        """Show the problems, the active one marked."""
        # Seconds aren't shown, and a new layout every few of them would be noticeable.
        rows = tuple(replace(row, seconds=row.seconds // 60 * 60) for row in rows)
        if rows != self.rows or self.option_count != len(rows):
            self.rows = rows
            self._draw()
        index = next((i for i, row in enumerate(rows) if row.category == active), None)
        if index != self.highlighted:
            with self.prevent(OptionList.OptionHighlighted):
                self.highlighted = index

    def _draw(self) -> None:
        width = max(NARROWEST, self.scrollable_content_region.width - 2)
        if self.option_count == len(self.rows):
            for index, row in enumerate(self.rows):
                self.replace_option_prompt_at_index(index, _problem_line(row, width))
        else:
            self.clear_options()
            self.add_options([Option(_problem_line(row, width), id=f"category-{row.category}") for row in self.rows])

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the new width, once the list has it."""
        if self.rows:
            self.call_after_refresh(self._draw)

    @on(OptionList.OptionHighlighted)
    def choose(self, event: OptionList.OptionHighlighted) -> None:
        """Say which problem was chosen."""
        event.stop()
        self.post_message(self.Chosen(self.rows[event.option_index].category))

    @on(OptionList.OptionSelected)
    def open_starter(self, event: OptionList.OptionSelected) -> None:
        """Ask for the problem's starter."""
        event.stop()
        self.post_message(self.Opened(self.rows[event.option_index].category))


def _problem_line(row: ProblemRow, width: int) -> Content:
    if row.grading:
        mark, score = (sign("◌", " "), "$amber"), (sign("…", shown(sentence("test"))), "$amber")
    elif row.passed is None:
        mark, score = (sign("○", " "), "$text-faint"), ("–", "$text-faint")
    else:
        style = "$run" if row.passed == row.tests else "$amber" if row.passed else "$stop"
        mark, score = (sign("●", " "), style), (f"{row.passed}/{row.tests}", style)
    # In a narrow window the title takes the space of the minutes.
    spent = f"{_short(row.seconds):>6}" if width >= ROOMY else ""
    points = f"{row.points:g}/{row.weight}"
    room = width - 4 - len(spent) - 5 - 6
    return Content.assemble(
        mark,
        (f" {row.category} ", "$text-faint"),
        formatting.fitted(row.title, room),
        (spent, "$text-faint"),
        (f"{score[0]:>5}", score[1]),
        (f"{points:>6}", "$text-soft" if row.points else "$text-faint"),
    )


def _short(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 1:
        return ""
    return f"{minutes // 60}:{minutes % 60:02}h" if minutes >= 60 else f"{minutes}m"


class ExamPanel(Vertical):
    """Puts the parts together; what it shows comes from the screen."""

    phase: reactive[Phase | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__(id="exam")
        self.problems = ProblemList()
        self.statement = Statement()
        self.history = History()
        self._points = ""
        self._submit: Sentence = SUBMIT

    def compose(self) -> ComposeResult:
        """From the list of problems down to the history."""
        yield header(tool_windows.find("exam"), Static("", id="points"))
        yield self.problems
        yield self.statement
        with Vertical(id="submission"):
            yield PushButton(SUBMIT, key=keymap.shown("submit"), kind="primary", id="submit")
            yield Sheet("", id="verdict")
            yield self.history

    def watch_phase(self) -> None:
        """Show the phase on the button itself: nothing else can be pressed there meanwhile."""
        if not self.is_mounted:
            return
        button = self.query_one("#submit", PushButton)
        button.set_class(self.phase is not None, "-grading")
        if self.phase is None:
            button.relabel(self._submit, keymap.shown("submit"))
            return
        done = (list(PHASES).index(self.phase) + 1) / len(PHASES)
        button.relabel(f"{shown(PHASES[self.phase])}   {formatting.bar(done, 12).plain}")

    def show_allowance(self, allowance: Allowance, wait: float) -> None:
        """Show on the button how many submissions are left, or for how many seconds none is taken."""
        words = submit_words(allowance, wait)
        if words != self._submit and self.is_mounted:
            self._submit = words
            self.query_one("#submit").set_class(allowance.left == 0 or wait > 0, "-waiting")
            self.watch_phase()

    def show_points(self, total: float, possible: int, pass_mark: int) -> None:
        """Show the running total against the pass mark."""
        style = "$run" if total >= pass_mark else "$text-faint"
        words = shown(
            sentence(
                "{points} of {possible} points, {mark} pass", points=f"{total:g}", possible=possible, mark=pass_mark
            )
        )
        if words != self._points:
            self._points = words
            self.query_one("#points", Static).update(Content.styled(words, style))

    def show_verdict(self, category: int, verdict: Verdict | None, *, earlier: bool) -> None:
        """Show what came of the last submission of a problem; `earlier`: whether one of its submissions has a score."""
        sheet = self.query_one("#verdict", Sheet)
        sheet.set_class(verdict is None, "-empty")
        if verdict is not None:
            sheet.show(partial(verdict_content, category, verdict, earlier=earlier))

    def show_refusal(self, category: int, expected: str, found: str, advice: str) -> None:
        """Show why nothing was submitted."""
        sheet = self.query_one("#verdict", Sheet)
        sheet.remove_class("-empty")
        nothing = shown(sentence("Nothing was submitted."))
        title = [(f"Category{category}  ", "bold $text-strong"), (nothing, "bold $stop")]
        sheet.show(lambda width: Content.assemble(*title, *_reason(expected, found, advice, width)))


def submit_words(allowance: Allowance, wait: float) -> Sentence:
    """Return what the button says; pressed while nothing is taken, it has the reason told."""
    if allowance.left == 0 and allowance.pending:
        return sentence("The last one left is being tested")
    if allowance.left == 0:
        return sentence("No submission is left")
    if wait > 0:
        time = formatting.clock(math.ceil(wait))
        if allowance.left is None:
            return sentence("Submit again in {time}", time=time)
        return sentence("Submit again in {time} ({left} left)", time=time, left=allowance.left)
    if allowance.left is not None:
        return sentence("{submit} ({left} left)", submit=SUBMIT, left=allowance.left)
    return SUBMIT


KEPT = sentence("The model was refused; the earlier score stays.")
UNSCORED = sentence("The model was refused; it is not scored.")

PARTS = (sentence("expected"), sentence("found"), sentence("advice"))
"""The parts of a reason."""


def verdict_content(category: int, verdict: Verdict, width: int, *, earlier: bool) -> Content:
    """Return a verdict as the exam shows it in `width` cells, with its reason and what to try.

    `earlier`: whether the problem already has a score, which a refusal leaves as it is.
    """
    lines: list[Content | tuple[str, str] | str] = [(f"Category{category}  ", "bold $text-strong")]
    of = len(verdict.tests) or TESTS
    if verdict.outcome in ("scored", "failed"):
        style = "bold $run" if verdict.passed == of else "bold $amber" if verdict.passed else "bold $stop"
        passed = sentence("Model tests passed: {passed}/{tests}", passed=verdict.passed, tests=of)
        lines.append((shown(passed), style))
    elif verdict.outcome == "refused":
        lines.append((shown(KEPT if earlier else UNSCORED), "bold $stop"))
    else:
        lines.append((shown(sentence("Not tested: press Submit again, nothing is lost.")), "bold $amber"))
    if (reason := verdict.reason) is not None:
        lines += _reason(*shown_reason(reason), width)
    return Content.assemble(*lines)


def _reason(expected: str, found: str, advice: str, width: int) -> list[Content | tuple[str, str] | str]:
    lines: list[Content | tuple[str, str] | str] = []
    for label, words in zip(PARTS, (expected, found, advice), strict=True):
        if words:
            lines += ["\n", (f"{shown(label):<9}", "$text-faint"), (formatting.hanging(words, width, 9), "$text-body")]
    return lines
