"""The Run window: a tab for each program, its output, its curves, and buttons to run again and to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.running.run_session import RunSession
from mockexam.tui import keymap, tool_windows
from mockexam.tui.look import formatting
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.glyphs import sign
from mockexam.tui.look.handle import Handle, hide_chip
from mockexam.tui.run import run_summary
from mockexam.tui.run.advice_bar import AdviceBar
from mockexam.tui.run.console_view import ConsoleView
from mockexam.tui.run.curves import Curves

HINTS = ("run", "submit", "search_everywhere", "help")


class RunView(Horizontal):
    """One program: buttons, output, curves."""

    def __init__(self, session: RunSession) -> None:
        super().__init__(classes="run-view")
        self.session = session
        self.console = ConsoleView(session.console, session.folding, session.run.cwd)
        self.advice = AdviceBar()
        self.curves = Curves()
        self.stop_chip = Chip("■", classes="stop", tooltip=sentence("Stop"), key=keymap.shown("stop"))

    def compose(self) -> ComposeResult:
        """From left to right."""
        with Vertical(classes="run-side"):
            yield Chip("↻", classes="rerun", tooltip=sentence("Rerun"), key=keymap.shown("rerun"))
            yield self.stop_chip
            yield Chip("⇩", classes="to-end", tooltip=sentence("Scroll to the end"), key=keymap.shown("scroll_end"))
        with Vertical(classes="run-output"):
            yield self.console
            yield self.advice
        yield self.curves

    def on_mount(self) -> None:
        """Show what the program writes from now on."""
        self.session.changed = self.show_changes
        # A short program may have written everything before its window was there.
        self.call_after_refresh(self.show_changes)

    def on_unmount(self) -> None:
        """Leave the program alone."""
        self.session.changed = lambda: None

    def on_resize(self) -> None:
        """Tell the program the size of its terminal."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if self.console.size.width > 0:
            self.session.console.rows = max(2, self.console.size.height)
            self.session.run.resize((self.console.columns, max(2, self.console.size.height)))

    def show_changes(self) -> None:
        """Show new output, and curves when an epoch has ended."""
        if not self.is_mounted or not self.display:
            return
        self.console.refresh_output()
        self.advice.show(self.session)
        if self.session.epochs:
            self.curves.show(run_summary.series(self.session), self.session.epochs_wanted)


