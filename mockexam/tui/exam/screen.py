"""The exam screen: PyCharm's layout with the problems on the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from mockexam.tui import keymap, tool_windows
from mockexam.tui.code import syntax
from mockexam.tui.code.editor import Editor
from mockexam.tui.exam.parts import Ground, Parts
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.exam_panel import ProblemList
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.host import Host, host_of
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.handle import Handle
from mockexam.tui.run.console_view import ConsoleView
from mockexam.tui.run.run_window import RunWindow
from mockexam.workspace import layout
from mockexam.workspace.dropped import model_dropped

PATIENCE = 0.5


def warm() -> Path:
    """Load what the first file to be opened needs, and return the screen's style sheet; blocking."""
    syntax.python_highlights()
    return Path(__file__).with_name(ExamScreen.CSS_PATH)


class ExamScreen(Screen[None]):
    """Puts the widgets in their places, and passes on what keys and widgets say; the parts do the work."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("exam")

    def __init__(self, attempt_id: str) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.settled = False
        self._begun = False
        self._left = False

    @property
    def host(self) -> Host:
        """The app, with its exams, clock and grader."""
        return host_of(self)

    def compose(self) -> ComposeResult:
        """Toolbar, body, status bar."""
        self._fit_terminal()
        attempt = self.host.exams.attempt(self.attempt_id)
        ground = Ground(
            self.app,
            self.host,
            self,
            self.notify,
            self._start,
            tell=self.app.post_message,
            perform=self._perform,
            stands=self._stands,
        )
        self.parts = parts = Parts(ground, attempt)
        self.attempt, self.files, self.windows = attempt, parts.files, parts.windows
        self.runs, self.run_window, self.submissions = parts.runs, parts.run_window, parts.submissions
        self.standing = parts.standing
        # Reads the pack, which takes as long as the first paint.
        self._briefing = asyncio.ensure_future(asyncio.to_thread(parts.view_model.briefing, self.category))
        yield parts.toolbar
        with Horizontal(id="body"):
            yield parts.stripe
            with Vertical(id="middle"):
                with Horizontal(id="upper"):
                    yield from _placed(parts.panes, "left")
                    yield parts.area
                    yield from _placed(parts.panes, "right")
                yield from _placed(parts.panes, "bottom")
        yield parts.status

    def _fit_terminal(self) -> None:
        """Set the classes of the terminal's size from the start.

        Textual adds them after the first layout, and styles and lays out everything again: 40 ms.
        """
        size, app = self.app.size, self.app
        self.add_class(*self._get_breakpoint_classes(size.width, app.HORIZONTAL_BREAKPOINTS or []))
        self.add_class(*self._get_breakpoint_classes(size.height, app.VERTICAL_BREAKPOINTS or []))

    @property
    def category(self) -> int:
        """The problem worked on."""
        return self.standing.category

    def _stands(self) -> bool:
        return self.is_mounted and not (self._pruning or self._closing or self._closed)

    def _start(self, work: Coroutine[Any, Any, object], *, group: str, exclusive: bool = False) -> None:
        self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    # ── beginning and end ──

    def on_mount(self) -> None:
        """Put windows in their places for the first paint."""
        self.windows.apply()

    def on_screen_resume(self) -> None:
        """Load files, tree, statement and standing right after the first paint."""
        if not self._begun:
            self._begun = True
            self.call_later(lambda: self._start(self._settle_in(), group="settle"))

    async def _settle_in(self) -> None:
        parts = self.parts
        with ExitStack() as one_picture:
            # Each part alone would have all the others laid out and painted again: three times 30 ms. A disk that
            # hangs must not keep the screen from being drawn.
            one_picture.enter_context(self.app.batch_update())
            self.set_timer(PATIENCE, one_picture.close)
            await parts.restore()
            await parts.standing.read()
            if self._briefing.done():
                await parts.standing.show_briefing(await self._briefing)
        # These need the layout.
        self.files.focus()
        self.call_after_refresh(parts.area.hand_on_keys)
        if self.files.active is not None:
            parts.project.files.reveal(self.files.active)
        await parts.standing.show_briefing(await self._briefing)
        parts.follow_grader()
        await self.submissions.take_up()
        self.settled = True
        if self.host.garbage is not None:
            self.host.garbage.keep()
        parts.pulse.begin(self.set_interval)
        await parts.interpreter.read()

    def on_key(self, event: events.Key) -> None:
        """Keep what is typed before there is code to type it into."""
        if not self.settled and self.focused is None and event.is_printable:
            self.parts.area.keep_key(event)

    async def leave(self) -> None:
        """Save, write down time and layout, stop programs."""
        if not self._left:
            self._left = True
            await self.parts.leave()

    async def save_rest(self) -> None:
        """Save what was typed after `leave`, before the app is gone."""
        if self._left:
            await self.parts.save_all()

    # ── for the app ──

    def palette_commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """Offer problems and files to Search Everywhere."""
        for title, about, path in self.parts.places():
            yield title, about, partial(self.open_file, path)

    def action_target(self, scope: keymap.Scope) -> DOMNode | None:
        """What performs the actions of a scope: the editor and the windows only while they can be seen."""
        if scope == "exam":
            return self
        targets = {"editor": self.files.editor, "run": self.run_window, "plots": self.parts.plots_window}
        target = targets.get(scope)
        return target if target is not None and target.is_on_screen else None

    # ── keys: run and submit ──

    def action_run(self) -> None:
        """Run the starter of the active problem."""
        self.parts.run_file(layout.starter(self.attempt.project, self.category))

    def action_stop(self) -> None:
        """Stop the program that is shown, else the one of the active problem, else the newest."""
        self._start(self.runs.stop_one(self.category), group="stop")

    def action_submit(self) -> None:
        """Submit the model of the active problem."""
        self.parts.submit(self.category)

    def action_choose_model(self, start: str = "") -> None:
        """Ask for a model file, and submit it for the active problem."""
        self._dialog(self.parts.menus.choose_model(Path(start) if start else None))

    def action_error_place(self) -> None:
        """Go to the candidate's own line of the last traceback."""
        if (link := self.runs.last_link()) is not None:
            self.open_file(link.path, (link.line - 1, 0))

    def action_advice(self, name: str) -> None:
        """Do what stands under the output of the program that is shown."""
        self.parts.do_with_program(name, None)

    # ── keys: windows, tabs, files ──

    def action_toggle_window(self, window: str) -> None:
        """Open a closed window, go to an open one, close the one that has the focus."""
        self.windows.toggle(window)

    def action_cycle_windows(self, by: int) -> None:
        """Go to the next window, wrapping round."""
        self.windows.cycle(by)

    def action_last_window(self) -> None:
        """Go back to the window that had the focus last."""
        self.windows.go_to_last()

    def action_stretch(self, by_x: int, by_y: int) -> None:
        """Move the edge between the code and a window, by columns and rows."""
        self.windows.stretch_shown(by_x, by_y)

    def action_hide_windows(self) -> None:
        """Hide all windows, or bring them back."""
        self.windows.hide_all()

    def action_to_editor(self) -> None:
        """Go back to the code."""
        self.windows.close_over()
        self.files.focus()

    def open_file(self, path: Path, place: tuple[int, int] | None = None) -> None:
        """Open a file, at a row and column."""
        self.parts.open_file(path, place)

    def action_step_tab(self, by: int) -> None:
        """Show the next tab, or the one before."""
        self._start(self.files.step(by), group="open")

    def action_close_tab(self) -> None:
        """Save and close the tab."""
        self._start(self.parts.commands.close(), group="open")

    def action_save(self) -> None:
        """Save everything."""
        self._start(self.parts.commands.save(), group="save")

    def action_open_outside(self) -> None:
        """Edit the file in $EDITOR; the screen waits, the clock and the programs do not."""
        self._start(self.parts.commands.open_outside(), group="open")

    # ── keys: the exam ──

    def action_step_problem(self, by: int) -> None:
        """Go to the next category, or the one before."""
        self.parts.go_to_problem(self.standing.neighbour(by))

    def action_instructions(self) -> None:
        """Show the rules."""
        self.host.show_instructions()

    def action_ask(self, name: str) -> None:
        """Open the dialog of an action."""
        parts = self.parts
        asking: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "recent_files": parts.menus.recent_files,
            "reset_starter": partial(parts.commands.reset_starter, self.category),
            "interpreter": parts.interpreter.ask,
            "end_exam": parts.menus.end_exam,
        }
        self._dialog(asking[name]())

    # ── menus and dialogs ──

    async def _perform(self, name: str) -> None:
        row = keymap.find(name)
        await self.run_action(f"app.{name}" if row.scope == "app" else keymap.call(row))

    def _dialog(self, work: Coroutine[Any, Any, object]) -> None:
        self._start(work, group="dialog", exclusive=True)

    @on(Chip.Pressed)
    def chip_pressed(self, event: Chip.Pressed) -> None:
        """Do what the toolbar, the stripe or the status bar say."""
        name, menus = event.chip.id or "", self.parts.menus
        plain: dict[str, Callable[[], object]] = {
            "run-button": self.action_run,
            "stop-button": self.action_stop,
            "open-help": self.host.action_help,
            "position": self.parts.area.go_to_line,
            "interpreter": partial(self.action_ask, "interpreter"),
        }
        below = {"end-exam": menus.exam, "config": menus.config, "project-menu": menus.project}
        if name in plain:
            plain[name]()
        elif name in below:
            self._dialog(below[name](event.chip.region))
        elif name.endswith("-hide"):
            self.windows.close(name.removesuffix("-hide"))
        elif name.startswith(("stripe-", "open-")):
            self.windows.toggle_shown(name.partition("-")[2])

    # ── what widgets say ──

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed by a fault of ours; the exam goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.host.trouble(event.worker.error)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which window has the focus."""
        self.windows.note_focus(event.widget)
        self.parts.area.completing.focus_moved(event.widget)

    def on_resize(self, event: events.Resize) -> None:
        """Give side windows their own space, or lay them over the code."""
        self.windows.apply()

    @on(Handle.Dragged)
    def handle_dragged(self, event: Handle.Dragged) -> None:
        """Change the size of a window."""
        self.windows.stretch(event.handle.window, event.by_x, event.by_y)

    @on(Editor.RunPressed)
    def run_pressed(self, event: Editor.RunPressed) -> None:
        """Run the file whose arrow was clicked."""
        if event.editor.path is not None:
            self.parts.run_file(event.editor.path)

    @on(Editor.ModelDropped)
    def model_dropped(self, event: Editor.ModelDropped) -> None:
        """Offer to submit a model whose path was dropped on the terminal."""
        self.action_choose_model(str(event.path))

    def on_paste(self, event: events.Paste) -> None:
        """A file may be dropped on any window: terminals paste its path to the one with the focus."""
        model = model_dropped(event.text)
        if model is not None:
            event.stop()
            self.action_choose_model(str(model))

    @on(ProjectTree.Opened)
    def file_opened(self, event: ProjectTree.Opened) -> None:
        """Open a file of the tree."""
        self.open_file(event.path)

    @on(ProblemList.Chosen)
    def problem_chosen(self, event: ProblemList.Chosen) -> None:
        """Make a problem the active one."""
        self.standing.choose(event.category)

    @on(ProblemList.Opened)
    def problem_opened(self, event: ProblemList.Opened) -> None:
        """Go to a problem's starter."""
        self.parts.go_to_problem(event.category)

    @on(PushButton.Pressed, "#submit")
    def submit_pressed(self) -> None:
        """Submit and Test."""
        self.action_submit()

    @on(Banner.Answered)
    def banner_answered(self, event: Banner.Answered) -> None:
        """Submit a model that was offered."""
        banner = event.banner
        if banner.topic == "model" and event.answer == "submit" and isinstance(banner.subject, tuple):
            self.parts.submit(*banner.subject)

    @on(History.ReceiptRequested)
    def receipt_requested(self, event: History.ReceiptRequested) -> None:
        """Show a receipt."""
        self.parts.menus.receipt(event.submission)

    @on(ConsoleView.LinkPressed)
    def link_pressed(self, event: ConsoleView.LinkPressed) -> None:
        """Open the line an error speaks of."""
        self.open_file(event.link.path, (event.link.line - 1, 0))

    @on(RunWindow.Wanted)
    def program_wanted(self, event: RunWindow.Wanted) -> None:
        """Run a program again, stop it, close its tab, or do what stands under its output."""
        self.parts.do_with_program(event.name, event.session)


def _placed(panes: dict[str, Widget], side: tool_windows.Side) -> Iterator[Widget]:
    """The windows of a side, marked as such by a class."""
    return (panes[window.id].add_class("tool-window", f"-{side}") for window in tool_windows.at(side))
