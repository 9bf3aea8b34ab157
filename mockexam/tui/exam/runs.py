"""Running programs from the exam screen, several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders.sentences import sentence
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.interpreter import Interpreter
from mockexam.language.catalogue import shown
from mockexam.running.environment import program
from mockexam.running.output.links import Link
from mockexam.running.process import RunError
from mockexam.running.run_session import RunSession
from mockexam.tui.exam.ports import Notify
from mockexam.tui.run.run_window import RunWindow
from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError

# Each would train on all cores; more would only slow one another down.
MOST_RUNNING = 4


@dataclass(frozen=True)
class RunContext:
    """What a run needs of the rest of the screen."""

    save_all: Callable[[], Awaitable[bool]]
    thresholds: Callable[[int | None], dict[str, float]]
    """The values that a problem's metrics are to reach."""
    show_window: Callable[[], None]
    window_shown: Callable[[], bool]
    on_change: Callable[[bool], None]
    """Called when a program has started or ended, with whether any is running."""
    on_ended: Callable[[RunSession], None]
    interpreter: Callable[[], Awaitable[Interpreter]]
    """The Python that is chosen for programs, as its files are now."""
    off: Callable[[], tuple[str, ...]]
    """The parts before a program that the user has switched off."""
    note: Callable[[Interpreter], object]
    """Notes with the attempt which Python was used; waits for the disk."""


class Runs:
    """Starts and stops programs; what is shown of them is the Run window's business."""

    def __init__(
        self, project: Path, rules: ProgramRules, window: RunWindow, notify: Notify, context: RunContext
    ) -> None:
        self.project = project
        self._rules = rules
        self._window = window
        self._notify = notify
        self._context = context

    @property
    def running(self) -> list[RunSession]:
        """The programs that are alive."""
        return [session for session in self._window.sessions if session.running]

    def title_of(self, script: Path) -> str:
        """Return the name of a program's tab: its category, and the file when it isn't the starter."""
        category = layout.category_of(self.project, script)
        if category is None:
            return script.name
        return f"Category{category}" if script.name == layout.STARTER else f"Category{category} {script.name}"

    async def run(self, script: Path, interpreter: Interpreter | None = None) -> None:
        """Save everything and run a file; one that runs already is brought to the front.

        `interpreter` is another than the chosen one, for this run only.
        """
        title = self.title_of(script)
        already = next((one for one in self.running if one.title == title), None)
        if already is not None:
            self._context.show_window()
            self._window.show(already)
            self._notify(shown(sentence("It is running already; stop it first to run it again.")), title=title)
            return
        if len(self.running) >= MOST_RUNNING:
            many = sentence("{number} programs are running. Stop one first.", number=MOST_RUNNING)
            self._notify(shown(many), severity="warning")
            return
        if not await self._context.save_all():
            return
        await self._start(script, title, interpreter)

    async def _start(self, script: Path, title: str, once: Interpreter | None) -> None:
        category = layout.category_of(self.project, script)
        self._context.show_window()
        try:
            interpreter = once or await self._context.interpreter()
            off = self._context.off()
            log = layout.next_run_log(self.project, category or 0)
            session = RunSession(
                title,
                script,
                await asyncio.to_thread(partial(program, script, interpreter, log, self._rules, off=off)),
                log,
                interpreter=interpreter,
                once=once is not None,
                category=category,
                thresholds=self._context.thresholds(category),
                size=self._window.size_for_program(),
                told=shown,
            )
            session.ended = self._ended
            self._window.add(session)
            await session.start()
            await asyncio.to_thread(self._context.note, interpreter)
        except (RunError, WorkspaceError) as error:
            self._window.drop(session)
            self._fail(script, shown(error.brief))
        except OSError as error:
            self._fail(script, str(error))
        self._changed()

    def _fail(self, script: Path, why: str) -> None:
        self._notify(why, title=shown(sentence("Can't run {file}", file=script.name)), severity="error")

    def _changed(self) -> None:
        self._context.on_change(bool(self.running))

    def _ended(self, session: RunSession) -> None:
        self._changed()
        self._context.on_ended(session)
        exit = session.run.exit
        if exit is None or exit.stopped:
            return
        if session is not self._window.shown or not self._context.window_shown():
            if exit.code == 0:
                finished = sentence("Finished in {seconds} s.", seconds=f"{exit.seconds:.0f}")
                self._notify(shown(finished), title=session.title)
            else:
                failed = sentence("Ended with code {code}.", code=exit.code)
                self._notify(shown(failed), title=session.title, severity="warning")

    async def stop(self, session: RunSession | None) -> None:
        """Stop a program, however long it takes; the screen goes on meanwhile."""
        if session is not None and session.running:
            await session.stop()

    async def stop_one(self, category: int) -> None:
        """Stop the program that is shown, else the one of a problem, else the newest."""
        running, front = self.running, self._window.shown
        mine = [session for session in running if session.category == category]
        chosen = front if front in running else next(iter([*mine, *reversed(running)]), None)
        if chosen is None:
            self._notify(shown(sentence("Nothing is running.")))
        else:
            await self.stop(chosen)

    def last_link(self) -> Link | None:
        """Return the candidate's own line of the last traceback that is shown; says so when there is none."""
        view = self._window.view
        link = view.console.last_link(self.project) if view is not None else None
        if link is None:
            self._notify(shown(sentence("The output names no line of your files.")))
        return link

    async def close(self, session: RunSession) -> None:
        """Stop a program and close its tab."""
        await self.stop(session)
        self._window.drop(session)
        self._changed()

    async def stop_all(self) -> None:
        """Stop every program."""
        await asyncio.gather(*(self.stop(session) for session in self.running))