class RunWindow(Vertical, can_focus=True):
    """All programs of this sitting; the newest is shown."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("run")

    @dataclass
    class Wanted(Message):
        """Something is to be done with a program: "rerun", "stop", "close", or what stands under its output."""

        name: str
        session: RunSession

    def __init__(self) -> None:
        super().__init__(id="run")
        self.sessions: list[RunSession] = []
        self.shown: RunSession | None = None
        self._facts = ""

    def compose(self) -> ComposeResult:
        """The header, and which key to press while nothing has run yet."""
        with Horizontal(id="run-tabs"):
            yield Static(shown(sentence("Run")), classes="tool-title")
            yield Handle("", "run", classes="spacer")
            yield Static("", id="run-facts")
            yield hide_chip(tool_windows.find("run"))
        with Vertical(id="run-body"):
            yield Static(_hint(), id="run-hint")

    # ── sessions ──

    def add(self, session: RunSession) -> None:
        """Show a new program; it takes the tab of an ended one of the same name."""
        for old in [one for one in self.sessions if one.title == session.title and not one.running]:
            self.drop(old)
        self.sessions.append(session)
        self.query_one("#run-tabs").mount(_RunTab(session), before=self.query_one("#run-tabs > .spacer"))
        self.query_one("#run-body").mount(RunView(session))
        self.show(session)

    def drop(self, session: RunSession) -> None:
        """Close a program's tab."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        for tab in self.query(_RunTab):
            if tab.session is session:
                tab.remove()
        for view in self.query(RunView):
            if view.session is session:
                view.remove()
        if self.shown is session:
            self.show(self.sessions[-1] if self.sessions else None)

    def show(self, session: RunSession | None) -> None:
        """Bring a program to the front."""
        self.shown = session
        self.query_one("#run-hint").display = session is None
        for view in self.query(RunView):
            view.display = view.session is session
            view.set_class(view.session is session, "-shown")
            view.show_changes()
        for tab in self.query(_RunTab):
            tab.set_class(tab.session is session, "-active")
        self.tick()

    @property
    def view(self) -> RunView | None:
        """The view of the program that is shown."""
        return next((view for view in self.query(RunView) if view.session is self.shown), None)

    def tick(self) -> None:
        """Bring the times up to date."""
        facts = run_summary.facts(self.shown, self._room()) if self.shown is not None else ""
        if facts != self._facts:
            resized = cell_len(facts) != cell_len(self._facts)
            self._facts = facts
            self.query_one("#run-facts", Static).update(Content.styled(facts, "$text-soft"), layout=resized)
        if not self.sessions:
            return
        for tab in self.query(_RunTab):
            tab.follow()
        if self.view is not None:
            self.view.stop_chip.set_class(not self.view.session.running, "-idle")
            self.view.show_changes()

    def _room(self) -> int:
        """How many cells of the header the facts may take."""
        row = self.query_one("#run-tabs")
        fixed = [one for one in row.children if one.id != "run-facts" and not one.has_class("spacer")]
        taken = sum(one.outer_size.width + one.styles.margin.width for one in fixed)
        return row.content_size.width - taken - self.query_one("#run-facts").styles.gutter.width

    def size_for_program(self) -> tuple[int, int]:
        """Return (columns, rows) for a program that starts now."""
        view = self.view
        if view is not None and view.console.size.width > 0:
            return view.console.columns, max(2, view.console.size.height)
        width = (self.size.width or self.app.size.width) - 6
        wide = self.app.size.width >= tool_windows.WIDE
        return max(20, width - (64 if wide else 0)), max(5, self.size.height - 1)

    @on(ConsoleView.Typed)
    def typed(self, event: ConsoleView.Typed) -> None:
        """Give what was typed to the program."""
        view = self.view
        if view is not None and view.console is event.view:
            view.session.run.write(event.data)

    # ── buttons ──

    @on(Chip.Pressed, ".rerun")
    def action_rerun(self) -> None:
        """Run again."""
        if self.shown is not None:
            self.post_message(self.Wanted("rerun", self.shown))

    @on(Chip.Pressed, ".stop")
    def stop_pressed(self) -> None:
        """Stop the program that is shown."""
        if self.shown is not None:
            self.post_message(self.Wanted("stop", self.shown))

    @on(Chip.Pressed, ".to-end")
    def action_scroll_end(self) -> None:
        """Follow the output again."""
        if self.view is not None:
            self.view.console.action_scroll_end()

    def action_fold_messages(self) -> None:
        """Open all that is folded, or close it."""
        if self.view is not None:
            self.view.console.toggle_folds()

    def action_clear_output(self) -> None:
        """Empty the window; the log keeps everything."""
        if self.view is not None:
            self.view.session.console.feed("\x1b[2J\x1b[3J\x1b[H")
            self.view.show_changes()

    def action_curves(self) -> None:
        """Show or hide the curves."""
        visible = self.view is not None and self.view.curves.display and self.view.curves.size.width > 0
        self.screen.set_class(not visible, "-curves")
        self.screen.set_class(visible, "-nocurves")
        if self.view is not None:
            self.view.show_changes()

    @on(Chip.Pressed, ".advice")
    def advice_pressed(self, event: Chip.Pressed) -> None:
        """Do what stands under the output of the program that is shown."""
        event.stop()
        if self.shown is not None and event.chip.id is not None:
            self.post_message(self.Wanted(event.chip.id.removeprefix("do-"), self.shown))

    @on(Chip.Pressed, "_RunTab")
    def tab_pressed(self, event: Chip.Pressed) -> None:
        """Show a program, or close its tab."""
        event.stop()
        tab = event.chip
        assert isinstance(tab, _RunTab)
        if event.x >= tab.size.width - 1 - len(tab.cross):
            self.post_message(self.Wanted("close", tab.session))
        else:
            self.show(tab.session)


class _RunTab(Chip):
    """The name of a program; the sign is green while it runs."""

    def __init__(self, session: RunSession) -> None:
        super().__init__(classes="run-tab")
        self.session = session
        self.cross = sign("×", shown(sentence("close")))
        self._drawn: bool | None = None

    def on_mount(self) -> None:
        """Draw it."""
        self.follow()

    def follow(self) -> None:
        """Draw again when the program has ended."""
        running = self.session.running
        if running != self._drawn:
            self._drawn = running
            style = "$run" if running else "$link"
            title = self.session.title
            if running and formatting.spoken():
                title = shown(sentence("{program} runs", program=title))
            self.update(Content.assemble((sign("◆ "), style), title, (f" {self.cross}", "$text-faint")))


def _hint() -> Content:
    parts: list[tuple[str, str] | str] = []
    for name in HINTS:
        action = keymap.find(name)
        parts += [(f"{keymap.shown(name):>8}  ", "$link"), (f"{shown(action.about)}\n", "$text-soft")]
    return Content.assemble(*parts).rstrip()
