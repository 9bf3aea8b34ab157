"""The problem packs that were found, and what is wrong with those that can't be used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from graders.sentences import sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.sheet import Sheet
from mockexam.tui.pages.page import Page

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Entry
    from mockexam.packs.format.faults import Fault
    from mockexam.packs.format.model import Pack

INDENT = 3


class PacksScreen(Page):
    """Each pack with its problems."""

    CSS_PATH = "packs.tcss"
    heading = sentence("Problem packs")

    def body(self) -> Iterable[Widget]:
        """A box that scrolls."""
        with VerticalScroll(id="packs-box"):
            yield Sheet(Content.styled(shown(sentence("Looking…")), "$text-soft"), id="packs")

    def buttons(self) -> Iterable[PushButton]:
        """The way back."""
        yield PushButton(sentence("Back"), key="Esc", id="back")

    def on_mount(self) -> None:
        """Read the packs."""
        self.query_one("#packs-box").focus()
        self._load()

    @work(group="packs", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        catalogue = self.host.exams.catalogue
        await asyncio.to_thread(catalogue.refresh)
        entries = await asyncio.to_thread(catalogue.entries)
        self.query_one("#packs", Sheet).show(partial(listed, entries))

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.action_back()


def listed(entries: Sequence[Entry], width: int) -> Content:
    """All packs, one below the other."""
    if not entries:
        return Content(shown(sentence("No pack was found. Install mockexam again to have the built-in one.")))
    return Content("\n\n").join([described(entry, width) for entry in entries])


def described(entry: Entry, width: int) -> Content:
    """A pack in words, `width` cells wide: title, where it comes from, its problems by category, its faults."""
    faults = [_fault(fault, width) for fault in entry.faults]
    if entry.pack is None:
        name = entry.root.name or entry.origin
        unusable = "   " + shown(sentence("can't be used"))
        head = Content.assemble(("✗  ", "$stop"), (name, "bold $text-strong"), (unusable, "$stop"))
        return Content("\n").join([head, *faults])
    pack = entry.pack
    source = formatting.homely(entry.root)
    if entry.kind == "distribution":
        source = shown(sentence("installed with {distribution}", distribution=entry.origin))
    head = Content.assemble(("▤  ", "$link"), (pack.title, "bold $text-strong"), (f"   {pack.version}", "$text-faint"))
    facts = f"{pack.id} · {', '.join(pack.authors)} · {pack.license} · {source}"
    form = shown(
        sentences(
            "{count} minute, {mark} of 100 points pass",
            "{count} minutes, {mark} of 100 points pass",
            count=pack.form.minutes,
            mark=pack.form.pass_mark,
        )
    )
    said = [Content.styled("   " + formatting.hanging(text, width, INDENT), "$text-soft") for text in (facts, form)]
    return Content("\n").join([head, *said, *_problems(pack, width), *faults])


def _problems(pack: Pack, width: int) -> list[Content]:
    title = max(12, min(34, width - 25))
    return [
        Content.assemble(
            (f"   {problem.category}  ", "$text-soft"),
            (formatting.fitted(problem.title, title) + "  ", "$text-body"),
            ("●" * problem.difficulty, "$amber"),
            ("○" * (5 - problem.difficulty), "$text-faint"),
            (f"  {formatting.span(problem.minutes * 60):>10}", "$text-faint"),
        )
        for problem in pack.problems
    ]


def _fault(fault: Fault, width: int) -> Content:
    place = f"{fault.file.name}:{fault.line}" if fault.line else fault.file.name
    style = "$stop" if fault.severity == "error" else "$amber"
    words = sentence(
        "expected {expected}; found {found}. {advice}", expected=fault.expected, found=fault.found, advice=fault.advice
    )
    said = formatting.hanging(shown(words), width, INDENT)
    return Content.assemble((f"   {place}\n", style), "   " + said)
