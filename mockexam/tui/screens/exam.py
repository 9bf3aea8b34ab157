"""The exam screen: PyCharm's layout with the five problems at the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import TextArea
from textual.worker import Worker, WorkerState

from mockexam.tui import keymap
from mockexam.tui.controls import PushButton
from mockexam.tui.messages import ExamEnded
from mockexam.tui.screens import exam_memory
from mockexam.tui.screens.exam_desk import Desk
from mockexam.tui.screens.exam_files import Files
from mockexam.tui.screens.exam_hours import Hours
from mockexam.tui.screens.exam_runs import Runs
from mockexam.tui.screens.exam_submissions import Submissions
from mockexam.tui.screens.exam_view import ExamView
from mockexam.tui.screens.exam_windows import Windows
from mockexam.tui.widgets.banner import Banner
from mockexam.tui.widgets.chip import Chip
from mockexam.tui.widgets.completion import Completer, NameServer, wish_at
from mockexam.tui.widgets.completion_list import CompletionList
from mockexam.tui.widgets.console_view import ConsoleView
from mockexam.tui.widgets.editor import Editor
from mockexam.tui.widgets.exam_panel import ExamPanel, ProblemList
from mockexam.tui.widgets.find_bar import FindBar
from mockexam.tui.widgets.handle import Handle
from mockexam.tui.widgets.history import History
from mockexam.tui.widgets.project_tree import ProjectTree
from mockexam.tui.widgets.run_window import RunWindow
from mockexam.tui.widgets.statement import Statement
from mockexam.tui.widgets.status_bar import StatusBar
from mockexam.tui.widgets.stripe import Stripe, Window
from mockexam.tui.widgets.tabs import TabStrip
from mockexam.tui.widgets.toolbar import Toolbar
from mockexam.workspace import layout

TICK = 1.0
POLL = 0.5
MIND = 0.25
REMEMBER_EVERY = 5  # ticks


class ExamScreen(ExamView):
    """Composition and messages; the work is done by its parts (files, runs, submissions, windows) and the office."""

    CSS_PATH = "exam.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("exam")

    def __init__(self, attempt_id: str) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.category = 1
        self.windows = Windows(self)
        self.settled = False
        self._version: int | None = None
        self._ticks = 0
        self._memory: exam_memory.Memory | None = None
        self._left = False

    def compose(self) -> ComposeResult:
        """Toolbar, body, status bar."""
        app = self.exam_app
        self.attempt = app.office.attempt(self.attempt_id)
        project = self.attempt.project
        self.desk = Desk(app.office, self.attempt)
        left = app.office.remaining(self.attempt)
        self.hours = Hours(self.attempt.minutes, left, app.clock.reading().uptime)
        self.files = Files(self, project)
        self.runs = Runs(self, project)
        self.completer = Completer(NameServer())
        self.submissions = Submissions(self, self.attempt_id, project, self.desk.categories)
        yield Toolbar(project.name, self.attempt.minutes, left)
        with Horizontal(id="body"):
            yield Stripe()
            with Vertical(id="middle"):
                with Horizontal(id="upper"):
                    with Vertical(id="project", classes="tool-window"):
                        yield Handle("Project", "project", classes="tool-header")
                        yield ProjectTree(project)
                    with Vertical(id="centre"):
                        yield TabStrip()
                        yield FindBar()
                        yield Vertical(id="offers")
                        yield Vertical(id="pages")
                    yield ExamPanel(Statement(), History())
                yield RunWindow()
        yield StatusBar()
        yield CompletionList()

    def on_mount(self) -> None:
        """Show the frame; files, tree, statement and standing follow at once."""
        self.windows.apply()
        self.call_after_refresh(self._settle_in)

    @work(group="settle", exit_on_error=False)
    async def _settle_in(self) -> None:
        project = self.attempt.project
        memory = await asyncio.to_thread(exam_memory.recall, project) or exam_memory.Memory(
            category=self.desk.categories[0]
        )
        exam_memory.open_windows(self.windows, memory)
        self.windows.apply()
        self.category = memory.category if memory.category in self.attempt.problems else self.desk.categories[0]
        self.query_one(Toolbar).category = f"Category{self.category}"
        for tab in memory.tabs:
            path = project / tab.path
            if path.exists():
                self.files.places[path] = (tab.cursor, tab.top)
                self.files.add_tab(path)
        active = project / memory.active if memory.active else layout.starter(project, self.category)
        await self.files.open(active if active.exists() else layout.starter(project, self.category))
        self.files.recent += [path for name in memory.recent if (path := project / name) not in self.files.recent]
        folders = {project / name for name in memory.folders} or {layout.category_folder(project, self.category)}
        self.query_one(ProjectTree).fill(folders)
        if self.files.active is not None:
            self.query_one(ProjectTree).reveal(self.files.active)
        for path in self.files.rescue.kept():
            if path.exists() and path not in self.files.pages:
                await self.files.open(path, focus=False)
        await self.show_state()
        await self.show_briefing()
        self._start_grader()
        await self.submissions.take_up()
        self.settled = True
        self.set_interval(TICK, self._tick)
        self.set_interval(POLL, self._poll)
        self.set_interval(MIND, self._mind)

    def _start_grader(self) -> None:
        service = self.exam_app.service
        loop = asyncio.get_running_loop()

        def note(state: str) -> None:
            loop.call_soon_threadsafe(self._show_grader, state)

        service.on_state = note
        self._show_grader(service.state)

    def _show_grader(self, state: str) -> None:
        if self.is_mounted:
            self.query_one(StatusBar).show_grader(state)

    # ── clocks ──

    def _tick(self) -> None:
        """Once a second: the countdown, time spent, programs, new models."""
        app = self.exam_app
        left = app.office.remaining(self.attempt)
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
        self._ticks += 1
        if self._ticks % REMEMBER_EVERY == 0:
            self._remember()
        self.query_one(ProjectTree).follow_disk()

    def _remember(self) -> None:
        """Write the layout down when it changed: a kill must not cost it."""
        memory = exam_memory.of(self)
        if memory != self._memory:
            self._memory = memory
            writing = asyncio.to_thread(exam_memory.remember, self.attempt.project, memory)
            self.run_worker(writing, group="memory", exit_on_error=False)

    def _write_later(self, category: int, seconds: float) -> None:
        self._write_time(category, seconds)

    @work(thread=True, group="time", exit_on_error=False)
    def _write_time(self, category: int, seconds: float) -> None:
        self.exam_app.office.add_time(self.attempt_id, category, seconds)

    def _poll(self) -> None:
        """Twice a second: what other programs wrote, to the ledger and to the files."""
        version = self.exam_app.office.version()
        if version != self._version:
            self._version = version
            self.refresh_standing()
        if self.files.touched_outside():
            self.run_worker(self.files.look_outside(), group="outside", exclusive=True, exit_on_error=False)

    def _mind(self) -> None:
        """Four times a second: saving, rescuing, checking."""
        if self.files.restless:
            self.run_worker(self.files.mind(), group="mind", exit_on_error=False)

    # ── messages ──

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Work that failed by a fault of ours says so, and the exam goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.exam_app.trouble(event.worker.error)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which window has the focus."""
        self.windows.note_focus(event.widget)
        if not isinstance(event.widget, Editor):
            self.query_one(CompletionList).close()

    def on_resize(self, event: events.Resize) -> None:
        """Side windows have their own room, or lie over the code."""
        self.windows.apply()

    @on(Handle.Dragged)
    def handle_dragged(self, event: Handle.Dragged) -> None:
        """Change the size of a window."""
        self.windows.stretch(event.handle.window, event.by_x, event.by_y)

    @on(TextArea.Changed)
    def text_changed(self, event: TextArea.Changed) -> None:
        """A key was typed: note it, nothing more."""
        event.stop()
        if isinstance(event.text_area, Editor):
            self.files.changed(event.text_area)

    @on(TextArea.SelectionChanged)
    def cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        """Show the new position."""
        event.stop()
        if event.text_area is self.files.editor:
            self.show_position()
            if self.files.editor.popup is not None:
                self.query_one(CompletionList).narrow()

    @on(Editor.FindRequested)
    def find_requested(self, event: Editor.FindRequested) -> None:
        """Open the find bar, or use what it found."""
        bar = self.query_one(FindBar)
        if event.what in ("next", "previous") and bar.wanted.text:
            bar.attach(event.editor)
            bar.action_go_next() if event.what == "next" else bar.action_go_previous()
        else:
            bar.open(event.editor, "find" if event.what in ("next", "previous") else event.what)

    @on(Editor.CompletionRequested)
    @work(group="complete", exclusive=True, exit_on_error=False)
    async def completion_requested(self, event: Editor.CompletionRequested) -> None:
        """Offer names at the cursor, unless it went on meanwhile."""
        editor = event.editor
        row, column = editor.cursor_location
        wish = wish_at(editor.document[row][:column])
        if wish is None or (not event.asked and wish.owner is None):
            return
        names = await self.completer.names(wish, editor.document.lines, row)
        now_row, now_column = editor.cursor_location
        typed = editor.document[now_row][column - len(wish.typed) : now_column]
        if now_row == row and editor.has_focus and names and (typed.isidentifier() or not typed):
            self.query_one(CompletionList).offer(editor, names, typed)
        elif event.asked and not names:
            self.notify("No names fit here.", timeout=2)

    @on(Editor.RunPressed)
    def run_pressed(self, event: Editor.RunPressed) -> None:
        """Run the file whose arrow was clicked."""
        if event.editor.path is not None:
            self.run_file(event.editor.path)

    @on(Editor.ModelDropped)
    def model_dropped(self, event: Editor.ModelDropped) -> None:
        """Offer to submit a model whose path was dropped on the terminal."""
        self.action_choose_model(str(event.path))

    @on(TabStrip.Chosen)
    def tab_chosen(self, event: TabStrip.Chosen) -> None:
        """Show a tab's file."""
        self.open_file(event.path)

    @on(TabStrip.Closed)
    def tab_closed(self, event: TabStrip.Closed) -> None:
        """Save and close."""
        self.run_worker(self.files.close(event.path), group="open", exit_on_error=False)

    @on(ProjectTree.Opened)
    def file_opened(self, event: ProjectTree.Opened) -> None:
        """Open a file of the tree."""
        self.open_file(event.path)

    @on(ProblemList.Chosen)
    def problem_chosen(self, event: ProblemList.Chosen) -> None:
        """Make a problem the active one."""
        self.choose_category(event.category)

    @on(ProblemList.Opened)
    def problem_opened(self, event: ProblemList.Opened) -> None:
        """Go to a problem's starter."""
        self.choose_category(event.category)
        self.open_file(layout.starter(self.attempt.project, event.category))

    @on(PushButton.Pressed, "#submit")
    def submit_pressed(self) -> None:
        """Submit and Test."""
        self.action_submit()

    @on(History.ReceiptRequested)
    def receipt_requested(self, event: History.ReceiptRequested) -> None:
        """Show a receipt."""
        from mockexam.tui.screens.exam_dialogs import ReceiptDialog

        self.app.push_screen(ReceiptDialog(event.submission))

    @on(ConsoleView.LinkPressed)
    def link_pressed(self, event: ConsoleView.LinkPressed) -> None:
        """Open the line an error speaks of."""
        self.open_file(event.link.path, (event.link.line - 1, 0))

    @on(ConsoleView.Typed)
    def typed(self, event: ConsoleView.Typed) -> None:
        """Give what was typed to the program."""
        view = self.run_window.view
        if view is not None and view.console is event.view:
            view.session.run.write(event.data)

    @on(RunWindow.RerunPressed)
    def rerun_pressed(self, event: RunWindow.RerunPressed) -> None:
        """Run the same file again."""
        self.run_file(event.session.script)

    @on(RunWindow.StopPressed)
    def stop_pressed(self, event: RunWindow.StopPressed) -> None:
        """Stop a program."""
        self.run_worker(self.runs.stop(event.session), group="stop", exit_on_error=False)

    @on(RunWindow.Closed)
    def run_closed(self, event: RunWindow.Closed) -> None:
        """Stop a program and close its tab."""
        self.run_worker(self.runs.close(event.session), group="stop", exit_on_error=False)

    @on(Banner.Answered)
    def banner_answered(self, event: Banner.Answered) -> None:
        """Do what was chosen."""
        banner = event.banner
        banner.remove()
        if banner.topic == "model" and event.answer == "submit" and isinstance(banner.subject, tuple):
            self.submit_file(*banner.subject)
        elif banner.topic == "conflict" and isinstance(banner.subject, Path):
            answer = self.files.answer_conflict(banner.subject, event.answer)
            self.run_worker(answer, group="save", exit_on_error=False)
        self.files.focus()

    @on(Chip.Pressed)
    def chip_pressed(self, event: Chip.Pressed) -> None:
        """Do what the toolbar, the stripe or the status bar say."""
        chip = event.chip
        name = chip.id or ""
        plain: dict[str, Callable[[], Any]] = {
            "run-button": self.action_run,
            "stop-button": self.action_stop,
            "run-hide": lambda: self.windows.close("run"),
            "position": self._go_to_line,
            "stripe-problem": self.action_window_problem,
        }
        menus = {
            "end-exam": self.open_exam_menu,
            "config": self.open_config_menu,
            "project-menu": self.open_project_menu,
        }
        if name in plain:
            plain[name]()
        elif name in menus:
            menus[name](chip)
        elif name.startswith("stripe-"):
            self.windows.toggle_shown(cast("Window", name.removeprefix("stripe-")))

    def _go_to_line(self) -> None:
        if self.files.editor is not None:
            self.files.editor.action_go_to_line()

    # ── for the app ──

    def palette_commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """Offer problems and files to Search Everywhere."""
        project = self.attempt.project
        for category in self.desk.categories:
            title = self.attempt.titles.get(category, "")
            starter = layout.starter(project, category)
            yield f"Category{category}  {title}", "Go to this problem", partial(self.open_file, starter)
        for path in exam_memory.project_files(project):
            yield str(path.relative_to(project)), "Open this file", partial(self.open_file, path)

    async def leave(self) -> None:
        """Save, write down time and layout, stop programs."""
        if self._left:
            return
        self._left = True
        await self.files.save_all()
        self.hours.spend(self.category, self.exam_app.clock.reading().uptime)
        spent: list[tuple[int, float]] = []
        self.hours.flush(lambda category, seconds: spent.append((category, seconds)), now=True)
        for category, seconds in spent:
            await asyncio.to_thread(self.exam_app.office.add_time, self.attempt_id, category, seconds)
        await asyncio.to_thread(exam_memory.remember, self.attempt.project, exam_memory.of(self))
        await self.runs.stop_all()
        await self.completer.server.stop()
        self.exam_app.service.on_state = None
