"""The first screen: take the exam, resume it, or look at results, packs and the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from graders.sentences import Words, sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import Choice
from mockexam.tui.pages.page import Page
from mockexam.tui.pages.welcome_state import BUILT_IN, BUILT_IN_FORM, WelcomeState

POLL_SECONDS = 0.5


class WelcomeScreen(Page):
    """A menu in the manner of an IDE's welcome window; it is whole before anything has been read from disk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "app.focus_next", show=False),
        Binding("up,k", "app.focus_previous", show=False),
        *(Binding(str(number), f"choose({number})", show=False) for number in range(1, 7)),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown = WelcomeState()

    def body(self) -> Iterable[Widget]:
        """The menu; *Resume* stays hidden until an attempt is known to be running."""
        yield Static(shown(sentence("Welcome to mockexam")), id="greeting")
        yield Static(shown(sentence("A rehearsal of the retired TensorFlow exam.")), id="greeting-more")
        resume = Choice("▷", sentence("Resume"), "", style="$run", id="resume")
        resume.display = False
        yield resume
        yield Choice("◆", sentence("Take the certificate exam"), self.take_hint(), id="take")
        yield Choice(
            "≡",
            sentence("Results"),
            sentence("What earlier exams came to, by problem"),
            style="$text-soft",
            id="results",
        )
        yield Choice(
            "▤", sentence("Problem packs"), sentence("Where the problems come from"), style="$text-soft", id="packs"
        )
        yield Choice(
            "✓",
            sentence("Check environment"),
            sentence("Versions, memory, disk, colours, isolation"),
            style="$text-soft",
            id="doctor",
        )
        legend = sentence(
            "↑↓ choose   Enter open   {search} search   {help} keys   {quit} quit",
            search=keymap.shown("search_everywhere"),
            help=keymap.shown("help"),
            quit=keymap.shown("quit_app"),
        )
        yield Static(shown(legend), id="legend")

    def take_hint(self) -> str:
        """What the exam is: the form of the pack that will be chosen, as far as it is known before packs are read."""
        pack = self.host.launch_options.pack or self.host.settings.get("pack", BUILT_IN)
        if pack == BUILT_IN:
            return formatting.form(*BUILT_IN_FORM)
        return shown(sentence("Problems from a pack, against the clock"))

    def on_mount(self) -> None:
        """Select the usual row, and look at the exam service from time to time."""
        self.query_one("#take").focus()
        self._polling = self.set_interval(POLL_SECONDS, self._look_around)

    def on_screen_suspend(self) -> None:
        """Rest while another screen is on top."""
        self._polling.pause()

    def on_screen_resume(self) -> None:
        """Look again: things may have changed while another screen was on top."""
        self._polling.reset()
        self.host.look()

    def _look_around(self) -> None:
        self.host.poll()
        self._count_down()

    def show_welcome_state(self, welcome_state: WelcomeState) -> None:
        """Show what the exam service knows: an attempt that is running or prepared, and how many have ended."""
        self._shown = welcome_state
        resume, take = self.query_one("#resume", Choice), self.query_one("#take", Choice)
        fresh = not resume.display
        resume.display = welcome_state.attempt is not None
        take.disabled = welcome_state.running
        busy = sentence("One exam at a time: end the running one first")
        take.hint = shown(busy) if welcome_state.running else self.take_hint()
        if welcome_state.attempt is not None:
            resume.title = shown(welcome_state.title)
            resume.hint = f"{welcome_state.attempt.candidate} · {welcome_state.folder}"
            if fresh and self.focused in (take, None):
                resume.focus()
        elif self.focused is None:
            take.focus()
        ended = welcome_state.ended
        if ended:
            self.query_one("#results", Choice).aside = str(ended)
        self._count_down()

    def _count_down(self) -> None:
        if self.app.screen_stack[-1:] != [self]:  # a change below another screen paints all of it again
            return
        welcome_state = self._shown
        if welcome_state.running and welcome_state.attempt is not None:
            left = self.host.time_left(welcome_state.attempt)
            self.query_one("#resume", Choice).aside = shown(sentence("{time} left", time=formatting.clock(left)))

    def palette_commands(self) -> Iterable[tuple[Words, Words, Callable[[], object]]]:
        """The rows of the menu, for Search Everywhere."""
        for row in self.query(Choice):
            if row.display and not row.disabled:
                yield row.title, row.hint, row.action_press

    def action_choose(self, number: int) -> None:
        """Choose a row by its place among those shown."""
        rows = [row for row in self.query(Choice) if row.display]
        if number <= len(rows):
            rows[number - 1].action_press()

    def action_back(self) -> None:
        """Do nothing: there is no screen before this one."""

    @on(Choice.Pressed)
    def _open(self, event: Choice.Pressed) -> None:
        self.host.open_page(event.control.id or "")
