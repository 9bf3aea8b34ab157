"""The main toolbar: project, clock, what Run starts, run, stop, End Exam."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.glyphs import sign

HURRY = 30 * 60
LAST_MINUTES = 5 * 60


class Clock(Static):
    """The time left, with a bar of the time used."""

    left: reactive[float] = reactive(0.0)

    def __init__(self, minutes: int, left: float) -> None:
        super().__init__(id="clock")
        self.minutes = minutes
        self.set_reactive(Clock.left, left)

    def render(self) -> Content:
        """Draw the clock; amber in the last half hour, red in the last five minutes."""
        whole = max(1.0, self.minutes * 60.0)
        style = "$stop" if self.left <= LAST_MINUTES else "$amber" if self.left <= HURRY else "$progress"
        strong = "bold $text-strong" if self.left > HURRY else f"bold {style}"  # untranslated: Textual reads it
        width = 8 if self.app.size.width < 100 else 12
        left = formatting.clock(self.left)
        before, _, after = shown(sentence("{time} left", time=left)).partition(left)
        return Content.assemble(
            (sign("◷ "), "$text-soft"),
            (before, "$text-faint"),
            (left, strong),
            (f"{after} ", "$text-faint"),
            formatting.bar(1 - self.left / whole, width, style),
        )

    def watch_left(self) -> None:
        """Draw again, without a new layout: the text keeps its width from one second to the next."""
        self.refresh(layout=False)


class Toolbar(Horizontal):
    """The row at the top. Its chips are project-menu, config, run-button, stop-button and end-exam."""

    category: reactive[str] = reactive("")
    running: reactive[bool] = reactive(False)

    def __init__(self, project: str, minutes: int, left: float) -> None:
        super().__init__(id="toolbar")
        self.project = project
        self.minutes = minutes
        self.left = left

    def compose(self) -> ComposeResult:
        """The parts from left to right."""
        yield Static(" M ", id="brand")
        yield Chip(Content.assemble(self.project, (sign(" ▾"), "$text-faint")), id="project-menu")
        yield Static("", classes="spacer")
        yield Clock(self.minutes, self.left)
        yield Static("", classes="spacer")
        yield Chip("", id="config", tooltip=sentence("What Run starts"))
        run, stop = keymap.find("run").title, keymap.find("stop").title
        yield Chip(sign("▷", shown(run)), id="run-button", tooltip=run, key=keymap.shown("run"))
        yield Chip(sign("■", shown(stop)), id="stop-button", classes="-idle", tooltip=stop, key=keymap.shown("stop"))
        yield Chip(f"{shown(sentence('End Exam'))}{sign(' ▾')}", id="end-exam")

    def watch_category(self, category: str) -> None:
        """Show what Run starts."""
        if self.is_mounted:
            self.query_one("#config", Chip).update(
                Content.assemble((sign("◆ "), "$link"), category, (sign(" ▾"), "$text-faint"))
            )

    def watch_running(self, running: bool) -> None:
        """Dim Stop when there is nothing to stop."""
        if self.is_mounted:
            self.query_one("#stop-button").set_class(not running, "-idle")

    def on_mount(self) -> None:
        """Show the first state."""
        self.watch_category(self.category)
        self.watch_running(self.running)

    def show_time(self, left: float) -> None:
        """Set the clock, in seconds."""
        self.query_one(Clock).left = left
