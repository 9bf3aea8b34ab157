"""Running programs from the exam screen, several at once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.language.catalogue import shown
from mockexam.running.process import RunError
from mockexam.running.run_session import RunSession
from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError

if TYPE_CHECKING:
    from mockexam.tui.exam.screen import ExamScreen

# Each would train on all cores; more of them only slow one another down.
MOST_RUNNING = 4


class Runs:
    """Starts and stops; what is shown of them is the Run window's business."""

    def __init__(self, screen: ExamScreen, project: Path) -> None:
        self.screen = screen
        self.project = project

    @property
    def running(self) -> list[RunSession]:
        """The programs that are alive."""
        return [session for session in self.screen.run_window.sessions if session.running]

    def title_of(self, script: Path) -> str:
        """Return the name of a program's tab: its category, and the file when it isn't the starter."""
        category = layout.category_of(self.project, script)
        if category is None:
            return script.name
        return f"Category{category}" if script.name == layout.STARTER else f"Category{category} {script.name}"

    async def run(self, script: Path) -> None:
        """Save everything and run a file; one that runs already is brought to the front."""
        title = self.title_of(script)
        already = next((one for one in self.running if one.title == title), None)
        if already is not None:
            self.screen.windows.open("run")
            self.screen.run_window.show(already)
            self.screen.notify("It is running already; stop it first to run it again.", title=title)
            return
        if len(self.running) >= MOST_RUNNING:
            self.screen.notify(f"{MOST_RUNNING} programs are running. Stop one first.", severity="warning")
            return
        if not await self.screen.files.save_all():
            return
        await self._start(script, title)

    async def _start(self, script: Path, title: str) -> None:
        category = layout.category_of(self.project, script)
        self.screen.windows.open("run")
        window = self.screen.run_window
        try:
            log = layout.next_run_log(self.project, category or 0)
            session = RunSession(
                title,
                (sys.executable, script.name if script.parent.is_dir() else str(script)),
                script.parent,
                log,
                category=category,
                bars=self.screen.bars(category),
                size=window.size_for_program(),
            )
            session.script = script
            session.ended = self._ended
            window.add(session)
            await session.start()
        except (RunError, WorkspaceError) as error:
            window.drop(session)
            self.screen.notify(shown(error.brief), title=f"Can't run {script.name}", severity="error")
        except OSError as error:
            self.screen.notify(str(error), title=f"Can't run {script.name}", severity="error")
        self.screen.runs_changed()

    def _ended(self, session: RunSession) -> None:
        self.screen.runs_changed()
        exit = session.run.exit
        if exit is None or exit.stopped:
            return
        if session is not self.screen.run_window.shown or not self.screen.windows.is_open("run"):
            well = exit.code == 0
            self.screen.notify(
                f"Finished in {exit.seconds:.0f} s." if well else f"Ended with code {exit.code}.",
                title=session.title,
                severity="information" if well else "warning",
            )

    async def stop(self, session: RunSession | None) -> None:
        """Stop a program, however long it takes; the screen goes on meanwhile."""
        if session is not None and session.running:
            await session.run.stop()

    async def close(self, session: RunSession) -> None:
        """Stop a program and close its tab."""
        await self.stop(session)
        self.screen.run_window.drop(session)
        self.screen.runs_changed()

    async def stop_all(self) -> None:
        """Stop every program."""
        await asyncio.gather(*(self.stop(session) for session in self.running))
