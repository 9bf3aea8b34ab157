"""The submissions of a problem, newest first, and the receipt of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from textual import on
from textual.content import Content
from textual.message import Message
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from graders.sentences import Sentence, Words, sentence
from graders.verdict import Verdict
from mockexam.exam.form import TESTS
from mockexam.exam.telling import number
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.glyphs import sign

if TYPE_CHECKING:
    from textual.css.styles import RulesMap
    from textual.strip import Strip
    from textual.style import Style

    from mockexam.sitting.service import Submission

Part = Content | tuple[str, str] | str

TESTED_NOW = sentence("being tested")
NOT_TESTED = sentence("not tested")


class _Line(Visual):
    """A row's content, made when it is drawn: kept for hundreds of submissions it would take megabytes."""

    def __init__(self, submission: Submission, zone: tzinfo | None) -> None:
        self.submission = submission
        self.zone = zone
        self._height = (0, 0)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Draw it."""
        return row(self.submission, self.zone).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Return the width of one line."""
        return row(self.submission, self.zone).get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Return the number of lines."""
        if self._height[0] != width:
            self._height = (width, row(self.submission, self.zone).get_height(rules, width))
        return self._height[1]


class History(OptionList):
    """A row for each submission; Enter or a click asks for its receipt."""

    @dataclass
    class ReceiptRequested(Message):
        """A submission was chosen."""

        submission: Submission

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__(id="history", compact=True)
        self.zone = zone
        self._shown: list[Submission] = []

    def show(self, submissions: Sequence[Submission]) -> None:
        """Show the submissions of one problem."""
        newest = sorted(submissions, key=lambda submission: -submission.number)
        if newest == self._shown:
            return
        chosen = self._shown[self.highlighted].id if self.highlighted is not None else None
        # Rows that stay are not made again: otherwise each submission would cost as many rows as there are.
        made = {one.id: (one, option) for one, option in zip(self._shown, self.options, strict=True)}
        self._shown = newest
        self.clear_options()
        self.add_options(
            kept[1] if (kept := made.get(one.id)) and kept[0] == one else Option(_Line(one, self.zone))
            for one in newest
        )
        self.highlighted = next((at for at, one in enumerate(newest) if one.id == chosen), None)

    @on(OptionList.OptionSelected)
    def ask_receipt(self, event: OptionList.OptionSelected) -> None:
        """Ask for the receipt of the row."""
        event.stop()
        self.post_message(self.ReceiptRequested(self._shown[event.option_index]))


def row(submission: Submission, zone: tzinfo | None = None) -> Content:
    """Return a submission as one line: number, time, tests, and size or what was wrong."""
    at = submission.pressed_at.astimezone(zone).strftime("%H:%M")
    parts: list[Part] = [(f"#{submission.number:<3}", "$text-soft"), (f"{at}  ", "$text-soft")]
    return Content.assemble(*parts, *_outcome(submission))


def _outcome(submission: Submission) -> list[Part]:
    verdict = submission.verdict
    if verdict is None:
        return [(f"{sign('◌ ')}{shown(TESTED_NOW)}", "$amber")]
    if verdict.outcome == "unable":
        return [(shown(NOT_TESTED), "$amber"), ("  " + shown(sentence("press again")), "$text-faint")]
    if verdict.outcome == "refused":
        return [("–    " + shown(sentence("refused")), "$stop"), (f"  {_cause(verdict)}", "$text-faint")]
    of = len(verdict.tests) or TESTS
    style = "$run" if verdict.passed == of else "$amber" if verdict.passed else "$stop"
    note = formatting.size(submission.bytes) if verdict.outcome == "scored" else _cause(verdict)
    return [formatting.dots(verdict.passed, of), (f"  {verdict.passed}/{of}", style), (f"   {note}", "$text-faint")]


def _cause(verdict: Verdict) -> str:
    return verdict.reason.code.replace("-", " ") if verdict.reason is not None else ""


def receipt_lines(
    submission: Submission, zone: tzinfo | None = None, precision: int | None = None
) -> list[tuple[Words, Words]]:
    """Return a receipt as (label, words): what was received, when, what it was and what came of it.

    `precision` is to how many digits metrics are rounded. Tests of which no metric is told have no lines.
    """
    verdict = submission.verdict
    lines: list[tuple[Words, Words]] = [
        (sentence("Pressed"), submission.pressed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")),
        (sentence("File"), str(submission.source)),
        (sentence("Size"), formatting.size(submission.bytes)),
        ("SHA-256", submission.sha256),
    ]
    if verdict is None:
        return [*lines, (sentence("Verdict"), TESTED_NOW)]
    lines.append((sentence("Verdict"), verdict_words(verdict)))
    if verdict.receipt is not None:
        lines += _examined(verdict.receipt)
    for place, test in enumerate(verdict.tests, 1):
        if not test.values:
            break
        values = "  ".join(f"{name} {number(value, precision)}" for name, value in test.values.items())
        outcome = (
            sentence("passed   {values}", values=values)
            if test.passed
            else sentence("failed   {values}", values=values)
        )
        lines.append((sentence("Test {number}", number=place), outcome))
    lines += [(sentence("Note"), note) for note in verdict.notes_in_words]
    lines.append((sentence("Isolation"), verdict.isolation))
    return lines


def _examined(receipt: Any) -> list[tuple[Words, Words]]:
    facts: list[tuple[Words, Any]] = [
        (sentence("Format"), receipt.format),
        ("Keras", receipt.keras_version),
        (sentence("Loader"), receipt.loader),
        (sentence("Layers"), receipt.layers),
        (sentence("Parameters"), f"{receipt.parameters:,}" if receipt.parameters is not None else None),
        (sentence("Input"), receipt.input_shape),
        (sentence("Output"), receipt.output_shape),
        (
            sentence("Seconds"),
            "  ".join(f"{phase} {seconds:.1f}" for phase, seconds in receipt.timings.items()) or None,
        ),
    ]
    return [(label, str(value)) for label, value in facts if value is not None]


def verdict_words(verdict: Verdict) -> Sentence:
    """Return a verdict in a few words."""
    if verdict.outcome == "scored":
        return sentence("{passed}/{tests} tests passed", passed=verdict.passed, tests=len(verdict.tests))
    words = {
        "refused": sentence("refused; not scored"),
        "failed": sentence("failed; 0 tests passed"),
        "unable": NOT_TESTED,
    }
    return words[verdict.outcome]
