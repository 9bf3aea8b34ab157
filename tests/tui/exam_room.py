"""An exam on the screen, for the tests of the exam screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widget import Widget

from mockexam.sitting.service import Attempt, Submission
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.editor import Editor
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.screen import ExamScreen
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.workspace import layout

Selector = str | type[Widget] | Widget

NORMAL, NARROW, WIDE = (120, 36), (80, 24), (200, 50)


class Room:
    """The screen, and what tests often ask of it."""

    def __init__(self, app: MockExamApp, pilot: Pilot[int], attempt: Attempt) -> None:
        self.app = app
        self.pilot = pilot
        self.attempt = attempt

    @property
    def screen(self) -> ExamScreen:
        """The exam screen, wherever it is in the stack."""
        return next(one for one in self.app.screen_stack if isinstance(one, ExamScreen))

    @property
    def editor(self) -> Editor:
        """The editor that is shown."""
        editor = self.screen.files.editor
        assert editor is not None
        return editor

    @property
    def text(self) -> str:
        """What is on the screen, as lines of text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    def submissions(self, category: int) -> tuple[Submission, ...]:
        """What the screen knows of a problem's submissions."""
        state = self.screen.standing.state
        return state.of(category) if state is not None else ()

    def starter(self, category: int = 1) -> Path:
        """A problem's starter."""
        return layout.starter(self.attempt.project, category)

    def model(self, category: int = 1, name: str = "mymodel.h5", content: bytes = b"\x89HDF model") -> Path:
        """Save a model into a problem's folder."""
        path = layout.category_folder(self.attempt.project, category) / name
        path.write_bytes(content)
        return path

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to become true: at most ten seconds, never longer than it takes."""
        for _ in range(500):
            await self.pilot.pause(0.02)
            if condition():
                return
        raise AssertionError(f"still not so after ten seconds: {what}; on screen:\n{self.text}")

    async def inspected(self) -> None:
        """Wait for the marks of the text that is shown, as it is now."""
        checking = self.screen.parts.area.checking
        await self.until(lambda: checking.is_current(self.editor), "the inspection")
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type text, a key for each character."""
        for char in text:
            await self.pilot.press({" ": "space", "\n": "enter"}.get(char, char))
        await self.pilot.pause()

    async def click(self, selector: Selector, offset: tuple[int, int] = (0, 0)) -> None:
        """Click."""
        await self.pilot.click(selector, offset=offset)
        await self.pilot.pause()

    async def open(self, path: Path) -> Editor:
        """Open a file and wait for its editor."""
        self.screen.open_file(path)
        await self.until(lambda: self.screen.files.active == path and path in self.screen.files.pages, f"open {path}")
        await self.until(lambda: self.screen.files.pages[path].view.size.height, "a layout")
        return self.editor

    def write(self, text: str) -> None:
        """Put a text into the editor as if it had been typed."""
        self.editor.replace(text, (0, 0), self.editor.document.end)
        self.editor.move_cursor((0, 0))


@asynccontextmanager
async def sitting(app: MockExamApp, attempt: Attempt, size: tuple[int, int] = NORMAL) -> AsyncIterator[Room]:
    """Run the app with this exam on its screen, settled in."""
    Files.blinking = False
    async with app.run_test(size=size) as pilot:
        room = Room(app, pilot, attempt)
        await pilot.pause()
        await app.office_open.wait()
        app.enter(attempt)
        await room.until(lambda: any(isinstance(one, ExamScreen) for one in app.screen_stack), "the screen")
        await room.until(
            lambda: room.screen.standing.state is not None and room.screen.files.active is not None, "the files"
        )
        await room.until(lambda: room.screen.query_one(ProjectTree).root.children, "the tree")
        await room.until(lambda: room.screen.settled, "all of it")
        await room.until(lambda: room.screen.parts.interpreter.present is not None, "the interpreter")
        await pilot.pause()
        try:
            yield room
        finally:
            for screen in app.screen_stack:
                if isinstance(screen, ExamScreen):
                    await screen.leave()
