"""The window in which the Python for programs is chosen, as in PyCharm's settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.description import Description
from mockexam.interpreters.interpreter import Interpreter
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import host_of
from mockexam.tui.interpreters import offers
from mockexam.tui.interpreters.before_programs import BeforePrograms
from mockexam.tui.interpreters.details import about, details, gpus_of, rule
from mockexam.tui.interpreters.offers import Offer, Selection
from mockexam.tui.look import glyphs
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.formatting import ending

TYPED = "typed"
"""The id of the row that lets a path be typed; the key of an offer has bars in it."""
NOTE = "note"
"""The id of the row that says what is being done."""

ROOM = 34
"""Cells of a row of the list, so that a path takes one line in any terminal."""

Ask = Callable[[Interpreter], Description]


class ProjectInterpreter(Dialog[Selection | None]):
    """What can be chosen on the left, what is known of it on the right; nothing of it is executed.

    `present` is the interpreter in use. `ask` has it describe itself, by running it; without, there is no button.
    """

    CSS_PATH = "project_interpreter.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def __init__(
        self, rules: ProgramRules, project: Path | None, present: Interpreter | None, *, ask: Ask | None = None
    ) -> None:
        super().__init__()
        self.rules = rules
        self.project = project
        self.present = present
        self.offered: list[Offer] = []
        self._ask = ask
        self._looking = True

    def compose(self) -> ComposeResult:
        """Title, rule, two columns, a field for a path, what went wrong, buttons."""
        fixed = rule(self.rules)
        with Vertical(id="interpreter-dialog"):
            yield Static(shown(sentence("Project Interpreter")), id="interpreter-title")
            yield Static(shown(fixed) if fixed else "", id="interpreter-rule", classes="" if fixed else "-empty")
            with Horizontal(id="interpreter-columns"):
                yield OptionList(id="interpreter-choices")
                with VerticalScroll(id="interpreter-box"):
                    yield Static("", id="interpreter-details")
            field = Input(id="interpreter-path", classes="-empty")
            field.border_title = shown(sentence("Folder of an environment, or a Python"))
            yield field
            yield Static("", id="interpreter-complaint", classes="-empty")
            yield Static("", id="interpreter-gpus", classes="-empty")
            with Horizontal(id="interpreter-buttons"):
                if self._ask is not None:
                    yield PushButton(sentence("Ask for the GPU"), id="interpreter-ask")
                yield PushButton(sentence("Before Programs…"), id="interpreter-before")
                yield Static("", classes="spacer")
                yield PushButton(sentence("Cancel"), key="Esc", id="interpreter-cancel")
                yield PushButton(sentence("Choose"), key="Enter", kind="primary", id="interpreter-choose")

    def on_mount(self) -> None:
        """Show that it is looking, and look."""
        self._list()
        self.query_one(OptionList).focus()
        self._look()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed by a fault of ours."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            host_of(self).trouble(event.worker.error)

    # ── the list ──

    @work(group="look", exit_on_error=False)
    async def _look(self) -> None:
        self._offer(await asyncio.to_thread(offers.known, self.rules, self.project, self.present))
        if self.rules.others:
            self._offer(await asyncio.to_thread(offers.others, self.rules, self.project))
        self._looking = False
        self._list()

    def _offer(self, found: list[Offer]) -> None:
        known = {offer.key for offer in self.offered}
        self.offered += [offer for offer in found if offer.key not in known]
        self._list()

    def _list(self) -> None:
        """Show what was found, keeping the row that is highlighted."""
        if not self.standing:
            return
        choices = self.query_one(OptionList)
        before = self._highlighted_id() or (offers.key_of(self.present) if self.present else None)
        rows = [Option(self._row(offer), id=offer.key) for offer in self.offered]
        if self.rules.others:  # after our own two: those that were found may be many
            own = sum(offer.interpreter.ours for offer in self.offered)
            rows.insert(own, Option(Content("  " + shown(sentence("Type a path…"))), id=TYPED))
        if self._looking:
            looking = Content.styled(glyphs.sign("◌ ") + shown(sentence("Looking on this machine…")), "$text-faint")
            rows.append(Option(looking, id=NOTE, disabled=True))
        choices.clear_options()
        choices.add_options(rows)
        places = [row.id for row in rows]
        if before in places:
            choices.highlighted = places.index(before)
        elif self.offered:
            choices.highlighted = 0

    def _row(self, offer: Offer) -> Content:
        present = self.present is not None and offer.key == offers.key_of(self.present)
        mark = glyphs.sign("● " if present else "  ", shown(sentence("now: ")) if present else "")
        faint = "$text-faint" if offer.refused else ""
        sign = (" !", "$amber") if offer.doubts else ""
        lacking = " " + shown(sentence("no TensorFlow")) if offer.interpreter.tensorflow is None else ""
        return Content.assemble(
            (mark, "$run"),
            (shown(offer.interpreter.name()), faint),
            (lacking, "$text-faint"),
            sign,
            ("\n  " + ending(shown(about(offer.interpreter)), ROOM), "$text-faint"),
        )

    def _highlighted_id(self) -> str | None:
        choices = self.query_one(OptionList)
        place = choices.highlighted
        return choices.get_option_at_index(place).id if place is not None and place < choices.option_count else None

    @property
    def highlighted(self) -> Offer | None:
        """The interpreter whose row is highlighted; None on other rows."""
        name = self._highlighted_id()
        return next((offer for offer in self.offered if offer.key == name), None)

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        offer = self.highlighted
        empty = Content.styled(
            shown(sentence("The Python is checked by reading its files; it isn't run.")), "$text-soft"
        )
        self.query_one("#interpreter-details", Static).update(details(offer) if offer else empty)
        self.query_one("#interpreter-box").scroll_home(animate=False)
        self._tell("gpus", "")
        self.query_one("#interpreter-choose").disabled = bool(offer and offer.refused)
        for button in self.query("#interpreter-ask"):
            button.disabled = offer is None or self.present is None or offer.key != offers.key_of(self.present)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self._choose_or_type()

    # ── a path ──

    def _ask_for_path(self) -> None:
        field = self.query_one("#interpreter-path", Input)
        field.remove_class("-empty")
        field.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._tell("complaint", "")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if text := event.value.strip():
            self._look_at(text)

    @work(group="path", exclusive=True, exit_on_error=False)
    async def _look_at(self, text: str) -> None:
        """Offer what is at a path, or say why it can't be."""
        try:
            offer = await asyncio.to_thread(offers.typed, text, self.rules, self.project)
        except Error as error:
            self._tell("complaint", shown(error.sentence))
            return
        if not self.standing:
            return
        self._offer([offer])
        choices = self.query_one(OptionList)
        choices.highlighted = choices.get_option_index(offer.key)
        self.query_one("#interpreter-path").add_class("-empty")
        choices.focus()

    # ── answers ──

    def _choose_or_type(self) -> None:
        if self._highlighted_id() == TYPED:
            self._ask_for_path()
        elif (offer := self.highlighted) is not None:
            if offer.refused:
                self._tell("complaint", shown(offer.refused))
            else:
                self._choose(offer)

    @work(group="choose", exclusive=True, exit_on_error=False)
    async def _choose(self, offer: Offer) -> None:
        """Give it back, after a question when there are doubts."""
        if offer.doubts:
            trusted = await host_of(self).ask(
                sentence("Do you trust this Python?"),
                sentence(
                    "{doubts} What it holds is run with your permissions whenever a program is run.",
                    doubts=" ".join(map(shown, offer.doubts)),
                ),
                yes=sentence("Use It"),
                no=sentence("Don't"),
                danger=True,
            )
            if not trusted:
                return
        self.dismiss(Selection(offer.interpreter, offer.doubts))

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        event.stop()
        match event.control.id:
            case "interpreter-choose":
                field = self.query_one("#interpreter-path", Input)
                if field.has_class("-empty") or self._highlighted_id() != TYPED:
                    self._choose_or_type()
                elif text := field.value.strip():
                    self._look_at(text)
            case "interpreter-ask":
                self._ask_for_gpus()
            case "interpreter-before":
                self.app.push_screen(BeforePrograms())
            case _:
                self.action_back()

    @work(group="gpus", exclusive=True, exit_on_error=False)
    async def _ask_for_gpus(self) -> None:
        offer = self.highlighted
        if offer is None or self._ask is None:
            return
        self._tell("gpus", shown(sentence("Asking its TensorFlow; that takes some seconds…")))
        try:
            said = gpus_of(await asyncio.to_thread(self._ask, offer.interpreter))
        except Error as error:
            said = error.sentence
        self._tell("gpus", shown(said))

    def _tell(self, place: str, text: str) -> None:
        """Show a line, which takes no room while it is empty."""
        if self.standing:
            line = self.query_one(f"#interpreter-{place}", Static)
            line.update(Content(text))
            line.set_class(not text, "-empty")

    def action_back(self) -> None:
        """Leave the field for a path, or close without a choice."""
        field = self.query_one("#interpreter-path", Input)
        if field.has_focus:
            field.add_class("-empty")
            self._tell("complaint", "")
            self.query_one(OptionList).focus()
        else:
            self.dismiss(None)
