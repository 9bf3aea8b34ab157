"""The statement of a problem: its title, its contract at a glance, its text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from graders.contract import Contract, Limits, Scoring, Threshold
from graders.formats import BY_NAME
from graders.metrics.table import label
from graders.sentences import sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.prose import Prose


def shape(dimensions: Sequence[int | None]) -> str:
    """Write a shape as Python does; None, which stands for any length, as "any"."""
    inner = ", ".join(shown(sentence("any")) if size is None else str(size) for size in dimensions)
    return f"({inner},)" if len(dimensions) == 1 else f"({inner})"


def threshold_words(threshold: Threshold) -> str:
    """Write the condition of a test."""
    name = shown(label(threshold.metric))
    return f"{name} ≤ {threshold.at_most:g}" if threshold.at_most is not None else f"{name} ≥ {threshold.at_least:g}"


def contract_lines(contract: Contract, scoring: Scoring, limits: Limits, save: str) -> list[tuple[str, str, str]]:
    """Return the contract as (label, words, style), a line each."""
    last = "" if contract.activation in ("any", "linear") else f"  {contract.activation}"
    formats = " ".join(BY_NAME[name].label for name in contract.formats)
    limit = sentence(
        "{size}, {seconds} s to test",
        size=formatting.size(contract.max_bytes),
        seconds=f"{limits.wall_seconds:.0f}",
    )
    lines = [
        (shown(sentence("Save")), save, "$run"),
        (shown(sentence("Input")), f"{shape(contract.input_shape)}  {contract.input_dtype}", "$text-body"),
        (shown(sentence("Output")), f"{shape(contract.output_shape)}{last}", "$text-body"),
        (shown(sentence("Formats")), formats, "$text-body"),
        (shown(sentence("Limit")), shown(limit), "$text-body"),
    ]
    tests = sentences("{count} test", "{count} tests", count=scoring.tests)
    if scoring.mode == "ladder" and scoring.thresholds:
        direction = "≤" if scoring.thresholds[0].at_most is not None else "≥"
        thresholds = f"{shown(label(scoring.thresholds[0].metric))} {direction} " + " ".join(
            f"{step:g}" for step in scoring.graded_thresholds
        )
    else:
        thresholds = ", ".join(threshold_words(threshold) for threshold in scoring.thresholds)
    lines.append((shown(tests), thresholds, "$text-body"))
    if not contract.lambda_allowed:
        lines.append((shown(sentence("Rules")), shown(sentence("no Lambda layers")), "$text-body"))
    return lines


class Statement(VerticalScroll):
    """A page that scrolls; its Markdown is laid out after the first paint."""

    def __init__(self, *, id: str = "statement") -> None:
        super().__init__(id=id)
        self._shown: tuple[str, str] | None = None

    def compose(self) -> ComposeResult:
        """Title and contract, then the text."""
        yield Static("", classes="statement-title")
        yield Prose("")

    async def show(
        self, title: str, subtitle: str, difficulty: int, contract: list[tuple[str, str, str]], text: str
    ) -> None:
        """Show a problem; showing the same again keeps the place."""
        if self._shown == (title, text):
            return
        self._shown = (title, text)
        stars = [("●" * difficulty, "$amber"), ("○" * (5 - difficulty), "$text-faint")]
        if formatting.spoken():
            stars = [(shown(sentence("difficulty {number} of 5", number=difficulty)), "$text-soft")]
        parts: list[tuple[str, str] | str] = [
            (f"{title}\n", "bold $text-strong"),
            (f"{subtitle}  ", "$text-soft"),
            *stars,
        ]
        for heading, words, style in contract:
            parts += ["\n", (f"{heading:<8}", "$text-soft"), (words, style)]
        self.query_one(".statement-title", Static).update(Content.assemble(*parts))
        await self.query_one(Prose).update(_without_title(text))
        self.scroll_home(animate=False)


def _without_title(text: str) -> str:
    """Leave out a leading heading: the title is already shown above."""
    first, _, rest = text.lstrip().partition("\n")
    return rest if first.startswith("# ") else text
