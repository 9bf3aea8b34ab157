"""The exam screen: PyCharm's layout with the problems at the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.widget import Widget

from mockexam.tui import keymap, tool_windows
from mockexam.tui.code import syntax
from mockexam.tui.code.completion import Completer
from mockexam.tui.code.completion_list import CompletionList
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam import saved_layout
from mockexam.tui.exam.files import Files
from mockexam.tui.exam.focus import Focus
from mockexam.tui.exam.messages import ExamMessages
from mockexam.tui.exam.runs import Runs
from mockexam.tui.exam.submissions import Submissions
from mockexam.tui.exam.timing import Hours
from mockexam.tui.exam.view_model import Desk
from mockexam.tui.exam.widgets.exam_panel import ExamPanel
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.project_tree import ProjectPanel, ProjectTree
from mockexam.tui.exam.widgets.statement import Statement
from mockexam.tui.exam.widgets.status_bar import StatusBar
from mockexam.tui.exam.widgets.stripe import Stripe
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.tui.exam.widgets.toolbar import Toolbar
from mockexam.tui.exam.windows import Surroundings, Windows
from mockexam.tui.messages import ExamEnded
from mockexam.tui.run.run_window import RunWindow
from mockexam.tui.tool_windows import Side
from mockexam.workspace import layout

BEAT = 0.5
MIND = 0.25
PATIENCE = 0.5
TICK_EVERY = 2  # beats
REMEMBER_EVERY = 10


def warm() -> Path:
    """Load what the first file to be opened needs, and return the screen's style sheet; blocking."""
    syntax.python_highlights()
    return Path(__file__).with_name(ExamScreen.CSS_PATH)


