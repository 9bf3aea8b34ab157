"""The terminal app: it opens the exams, shows one screen after another, and lets nobody leave by accident."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.events import Event, InputEvent, Resize
from textual.worker import Worker, WorkerState

from graders.sentences import Words, sentence
from mockexam.errors import Error
from mockexam.language.catalogue import shown
from mockexam.store.settings import Settings, SettingsError
from mockexam.tui import keymap
from mockexam.tui.faults import note_fault
from mockexam.tui.garbage import Garbage
from mockexam.tui.host import NO, YES, Leavable
from mockexam.tui.launch_options import LaunchOptions
from mockexam.tui.look import formatting, theme
from mockexam.tui.messages import ExamEnded, ExamMoved
from mockexam.tui.pages.welcome import WelcomeScreen
from mockexam.tui.pages.welcome_state import WelcomeState, gather, unsettled_attempt
from mockexam.tui.shutdown import Shutdown
from mockexam.tui.terminal import compat
from mockexam.tui.terminal.terminal_app import TerminalApp
from mockexam.tui.tool_windows import LOW, NARROW, TALL, WIDE

if TYPE_CHECKING:
    from textual.screen import Screen

    from graders.client.service import Service
    from mockexam.exam.clock import Clock
    from mockexam.sitting.service import ExamService
    from mockexam.store.records import Attempt

SMALLEST = (80, 20)
GARBAGE_SECONDS = 2.0


class MockExamApp(TerminalApp[int]):
    """The whole program on one terminal."""

    TITLE = "mockexam"
    CSS_PATH = ["app.tcss", "pages/page.tcss", "pages/welcome.tcss"]  # noqa: RUF012 - as Textual declares it
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-normal"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (LOW, "-middling"), (TALL, "-tall")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("app")

    exams: ExamService

    def __init__(
        self,
        office_factory: Callable[[], ExamService],
        clock: Clock,
        service_factory: Callable[[], Service],
        settings: Settings | None = None,
        launch_options: LaunchOptions | None = None,
    ) -> None:
        compat.apply()
        super().__init__(ansi_color=theme.without_colour() or None)
        self.office_factory = office_factory
        self.service_factory = service_factory
        self.clock = clock
        self.settings = settings or Settings(None)
        self.launch_options = launch_options or LaunchOptions()
        self.welcome_state = WelcomeState()
        self.office_open = asyncio.Event()
        self.shutdown = Shutdown(self, self.ask, self.stop_service)
        self.animation_level = "none"
        compat.keep_parsed(self.stylesheet)
        self.garbage: Garbage | None = None
        self._service: Service | None = None
        self._ledger_version: int | None = None
        for name in theme.LOOKS:
            self.register_theme(theme.app_theme(name))
        self.speak()
        self.theme = theme.fitting(self.settings.get("theme"), self.console.color_system)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Declare our variables, which must be known before the first style sheet is read."""
        return theme.variables(theme.DEFAULT)

    def get_default_screen(self) -> Screen[Any]:
        """The welcome screen, below all others: an empty one under it would be laid out for nothing."""
        return WelcomeScreen()

    def on_mount(self) -> None:
        """Paint the frame first; everything that reads the disk comes after."""
        self.shutdown.listen()
        self.call_after_refresh(self._open_exams)
        if self.garbage is not None:
            self.call_after_refresh(self.garbage.take_up)
            self.set_interval(GARBAGE_SECONDS, self.garbage.check)

    async def on_event(self, event: Event) -> None:
        """Note that somebody is there."""
        if self.garbage is not None and isinstance(event, InputEvent):
            self.garbage.last_input = time.monotonic()
        await super().on_event(event)

    @work(group="exams", exit_on_error=False)
    async def _open_exams(self) -> None:
        from mockexam.tui.look.dialogs import tell

        try:
            self.exams = await asyncio.to_thread(self.office_factory)
        except Exception as error:
            words = error.sentence if isinstance(error, Error) else str(error)
            await tell(self, sentence("mockexam can't open its records"), words)
            self.exit(4)
            return
        self.office_open.set()
        for notice in self.exams.notices:
            repaired = shown(sentence("Your records were repaired"))
            self.notify(shown(notice), title=repaired, timeout=20, markup=False)
        for warning in self.settings.warnings:
            settings = shown(sentence("Your settings"))
            self.notify(shown(warning), title=settings, severity="warning", timeout=20, markup=False)
        self.look()
        if self.launch_options.attempt is not None:
            self.enter(await asyncio.to_thread(self.exams.attempt, self.launch_options.attempt))
        elif self.launch_options.form:
            self.open_page("take")
        elif (unsettled := await asyncio.to_thread(unsettled_attempt, self.exams)) is not None:
            self.enter(unsettled)

    @property
    def service(self) -> Service:
        """The grader's handle; started when first asked for, so that it warms up while people read."""
        if self._service is None:
            self._service = self.service_factory()
            self._service.start()
        return self._service

    def stop_service(self) -> None:
        """Leave nothing of the grader alive; blocking, idempotent."""
        if self._service is not None:
            self._service.stop()
            self._service = None

    def close_exams(self) -> None:
        """Release what this process held, for other processes to take; blocking, idempotent."""
        if self.office_open.is_set():
            self.exams.close()

    def time_left(self, attempt: Attempt) -> float:
        """Seconds left in an attempt, 0 when the exams aren't open."""
        return self.exams.remaining(attempt) if self.office_open.is_set() else 0.0

    @property
    def _welcome(self) -> WelcomeScreen | None:
        """The welcome screen while it is on top; timers still run when the app ends and no screen is left."""
        top = self.screen_stack[-1:]
        return top[0] if top and isinstance(top[0], WelcomeScreen) else None

    def look(self) -> None:
        """Ask the exam service how things stand, for the welcome screen."""
        if self.office_open.is_set() and self._welcome is not None:
            self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        self.welcome_state = await asyncio.to_thread(gather, self.exams)
        if (welcome := self._welcome) is not None:
            welcome.show_welcome_state(self.welcome_state)
        if self.welcome_state.attempt is not None:
            self.fetch_exam_screen()

    @work(group="fetch", exclusive=True, exit_on_error=False)
    async def fetch_exam_screen(self) -> None:
        """Load what the exam screen needs while people read, so that it opens as soon as they press the button."""
        exam = await asyncio.to_thread(importlib.import_module, "mockexam.tui.exam.screen")
        style_sheet = await asyncio.to_thread(exam.warm)
        if not self.stylesheet.has_source(str(style_sheet)):
            self.stylesheet.read(style_sheet)
            self.stylesheet.parse()

    def poll(self) -> None:
        """Look again once something has changed; for the welcome screen while it is on top."""
        if self.office_open.is_set() and self._welcome is not None:
            version = self.exams.version()
            if version != self._ledger_version:
                self._ledger_version = version
                self.look()

    # ---- pages -----------------------------------------------------------------------------------------------

    @work(group="pages", exclusive=True)
    async def open_page(self, name: str) -> None:
        """Open what the welcome screen offers: resume, take, results, packs or doctor."""
        await self.office_open.wait()
        if name == "resume" and self.welcome_state.attempt is not None:
            self.enter(self.welcome_state.attempt)
        elif name == "take":
            from mockexam.tui.pages.new_exam import NewExamScreen

            self.push_screen(NewExamScreen(self.launch_options))
        elif name == "results":
            from mockexam.tui.pages.outcomes.results import ResultsScreen

            self.push_screen(ResultsScreen())
        elif name == "packs":
            from mockexam.tui.pages.packs import PacksScreen

            self.push_screen(PacksScreen())
        elif name == "doctor":
            from mockexam.tui.pages.doctor import DoctorScreen

            self.push_screen(DoctorScreen())

    def enter(self, attempt: Attempt) -> None:
        """Go to the present stage of an attempt: its preparation, its instructions, the exam, or its result."""
        if attempt.state == "provisioning":
            from mockexam.tui.pages.provisioning import ProvisioningScreen

            self.show(ProvisioningScreen(attempt.id))
        elif attempt.state == "ready":
            self.show_instructions(attempt)
        elif attempt.state == "running" and self.time_left(attempt) > 0:
            from mockexam.tui.exam.screen import ExamScreen

            _ = self.service
            self.show(ExamScreen(attempt.id))
        else:
            self.show_result(attempt.id, "time" if attempt.state == "running" else None)

    def show(self, screen: Screen[Any]) -> None:
        """Put a screen directly above the welcome screen, in place of what is there."""
        if isinstance(self.screen, WelcomeScreen):
            self.push_screen(screen)
        else:
            self.switch_screen(screen)

    def show_instructions(self, attempt: Attempt | None = None) -> None:
        """The rules: before the exam with *Start Exam*, during it to read only."""
        from mockexam.tui.pages.instructions import InstructionsScreen

        if attempt is not None and attempt.state == "ready":
            self.show(InstructionsScreen(attempt))
        else:
            self.push_screen(InstructionsScreen(None))

    def show_course_code(self, section: str = "") -> None:
        """The page on courses' code, at the section of a pattern."""
        from mockexam.tui.pages.help.course_code import CourseCodeScreen

        if not isinstance(self.screen, CourseCodeScreen):
            self.push_screen(CourseCodeScreen(section))

    def show_result(self, attempt_id: str, ending: str | None = None) -> None:
        """The result; `ending` is the reason with which to end the attempt first."""
        from mockexam.tui.pages.outcomes.results import ResultScreen

        self.show(ResultScreen(attempt_id, ending))

    @on(ExamEnded)
    async def _exam_ended(self, event: ExamEnded) -> None:
        await self.shutdown.leave_exam()
        self.show_result(event.attempt_id, event.reason)

    @on(ExamMoved)
    async def _exam_moved(self, event: ExamMoved) -> None:
        from mockexam.tui.look.dialogs import tell

        await self.shutdown.leave_exam()
        self.pop_screen()
        title = sentence(
            "The exam was exported at {time} to go on elsewhere", time=f"{event.exported_at.astimezone():%H:%M}"
        )
        text = sentence(
            "Your files here are saved. Go on there, or take it back: mockexam import-attempt FILE. The clock runs on."
        )
        self.run_worker(tell(self, title, text), exit_on_error=False)

    # ---- everywhere ------------------------------------------------------------------------------------------

    async def ask(
        self,
        title: Words,
        question: Words,
        *,
        yes: Words = YES,
        no: Words = NO,
        typed: str | None = None,
        danger: bool = False,
    ) -> bool:
        """A question with two answers; `typed` must be typed to say yes. Call it from a worker."""
        from mockexam.tui.look.dialogs import Question

        return await self.push_screen_wait(Question(title, question, yes=yes, no=no, typed=typed, danger=danger))

    def action_search_everywhere(self) -> None:
        """Open the palette over any screen but a dialog."""
        from mockexam.tui.pages.search_everywhere import SearchEverywhere

        if not self.screen.is_modal:
            self.push_screen(SearchEverywhere(self.screen))

    def action_help(self) -> None:
        """Show the keys."""
        from mockexam.tui.pages.help.keys import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(isinstance(self.screen, Leavable)))

    def action_themes(self) -> None:
        """Choose the colours."""
        from mockexam.tui.pages.themes import ThemesScreen

        if not isinstance(self.screen, ThemesScreen):
            self.push_screen(ThemesScreen())

    def action_before_programs(self) -> None:
        """Show what stands before programs, and switch it on and off."""
        from mockexam.tui.interpreters.before_programs import BeforePrograms

        if not isinstance(self.screen, BeforePrograms):
            self.push_screen(BeforePrograms())

    def action_screen_reader(self) -> None:
        """Switch between words and signs; what is already on the screen changes when it is opened again."""
        self.keep(screen_reader=not formatting.spoken())
        self.speak()
        if formatting.spoken():
            said = sentence("Screen reader mode is on; each screen follows when it is opened next.")
        else:
            said = sentence("Screen reader mode is off; each screen follows when it is opened next.")
        self.notify(shown(said))

    def speak(self) -> None:
        """Draw marks and boxes as the settings say, else as the environment does (ACCESSIBLE)."""
        formatting.speak(bool(self.settings.get("screen_reader", "ACCESSIBLE" in os.environ)))
        self.set_class(formatting.spoken(), "-spoken")

    def keep(self, **choices: str | bool) -> None:
        """Apply choices from now on, and keep them for the next start."""
        for key, value in choices.items():
            self.settings.set(key, value)
        self._save_settings()

    @work(group="settings", exit_on_error=False)
    async def _save_settings(self) -> None:
        try:
            await asyncio.to_thread(self.settings.save)
        except SettingsError as error:
            title = shown(sentence("This is not kept for next time"))
            self.notify(shown(error.sentence), title=title, severity="warning", markup=False)

    def action_quit_app(self) -> None:
        """Close; ask first when an exam is on the screen."""
        self.shutdown.ask()

    def trouble(self, error: BaseException) -> None:
        """A fault of ours: one sentence on the screen, the rest in a file to send along with a report."""
        where = note_fault(error, self.settings.path.with_name("faults.log") if self.settings.path else None)
        said = f"{type(error).__name__}: {error}"
        if where:
            said += "\n" + shown(sentence("The details are in {file}.", file=where))
        title = shown(sentence("Something went wrong in mockexam"))
        self.notify(said, title=title, severity="error", timeout=20, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work of the app's own that failed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.trouble(event.worker.error)

    def hung_up(self) -> None:
        """Leave as when the window is closed."""
        self.shutdown.hurry()

    async def action_quit(self) -> None:
        """Replace Textual's own way out with ours."""
        self.shutdown.ask()

    def on_resize(self, event: Resize) -> None:
        """Show a notice in a terminal too small to work in."""
        self.shutdown.watch_size(event.size, SMALLEST)


if TYPE_CHECKING:
    from mockexam.tui.host import Host

    HOST: type[Host] = MockExamApp
    """The type checker holds the app to what its screens may ask of it."""
