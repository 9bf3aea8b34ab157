"""The menus and dialogs of the exam screen: what they offer, and what is done with the choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.geometry import Offset

from graders.sentences import Sentence, sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.look.menu import Item, Menu
from mockexam.tui.messages import ExamEnded
from mockexam.workspace import layout

if TYPE_CHECKING:
    from textual.geometry import Region

    from mockexam.sitting.service import Attempt, Submission
    from mockexam.tui.exam.documents.files import Files
    from mockexam.tui.exam.standing import Standing
    from mockexam.tui.exam.submissions import Submissions
    from mockexam.tui.host import Host

PROJECT = ("save", "recent_files", "choose_model", "reset_starter", "open_outside", "themes", "help", "quit_app")

CATEGORY = "category-"
"""Begins the name of an item that makes a problem the active one."""

CURRENT = "current"
"""The name of the item that runs the file that is shown."""


@dataclass(frozen=True)
class Doers:
    """What carries out a choice, in a worker of its own: the next menu cancels the one before."""

    run_file: Callable[[Path], None]
    open_file: Callable[[Path], None]
    submit: Callable[[int, Path], None]
    perform: Callable[[str], Awaitable[object]]
    """Performs an action of the key table by its name."""


class Menus:
    """Each opens one and waits for the answer; call them from workers."""

    def __init__(
        self,
        app: App[Any],
        host: Host,
        attempt: Attempt,
        files: Files,
        standing: Standing,
        submissions: Submissions,
        doers: Doers,
    ) -> None:
        self._app = app
        self._host = host
        self._attempt = attempt
        self._files = files
        self._standing = standing
        self._submissions = submissions
        self._doers = doers

    async def exam(self, chip: Region) -> None:
        """The menu of End Exam, below its chip and as far to the right."""
        items = of_exam(self._host.exams.remaining(self._attempt))
        await self._choose(Menu(items, at=Offset(chip.right, chip.bottom), right=True))

    async def config(self, chip: Region) -> None:
        """The menu of what Run starts."""
        items = of_runs(self._attempt, self._files.active)
        await self._choose(Menu(items, at=Offset(chip.x, chip.bottom), chosen=f"{CATEGORY}{self._standing.category}"))

    async def project(self, chip: Region) -> None:
        """The menu of the project's name."""
        await self._choose(Menu(of_project(), at=Offset(chip.x, chip.bottom)))

    async def _choose(self, menu: Menu) -> None:
        name = await self._app.push_screen_wait(menu)
        if name is None or name == "time":
            return
        if name.startswith(CATEGORY):
            category = int(name.removeprefix(CATEGORY))
            self._standing.choose(category)
            await self._files.open(layout.starter(self._attempt.project, category))
        elif name == CURRENT and self._files.active is not None:
            self._doers.run_file(self._files.active)
        else:
            await self._doers.perform(name)

    async def recent_files(self) -> None:
        """Pick a recently opened file."""
        project = self._files.project
        recent = [path for path in self._files.recent if path != self._files.active and path.exists()]
        if not recent:
            self._app.notify(shown(sentence("No other file was opened yet.")))
            return
        items = [
            Item(str(path), path.name, str(path.parent.relative_to(project)) if path.is_relative_to(project) else "")
            for path in recent
        ]
        chosen = await self._app.push_screen_wait(Menu(items, title=sentence("Recent files")))
        if chosen:
            self._doers.open_file(Path(chosen))

    async def choose_model(self, start: Path | None) -> None:
        """Ask for a model file, from the problem's folder on, and submit it for the active problem."""
        from mockexam.tui.exam.dialogs import ModelDialog

        category = self._standing.category
        folder = layout.category_folder(self._attempt.project, category)
        chosen = await self._app.push_screen_wait(ModelDialog(category, start or folder))
        if chosen is not None:
            self._doers.submit(category, chosen)

    async def which_model(self, category: int, choices: Sequence[Path]) -> None:
        """Ask which of several models is meant, and submit it."""
        items = [Item(str(path), path.name, _saved_at(path)) for path in choices]
        title = sentence("Category{category}: which of these is to be submitted?", category=category)
        chosen = await self._app.push_screen_wait(Menu(items, title=title))
        if chosen is not None:
            self._doers.submit(category, Path(chosen))

    async def end_exam(self) -> None:
        """End the exam, once confirmed."""
        seconds, testing = self._host.exams.remaining(self._attempt), len(self._submissions.phases)
        sure = await self._host.ask(
            sentence("End the exam?"),
            _consequences(formatting.clock(seconds), testing),
            yes=sentence("End Exam"),
            no=sentence("Continue"),
            danger=True,
        )
        if sure:
            self._app.post_message(ExamEnded(self._attempt.id, "candidate"))

    def receipt(self, submission: Submission) -> None:
        """Show everything recorded about a submission."""
        from mockexam.tui.exam.dialogs import ReceiptDialog

        if not self._app.screen.is_modal:
            self._app.push_screen(ReceiptDialog(submission, self._attempt.rules.precision))


def _saved_at(path: Path) -> str:
    try:
        return f"{datetime.fromtimestamp(path.stat().st_mtime):%Y-%m-%d %H:%M:%S}"
    except OSError:
        return ""


def _consequences(left: str, testing: int) -> Sentence:
    """What ending the exam means, given the time left and the number of submissions being tested."""
    if not testing:
        return sentence("{time} left. What was submitted counts; the exam can't be entered again.", time=left)
    return sentences(
        "{time} left. What was submitted counts; the exam can't be entered again. "
        "{count} submission being tested will still count.",
        "{time} left. What was submitted counts; the exam can't be entered again. "
        "{count} submissions being tested will still count.",
        count=testing,
        time=left,
    )


def of_exam(seconds_left: float) -> list[Item]:
    """The menu of End Exam: time left, instructions, end."""
    return [
        Item("time", sentence("{time} left", time=formatting.span(seconds_left)), enabled=False),
        *(
            Item(name, shown(keymap.find(name).title).rstrip("…"), keymap.shown(name))
            for name in ("instructions", "end_exam")
        ),
    ]


def of_runs(attempt: Attempt, shown: Path | None) -> list[Item]:
    """The menu of what Run starts; the file shown is offered when it is a program that no other item runs."""
    items = [
        Item(f"{CATEGORY}{category}", f"Category{category}", attempt.titles.get(category, ""))
        for category in sorted(attempt.problems)
    ]
    if shown is not None and shown.suffix == ".py" and shown.name != layout.STARTER:
        items.append(Item(CURRENT, sentence("Current file"), shown.name))
    return items


def of_project() -> list[Item]:
    """The menu of the project's name."""
    return [Item(name, keymap.find(name).title, keymap.shown(name)) for name in PROJECT]