class ExamScreen(ExamMessages):
    """Composition and messages; the work is done by its parts (files, runs, submissions, windows) and the exams."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("exam")

    def __init__(self, attempt_id: str) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.category = 1
        self.settled = False
        self.completions = CompletionList()
        self._version: int | None = None
        self._beats = 0
        self._memory: saved_layout.Memory | None = None
        self._begun = False
        self._left = False
        self._minds = True
        self._looking = False
        self._typed_ahead: list[events.Key] = []

    def compose(self) -> ComposeResult:
        """Toolbar, body, status bar."""
        self._fit_terminal()
        app = self.host
        self.attempt = app.exams.attempt(self.attempt_id)
        project = self.attempt.project
        self.desk = Desk(app.exams, self.attempt)
        left = app.exams.remaining(self.attempt)
        self.hours = Hours(left, app.clock.reading().uptime)
        self.files = Files(self, project)
        self.runs = Runs(self, project)
        self.completer = Completer()
        self.submissions = Submissions(self, self.attempt_id, project, self.desk.categories)
        first = self.desk.categories[0]
        self._recalled = saved_layout.recall(project) or saved_layout.Memory(category=first)
        self.category = self._recalled.category if self._recalled.category in self.attempt.problems else first
        # Reads the pack, which takes as long as the first paint.
        self._briefing = asyncio.ensure_future(asyncio.to_thread(self.desk.briefing, self.category))
        panes = {
            "project": ProjectPanel(project),
            "run": RunWindow(),
            "exam": ExamPanel(Statement(), History()),
        }
        stripe = Stripe()
        around = Surroundings(
            size=lambda: self.app.size,
            to_editor=self.files.focus,
            page_shown=lambda: self.files.showing_statement,
            toggle_page=self.toggle_statement,
            program_shown=lambda: self.run_window.shown is not None,
        )
        self.focus_keeper = Focus(self)
        self.windows = Windows(panes, stripe, self.focus_keeper, around)
        yield Toolbar(project.name, self.attempt.minutes, left)
        with Horizontal(id="body"):
            yield stripe
            with Vertical(id="middle"):
                with Horizontal(id="upper"):
                    yield from _placed(panes, "left")
                    with Vertical(id="centre"):
                        yield TabStrip()
                        yield FindBar()
                        yield Vertical(id="offers")
                        yield Vertical(id="pages")
                    yield from _placed(panes, "right")
                yield from _placed(panes, "bottom")
        yield StatusBar()

    def _fit_terminal(self) -> None:
        """Have the classes of the terminal's size from the start.

        Textual adds them after the first layout, and styles and lays out everything again: 40 ms.
        """
        app = self.app
        for cells, steps in zip(
            app.size, (app.HORIZONTAL_BREAKPOINTS or [], app.VERTICAL_BREAKPOINTS or []), strict=True
        ):
            self.add_class(*self._get_breakpoint_classes(cells, steps))

    def on_mount(self) -> None:
        """Put windows in their places for the first picture."""
        self.windows.apply()

    def on_screen_resume(self) -> None:
        """The first picture is painted after this; files, tree, statement and standing follow at once."""
        if not self._begun:
            self._begun = True
            self.call_later(self._settle_in)

    @work(group="settle", exit_on_error=False)
    async def _settle_in(self) -> None:
        with ExitStack() as one_picture:
            # Each part alone would have all the others laid out and painted again: three times 30 ms. A disk that
            # hangs must not keep the screen from being drawn.
            one_picture.enter_context(self.app.batch_update())
            self.set_timer(PATIENCE, one_picture.close)
            await self._fill()
            await self.show_state()
            if self._briefing.done():
                await self.show_briefing(await self._briefing)
        # These need the layout.
        self.files.focus()
        self.call_after_refresh(self._hand_on_keys)
        if self.files.active is not None:
            self.query_one(ProjectTree).reveal(self.files.active)
        await self.show_briefing(await self._briefing)
        self._start_grader()
        await self.submissions.take_up()
        self.settled = True
        if self.host.garbage is not None:
            self.host.garbage.keep()
        self.set_interval(BEAT, self._beat)
        self._minding = self.set_interval(MIND, self._mind)
        self.files.on_change = self._mind_files

    async def _fill(self) -> None:
        """Show windows, tabs, tree and files as they were left."""
        project = self.attempt.project
        memory = self._recalled
        saved_layout.open_windows(self.windows, memory)
        self.windows.apply()
        self.query_one(Toolbar).category = f"Category{self.category}"
        for tab in memory.tabs:
            path = project / tab.path
            if path.exists():
                self.files.places[path] = (tab.cursor, tab.top)
                self.files.add_tab(path)
        active = project / memory.active if memory.active else layout.starter(project, self.category)
        await self.files.open(active if active.exists() else layout.starter(project, self.category), focus=False)
        self.files.recent += [path for name in memory.recent if (path := project / name) not in self.files.recent]
        folders = {project / name for name in memory.folders} or {layout.category_folder(project, self.category)}
        self.query_one(ProjectTree).fill(folders)
        for path in self.files.rescue.kept():
            if path.exists() and path not in self.files.pages:
                await self.files.open(path, focus=False)

    def on_key(self, event: events.Key) -> None:
        """Keep what is typed before there is code to type it into."""
        if not self.settled and self.focused is None and event.is_printable:
            self._typed_ahead.append(event)

    def _hand_on_keys(self) -> None:
        editor, keys = self.files.editor, self._typed_ahead
        self._typed_ahead = []
        if editor is not None:
            for key in keys:
                editor.post_message(events.Key(key.key, key.character))

    def _start_grader(self) -> None:
        service = self.host.service
        loop = asyncio.get_running_loop()

        def note(state: str) -> None:
            loop.call_soon_threadsafe(self._show_grader, state)

        service.on_state = note
        self._show_grader(service.state)

    def _show_grader(self, state: str) -> None:
        if self.stands:
            self.query_one(StatusBar).show_grader(state)

    # ── clocks ──

    def _beat(self) -> None:
        """One timer for all that is looked after: an exam that nobody touches is woken as seldom as can be."""
        self._poll()
        if self.files.dirty:
            self._mind_files()
        if self._beats % TICK_EVERY == 0:
            self._tick()
        if self._beats % REMEMBER_EVERY == 0:
            self._remember()
        self._beats += 1

    def _tick(self) -> None:
        """Once a second: the countdown, time spent, programs, new models."""
        app = self.host
        left = app.exams.remaining(self.attempt)
        self.query_one(Toolbar).show_time(left)
        self.hours.spend(self.category, app.clock.reading().uptime)
        self.hours.flush(self._write_later)
        if words := self.hours.warning(left):
            self.notify(words, title="The clock", severity="warning", timeout=10)
        if self.hours.ends(left):
            self.app.post_message(ExamEnded(self.attempt_id, "time"))
            return
        self.run_window.tick()
        self.submissions.look_for_models()
        self.query_one(ProjectTree).follow_disk()

    def _remember(self) -> None:
        """Write the layout down when it changed: a kill must not cost it."""
        memory = saved_layout.of(self)
        if memory != self._memory:
            self._memory = memory
            writing = asyncio.to_thread(saved_layout.remember, self.attempt.project, memory)
            self.run_worker(writing, group="memory", exit_on_error=False)

    def _write_later(self, category: int, seconds: float) -> None:
        self._write_time(category, seconds)

    @work(thread=True, group="time", exit_on_error=False)
    def _write_time(self, category: int, seconds: float) -> None:
        self.host.exams.add_time(self.attempt_id, category, seconds)

    def _poll(self) -> None:
        """Twice a second: what other programs wrote, to the ledger and to the files."""
        if not self._looking and self.host.exams.may_have_changed():
            self._looking = True
            self.run_worker(self._look_around(), group="poll", exit_on_error=False)
        if self.files.touched_outside():
            self.run_worker(self.files.look_outside(), group="outside", exclusive=True, exit_on_error=False)

    async def _look_around(self) -> None:
        try:
            # Now and then it writes down the time it saw, and a slow disk would be felt at a key.
            version = await asyncio.to_thread(self.host.exams.version)
        finally:
            self._looking = False
        if version != self._version:
            self._version = version
            self.refresh_standing()

    def _mind_files(self) -> None:
        """Have the timer run that rests while nothing is typed."""
        if not self._minds:
            self._minds = True
            self._minding.reset()

    def _mind(self) -> None:
        """Four times a second while something was typed: saving, rescuing, checking."""
        if self.files.dirty:
            self.run_worker(self.files.mind(), group="mind", exit_on_error=False)
        else:
            self._minds = False
            self._minding.pause()

    # ── for the app ──

    def palette_commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """Offer problems and files to Search Everywhere."""
        project = self.attempt.project
        for category in self.desk.categories:
            title = self.attempt.titles.get(category, "")
            starter = layout.starter(project, category)
            yield f"Category{category}  {title}", "Go to this problem", partial(self.open_file, starter)
        for path in saved_layout.project_files(project):
            yield str(path.relative_to(project)), "Open this file", partial(self.open_file, path)

    def action_target(self, scope: keymap.Scope) -> DOMNode | None:
        """Who does the actions of a scope: the editor and the Run window only while they can be seen."""
        if scope == "exam":
            return self
        target = self.files.editor if scope == "editor" else self.run_window
        return target if target is not None and target.is_on_screen else None

    async def leave(self) -> None:
        """Save, write down time and layout, stop programs."""
        if self._left:
            return
        self._left = True
        await self.files.save_all()
        self.hours.spend(self.category, self.host.clock.reading().uptime)
        spent: list[tuple[int, float]] = []
        self.hours.flush(lambda category, seconds: spent.append((category, seconds)), now=True)
        for category, seconds in spent:
            await asyncio.to_thread(self.host.exams.add_time, self.attempt_id, category, seconds)
        await asyncio.to_thread(saved_layout.remember, self.attempt.project, saved_layout.of(self))
        await self.runs.stop_all()
        await self.completer.stop()
        self.host.service.on_state = None

    async def save_rest(self) -> None:
        """Save what was typed after `leave`, before the app is gone."""
        if self._left:
            await self.files.save_all()


def _placed(panes: Mapping[str, Widget], side: Side) -> Iterable[Widget]:
    """The windows of a side, told by their classes that they are."""
    return (panes[window.id].add_class("tool-window", f"-{side}") for window in tool_windows.at(side))
