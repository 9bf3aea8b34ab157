"""The problem packs that were found, and what is wrong with those that can't be used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from mockexam.tui import marks
from mockexam.tui.controls import PushButton
from mockexam.tui.outlook import homely
from mockexam.tui.screens.page import Page

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Entry
    from mockexam.packs.faults import Fault
    from mockexam.packs.model import Pack


class PacksScreen(Page):
    """Each pack with its problems."""

    CSS_PATH = "packs.tcss"
    heading = "Problem packs"

    def body(self) -> Iterable[Widget]:
        """A box that scrolls."""
        with VerticalScroll(id="packs-box"):
            yield Static(Content.styled("Looking…", "$text-soft"), id="packs")

    def buttons(self) -> Iterable[PushButton]:
        """The way back."""
        yield PushButton("Back", key="Esc", id="back")

    def on_mount(self) -> None:
        """Read the packs."""
        self.query_one("#packs-box").focus()
        self._load()

    @work(group="packs", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        catalogue = self.desk.office.catalogue
        await asyncio.to_thread(catalogue.refresh)
        entries = await asyncio.to_thread(catalogue.entries)
        parts = [described(entry) for entry in entries]
        if not parts:
            parts = [Content("No pack was found. Install mockexam again to have the built-in one.")]
        self.query_one("#packs", Static).update(Content("\n\n").join(parts))

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.action_back()


def described(entry: Entry) -> Content:
    """A pack in words: title, where it comes from, its problems by category, its faults."""
    faults = [_fault(fault) for fault in entry.faults]
    if entry.pack is None:
        head = Content.assemble(
            ("✗  ", "$stop"), (entry.root.name or entry.origin, "bold $text-strong"), ("   can't be used", "$stop")
        )
        return Content("\n").join([head, *faults])
    pack = entry.pack
    source = "installed with " + entry.origin if entry.kind == "distribution" else homely(entry.root)
    head = Content.assemble(("▤  ", "$link"), (pack.title, "bold $text-strong"), (f"   {pack.version}", "$text-faint"))
    facts = Content.styled(f"   {pack.id} · {', '.join(pack.authors)} · {pack.license} · {source}", "$text-soft")
    form = Content.styled(f"   {pack.form.minutes} minutes, {pack.form.pass_mark} of 100 points pass", "$text-soft")
    return Content("\n").join([head, facts, form, *_problems(pack), *faults])


def _problems(pack: Pack) -> list[Content]:
    return [
        Content.assemble(
            (f"   {problem.category}  ", "$text-soft"),
            (f"{problem.title:<34}", "$text-body"),
            Content.assemble(("●" * problem.difficulty, "$amber"), ("○" * (5 - problem.difficulty), "$text-faint")),
            (f"   about {marks.span(problem.minutes * 60)}", "$text-faint"),
        )
        for problem in pack.problems
    ]


def _fault(fault: Fault) -> Content:
    place = f"{fault.file.name}:{fault.line}" if fault.line else fault.file.name
    style = "$stop" if fault.severity == "error" else "$amber"
    return Content.assemble((f"   {place}  ", style), f"expected {fault.expected}; found {fault.found}. {fault.advice}")
