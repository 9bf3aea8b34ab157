"""The widgets of the exam screen and the parts that work on them, each joined only to what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.message import Message
from textual.widget import Widget

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.preload.switches import switched_off
from mockexam.tui.code.marks import Mark
from mockexam.tui.exam import saved_layout
from mockexam.tui.exam.documents.checking import Marked
from mockexam.tui.exam.documents.commands import FileCommands
from mockexam.tui.exam.documents.editor_area import EditorArea
from mockexam.tui.exam.documents.position import Position
from mockexam.tui.exam.documents.remedies import Remedies
from mockexam.tui.exam.focus import Focus, Stage
from mockexam.tui.exam.menus import Doers, Menus
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.exam.pulse import Beats, Pulse
from mockexam.tui.exam.runs import RunContext, Runs
from mockexam.tui.exam.standing import Listeners, Standing
from mockexam.tui.exam.submissions import Submissions, SubmitContext
from mockexam.tui.exam.timing import Hours
from mockexam.tui.exam.view_model import ViewModel
from mockexam.tui.exam.widgets.exam_panel import ExamPanel
from mockexam.tui.exam.widgets.inspections import InspectionsWindow, Row
from mockexam.tui.exam.widgets.notes import NotesWindow
from mockexam.tui.exam.widgets.project_tree import ProjectPanel
from mockexam.tui.exam.widgets.status_bar import StatusBar
from mockexam.tui.exam.widgets.stripe import Stripe
from mockexam.tui.exam.widgets.toolbar import Toolbar
from mockexam.tui.exam.windows import Surroundings, Windows
from mockexam.tui.interpreters.exam_interpreter import ExamInterpreter
from mockexam.tui.interpreters.offers import Selection
from mockexam.tui.messages import ExamEnded, ExamMoved
from mockexam.tui.plots.following import Following
from mockexam.tui.plots.plots_window import PlotsWindow
from mockexam.tui.run.advising import AdviceDoers, Advising
from mockexam.tui.run.run_window import RunWindow
from mockexam.tui.terminal.external_editor import lend_terminal
from mockexam.workspace import layout

if TYPE_CHECKING:
    from graders.verdict import Phase
    from mockexam.interpreters.interpreter import Interpreter
    from mockexam.running.run_session import RunSession
    from mockexam.sitting.service import Attempt
    from mockexam.tui.host import Host


@dataclass(frozen=True)
class Ground:
    """What the parts stand on: the app, and what they ask of the screen that shows them."""

    app: App[Any]
    host: Host
    stage: Stage
    notify: Notify
    start: Start
    tell: Callable[[Message], object]
    """Posts a message to the app."""
    perform: Callable[[str], Awaitable[object]]
    """Performs an action of the key table by its name."""
    stands: Callable[[], bool]
    """Whether the widgets are there: graders and programs may report while the screen is being taken down."""


class Parts:
    """Everything of one attempt on the screen. Widgets first; the parts are made of them and of one another."""

    def __init__(self, ground: Ground, attempt: Attempt) -> None:
        self.attempt = attempt
        self._ground = ground
        self._make_widgets()
        self.files = self.area.files
        self.view_model = ViewModel(ground.host.exams, attempt)
        self.recalled = saved_layout.recall(attempt.project) or saved_layout.Memory(
            category=self.view_model.categories[0]
        )
        self._phases: dict[int, Phase] = {}
        self._hours = Hours(self.left, self._uptime())
        self._memory: saved_layout.Memory | None = None
        self.windows = self._make_windows()
        self.submissions = self._make_submissions()
        self.standing = self._make_standing()
        self.plots = self._make_plots()
        self.runs = self._make_runs()
        self.advising = self._make_advising()
        self.pulse = self._make_pulse()
        self.commands = FileCommands(
            self.files, ground.notify, ground.host.ask, self.save_all, partial(lend_terminal, ground.app)
        )
        self.menus = self._make_menus()
        self.interpreter = ExamInterpreter(ground.app, ground.host, attempt, self._interpreter_changed)
        self.position = Position(self.files, self.status)
        self.area.on_cursor = self.position.show
        self.remedies = Remedies(
            ground.app, self.files, self.area.checking, ground.notify, ground.start, ground.host.show_course_code
        )
        self.area.on_remedies = self.remedies.request
        self.area.on_tally = partial(self.windows.toggle_shown, "inspections")
        self.area.checking.on_marks = self._marks_changed
        self.files.on_shown = self._page_shown

    # ── making ──

    def _make_widgets(self) -> None:
        ground, attempt = self._ground, self.attempt
        self.left = ground.host.exams.remaining(attempt)
        self.focus = Focus(ground.stage)
        self.toolbar = Toolbar(attempt.project.name, attempt.minutes, self.left)
        self.stripe = Stripe()
        self.status = StatusBar()
        others = attempt.rules.programs.others
        self.area = EditorArea(attempt.project, ground.notify, ground.start, self.focus.put_soon, others=others)
        self.project = ProjectPanel(attempt.project)
        self.run_window = RunWindow()
        self.exam_panel = ExamPanel()
        self.plots_window = PlotsWindow(attempt.project)
        self.notes = NotesWindow(layout.notes(attempt.project), ground.notify, ground.start)
        self.inspections = InspectionsWindow()
        self.panes: dict[str, Widget] = {
            "project": self.project,
            "notes": self.notes,
            "run": self.run_window,
            "plots": self.plots_window,
            "inspections": self.inspections,
            "exam": self.exam_panel,
        }

    def _make_windows(self) -> Windows:
        return Windows(
            self.panes,
            self.stripe,
            self.focus,
            Surroundings(
                size=lambda: self._ground.app.size,
                to_editor=self.files.focus,
                page_shown=lambda: self.files.showing_statement,
                toggle_page=lambda: self._ground.start(self.files.toggle_statement(self.category), group="open"),
                program_shown=lambda: self.run_window.shown is not None,
            ),
        )

    def _make_submissions(self) -> Submissions:
        ground = self._ground
        context = SubmitContext(
            save_all=self.files.saving.save_all,
            on_phase=lambda: self.standing.show_problems(),
            refresh=lambda: self.standing.refresh(),
            refused=lambda category, refusal: self.standing.show_refusal(category, refusal),
            in_view=lambda category: category == self.category and self.windows.is_open("exam"),
            several=lambda category, choices: self.menus.which_model(category, choices),
        )
        return Submissions(
            ground.host, self.attempt, self._phases, self.area.offers, ground.notify, ground.start, context
        )

    def _make_standing(self) -> Standing:
        ground, categories = self._ground, self.view_model.categories
        listeners = Listeners(
            on_state=self.submissions.follow_state,
            on_ended=lambda state: ground.tell(ExamEnded(state.attempt.id, state.attempt.end_reason or "candidate")),
            on_moved=lambda state: ground.tell(ExamMoved(state.attempt.moves[-1].exported_at)),
        )
        return Standing(
            self.view_model,
            self._hours,
            self.exam_panel,
            self.toolbar,
            self._phases,
            self.recalled.category if self.recalled.category in categories else categories[0],
            uptime=self._uptime,
            stands=ground.stands,
            notify=ground.notify,
            start=ground.start,
            listeners=listeners,
        )

    def _make_plots(self) -> Following:
        notify, start = self._ground.notify, self._ground.start
        return Following(
            layout.runs(self.attempt.project),
            self.plots_window,
            running=lambda: [session.run.log.path for session in self.run_window.sessions if session.running],
            in_view=lambda: self.windows.is_open("plots"),
            tell=lambda words, title: notify(shown(words), title=title),
            count=self.stripe.count_plots,
            start=lambda work: start(work, group="plots"),
        )

    def _make_runs(self) -> Runs:
        context = RunContext(
            save_all=self.files.saving.save_all,
            thresholds=self.standing.thresholds,
            show_window=lambda: self.windows.open("run"),
            window_shown=lambda: self.windows.is_open("run"),
            on_change=self.runs_changed,
            on_ended=lambda session: self.advising.follow(session),
            interpreter=lambda: self.interpreter.read(),
            off=lambda: switched_off(self._ground.host.settings),
            note=lambda interpreter: self._ground.host.exams.note_interpreter(self.attempt.id, interpreter.record()),
        )
        return Runs(self.attempt.project, self.attempt.rules.programs, self.run_window, self._ground.notify, context)

    def _make_advising(self) -> Advising:
        ground = self._ground
        doers = AdviceDoers(
            start=lambda work: ground.start(work, group="advice"),
            run_with=self.runs.run,
            keep=lambda interpreter: self.interpreter.choose(Selection(interpreter)),
            mend=lambda path, pattern, row: self.remedies.apply_fix(path, pattern, row),
            open_file=self.open_file,
            explain=ground.host.show_course_code,
            tell=ground.notify,
        )
        return Advising(self.attempt.project, self.attempt.rules.programs, doers)

    def _make_pulse(self) -> Pulse:
        ground = self._ground
        beats = Beats(
            every_second=(
                self.run_window.tick,
                self.plots.tick,
                self.submissions.look_for_models,
                self.standing.show_allowance,
                self.project.files.follow_disk,
            ),
            show_time=self.toolbar.show_time,
            remember=self._look_around,
            on_time_up=lambda: ground.tell(ExamEnded(self.attempt.id, "time")),
            on_news=self.standing.refresh,
        )
        return Pulse(
            ground.host,
            self.attempt,
            lambda: self.category,
            self._hours,
            self.files,
            ground.notify,
            ground.start,
            beats,
        )

    def _make_menus(self) -> Menus:
        ground = self._ground
        doers = Doers(self.run_file, self.open_file, self.submit, ground.perform)
        return Menus(ground.app, ground.host, self.attempt, self.files, self.standing, self.submissions, doers)

    # ── what concerns several parts ──

    def open_file(self, path: Path, place: tuple[int, int] | None = None) -> None:
        """Open a file, at a row and column."""
        self.windows.close_over()
        self._ground.start(self.files.open(path, place), group="open")

    def run_file(self, path: Path) -> None:
        """Run a file."""
        self._ground.start(self.runs.run(path), group="run")

    def do_with_program(self, name: str, session: RunSession | None) -> None:
        """Do what the Run window says with a program, or what a key says with the one that is shown."""
        session = session or self.run_window.shown
        if session is not None and name in ("rerun", "stop", "close"):
            work = {"rerun": lambda: self.runs.run(session.script), "stop": lambda: self.runs.stop(session)}
            close = partial(self.runs.close, session)
            self._ground.start(work.get(name, close)(), group="run" if name == "rerun" else "stop")
        else:
            self.advising.do(name, session)

    def submit(self, category: int, model: Path | None = None) -> None:
        """Submit the model of a problem, or another file for it."""
        self._ground.start(self.submissions.press(category, model), group="submit")

    def go_to_problem(self, category: int) -> None:
        """Make a problem the active one, and open its starter."""
        self.standing.choose(category)
        self.open_file(layout.starter(self.attempt.project, category))

    @property
    def category(self) -> int:
        """The problem worked on."""
        return self.standing.category

    def _uptime(self) -> float:
        return self._ground.host.clock.reading().uptime

    def _page_shown(self, path: Path | None) -> None:
        """Follow the file that is shown: its problem becomes the active one."""
        category = layout.category_of(self.attempt.project, path) if path is not None else None
        if category in self.attempt.problems and category is not None:
            self.standing.choose(category)
        if path is not None:
            self.project.files.reveal(path)
        self.position.show()
        self.windows.apply()

    def _interpreter_changed(self, interpreter: Interpreter) -> None:
        if self._ground.stands():
            self.status.show_interpreter(interpreter.name())
            following = self.area.follow(interpreter)
            self._ground.start(following, group="names", exclusive=True)

    def _marks_changed(self) -> None:
        """Show what is wrong now, in the Problems window and where the cursor is."""
        if self._ground.stands():
            self.inspections.show([self._row(marked) for marked in self.area.checking.marks()])
            self.position.show()

    def _row(self, marked: Marked) -> Row:
        path, mark = marked
        place = f"{self.files.label(path)}:{mark.start[0] + 1}"
        return Row(place, mark.message, mark.finding is None, partial(self.go_to_mark, path, mark))

    def go_to_mark(self, path: Path, mark: Mark) -> None:
        """Go to a mark, which may have moved since it was listed."""
        page = self.files.pages.get(path)
        marks = page.editor.marks if page is not None and page.editor is not None else ()
        same = next((one for one in marks if one[2:] == mark[2:] and one.finding is mark.finding), mark)
        self.open_file(path, same.start)

    def runs_changed(self, running: bool) -> None:
        """Show whether something runs."""
        if self._ground.stands():
            self.toolbar.running = running
            self.run_window.tick()

    def show_grader(self, state: str) -> None:
        """Show what the grader is doing."""
        if self._ground.stands():
            self.status.show_grader(state)

    def follow_grader(self) -> None:
        """Show what the grader does from now on."""
        service, loop = self._ground.host.service, asyncio.get_running_loop()

        def note(state: str) -> None:
            loop.call_soon_threadsafe(self.show_grader, state)

        service.on_state = note
        self.show_grader(service.state)

    def places(self) -> Iterator[tuple[str, str, Path]]:
        """Where Search Everywhere leads: the problems and the files, with a description of each."""
        project = self.attempt.project
        for category in self.view_model.categories:
            title = self.attempt.titles.get(category, "")
            yield (
                f"Category{category}  {title}",
                shown(sentence("Go to this problem")),
                layout.starter(project, category),
            )
        for path in saved_layout.project_files(project):
            yield str(path.relative_to(project)), shown(sentence("Open this file")), path

    async def restore(self) -> None:
        """Show what was there when the screen was last left."""
        self.toolbar.category = f"Category{self.category}"
        await saved_layout.restore(self.recalled, self.files, self.windows, self.project.files, self.category)

    def _layout(self) -> saved_layout.Memory:
        return saved_layout.of(self.files, self.windows, self.project.files, self.category)

    def _look_around(self) -> None:
        """Every few seconds: follow packages that were installed, and write the layout down."""
        self._ground.start(self.interpreter.look(), group="packages", exclusive=True)
        self._remember()

    def _remember(self) -> None:
        """Write the layout down when it has changed: a kill must not lose it."""
        memory = self._layout()
        if memory != self._memory:
            self._memory = memory
            writing = asyncio.to_thread(saved_layout.remember, self.attempt.project, memory)
            self._ground.start(writing, group="memory")

    async def save_all(self) -> bool:
        """Write everything that was typed; False when something could not be written."""
        written = [await self.files.saving.save_all(), await self.notes.save()]
        return all(written)

    async def leave(self) -> None:
        """Save, write down time and layout, stop programs."""
        await self.save_all()
        await self.pulse.write_time()
        await asyncio.to_thread(saved_layout.remember, self.attempt.project, self._layout())
        await self.runs.stop_all()
        await self.area.stop()
        self._ground.host.service.on_state = None
