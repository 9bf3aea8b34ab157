"""What the keys of the exam screen do; each method is named after a row of the key table."""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.geometry import Offset
from textual.screen import Screen

from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.host import Host, host_of
from mockexam.tui.look import formatting
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.menu import Item, Menu
from mockexam.tui.messages import ExamEnded
from mockexam.tui.terminal.external_editor import NoTerminalError, lend_terminal
from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.project import reset_starter

if TYPE_CHECKING:
    from mockexam.sitting.service import Attempt
    from mockexam.tui.exam.files import Files
    from mockexam.tui.exam.runs import Runs
    from mockexam.tui.exam.submissions import Submissions
    from mockexam.tui.exam.windows import Windows
    from mockexam.tui.run.run_window import RunWindow


class ExamActions(Screen[None]):
    """The actions alone; the screen that has the parts inherits them."""

    attempt: Attempt
    category: int
    files: Files
    runs: Runs
    submissions: Submissions
    windows: Windows

    @property
    def host(self) -> Host:
        """The app, with its exams, clock and grader."""
        return host_of(self)

    @property
    def run_window(self) -> RunWindow:
        """The Run window."""
        raise NotImplementedError

    def choose_category(self, category: int) -> None:
        """Make a problem the active one."""
        raise NotImplementedError

    # ── run and submit ──

    @work(group="run", exit_on_error=False)
    async def action_run(self) -> None:
        """Run the starter of the active problem."""
        await self.runs.run(layout.starter(self.attempt.project, self.category))

    @work(group="run", exit_on_error=False)
    async def run_file(self, path: Path) -> None:
        """Run any file."""
        await self.runs.run(path)

    @work(group="stop", exit_on_error=False)
    async def action_stop(self) -> None:
        """Stop the program that is shown, else the one of the active problem, else the newest."""
        running = self.runs.running
        shown = self.run_window.shown
        mine = [session for session in running if session.category == self.category]
        chosen = shown if shown in running else next(iter([*mine, *reversed(running)]), None)
        if chosen is None:
            self.notify("Nothing is running.")
        else:
            await self.runs.stop(chosen)

    @work(group="submit", exit_on_error=False)
    async def action_submit(self) -> None:
        """Submit the model of the active problem."""
        await self.submissions.press(self.category)

    @work(group="submit", exit_on_error=False)
    async def submit_file(self, category: int, model: Path) -> None:
        """Submit a file for a problem."""
        await self.submissions.press(category, model)

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def action_choose_model(self, start: str = "") -> None:
        """Ask for a model file, and submit it for the active problem."""
        from mockexam.tui.exam.dialogs import ModelDialog

        folder = layout.category_folder(self.attempt.project, self.category)
        chosen = await self.app.push_screen_wait(ModelDialog(self.category, Path(start) if start else folder))
        if chosen is not None:
            self.submit_file(self.category, chosen)

    def action_error_place(self) -> None:
        """Go to the candidate's own line of the last traceback."""
        view = self.run_window.view
        link = view.console.last_link(self.attempt.project) if view is not None else None
        if link is None:
            self.notify("The output names no line of your files.")
        else:
            self.open_file(link.path, (link.line - 1, 0))

    # ── windows ──

    def action_toggle_window(self, window: str) -> None:
        """Open a closed window, go to an open one, close the one that has the focus."""
        self.windows.toggle(window)

    @work(group="open", exit_on_error=False)
    async def toggle_statement(self) -> None:
        """The statement in the editor area, and back."""
        await self.files.toggle_statement(self.category)
        self.windows.apply()

    def action_next_window(self) -> None:
        """Go round the windows."""
        self.windows.cycle(1)

    def action_previous_window(self) -> None:
        """Go round the other way."""
        self.windows.cycle(-1)

    def action_last_window(self) -> None:
        """Go to the window left last."""
        self.windows.go_to_last()

    def action_stretch_up(self) -> None:
        """Make Run higher."""
        self.windows.stretch_up(1)

    def action_stretch_down(self) -> None:
        """Make Run lower."""
        self.windows.stretch_up(-1)

    def action_stretch_left(self) -> None:
        """Make Exam wider, or Project narrower."""
        self.windows.stretch_right(-1)

    def action_stretch_right(self) -> None:
        """Make Project wider, or Exam narrower."""
        self.windows.stretch_right(1)

    def action_hide_windows(self) -> None:
        """Hide all windows, or bring them back."""
        self.windows.hide_all()

    def action_to_editor(self) -> None:
        """Go back to the code."""
        self.windows.close_over()
        self.files.focus()

    # ── tabs and files ──

    @work(group="open", exit_on_error=False)
    async def open_file(self, path: Path, place: tuple[int, int] | None = None) -> None:
        """Open a file, at a row and column."""
        self.windows.close_over()
        await self.files.open(path, place)

    @work(group="open", exit_on_error=False)
    async def action_next_tab(self) -> None:
        """Show the next tab."""
        await self.files.step(1)

    @work(group="open", exit_on_error=False)
    async def action_previous_tab(self) -> None:
        """Show the tab before."""
        await self.files.step(-1)

    @work(group="open", exit_on_error=False)
    async def action_close_tab(self) -> None:
        """Save and close the tab."""
        if self.files.active is not None:
            await self.files.close(self.files.active)

    @work(group="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save everything."""
        if await self.files.save_all():
            self.notify("Everything is saved.", timeout=2)

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def action_recent_files(self) -> None:
        """Pick a file opened before."""
        project = self.attempt.project
        recent = [path for path in self.files.recent if path != self.files.active and path.exists()]
        items = [
            Item(str(path), path.name, str(path.parent.relative_to(project)) if path.is_relative_to(project) else "")
            for path in recent
        ]
        if not items:
            self.notify("No other file was opened yet.")
            return
        chosen = await self.app.push_screen_wait(Menu(items, title="Recent files"))
        if chosen:
            self.open_file(Path(chosen))

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def action_reset_starter(self) -> None:
        """Put the original starter back, after a question; the text is kept in a backup, and undo leads back."""
        name = f"Category{self.category}/{layout.STARTER}"
        sure = await self.host.ask(
            "Reset the starter?",
            f"{name} becomes what it was at the start. Your text is kept in .mockexam/backups.",
            yes="Reset",
            no="Keep my code",
            danger=True,
        )
        if not sure:
            return
        await self.files.save_all()
        try:
            await asyncio.to_thread(reset_starter, self.attempt.project, self.category)
        except WorkspaceError as error:
            self.notify(shown(error.brief), title="The starter is unchanged", severity="error")
            return
        await self.files.look_outside()
        await self.files.open(layout.starter(self.attempt.project, self.category))

    @work(group="open", exit_on_error=False)
    async def action_open_outside(self) -> None:
        """Edit the file in $EDITOR; the screen waits, the clock and the programs do not."""
        command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not command or self.files.active is None:
            self.notify("Set EDITOR to the editor you like, as in EDITOR=vim.", severity="warning")
            return
        await self.files.save_all()
        try:
            await lend_terminal(self.app, [*shlex.split(command), str(self.files.active)])
        except (NoTerminalError, OSError, ValueError) as error:
            self.notify(str(error), title="Can't open the editor", severity="error")
        await self.files.look_outside()

    # ── the exam ──

    def action_next_problem(self) -> None:
        """Go to the next category."""
        self._step_category(1)

    def action_previous_problem(self) -> None:
        """Go to the category before."""
        self._step_category(-1)

    def _step_category(self, by: int) -> None:
        categories = sorted(self.attempt.problems)
        category = categories[(categories.index(self.category) + by) % len(categories)]
        self.choose_category(category)
        self.open_file(layout.starter(self.attempt.project, category))

    def action_instructions(self) -> None:
        """Show the rules."""
        self.host.show_instructions()

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def action_end_exam(self) -> None:
        """End the exam after a yes."""
        left = self.host.exams.remaining(self.attempt)
        testing = len(self.submissions.phases)
        waiting = f" {testing} submission{'s' * (testing > 1)} being tested will still count." if testing else ""
        sure = await self.host.ask(
            "End the exam?",
            f"{formatting.clock(left)} left. What was submitted counts; the exam can't be entered again.{waiting}",
            yes="End Exam",
            no="Continue",
            danger=True,
        )
        if sure:
            self.app.post_message(ExamEnded(self.attempt.id, "candidate"))

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def open_exam_menu(self, chip: Chip) -> None:
        """The menu of End Exam: time left, instructions, end."""
        left = formatting.span(self.host.exams.remaining(self.attempt))
        items = [
            Item("time", f"{left} left", enabled=False),
            Item("instructions", "View Instructions", keymap.shown("instructions")),
            Item("end_exam", "End Exam", keymap.shown("end_exam")),
        ]
        await self._choose(chip, items, right=True)

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def open_config_menu(self, chip: Chip) -> None:
        """The menu of what Run starts."""
        titles = self.attempt.titles
        items = [
            Item(f"category-{category}", f"Category{category}", titles.get(category, ""))
            for category in sorted(self.attempt.problems)
        ]
        active = self.files.active
        if active is not None and active.suffix == ".py" and active.name != layout.STARTER:
            items.append(Item("current", "Current file", active.name))
        await self._choose(chip, items, chosen=f"category-{self.category}")

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def open_project_menu(self, chip: Chip) -> None:
        """The menu of the project's name."""
        names = ("save", "recent_files", "choose_model", "reset_starter", "open_outside", "themes", "help", "quit_app")
        items = [Item(name, keymap.find(name).title, keymap.shown(name)) for name in names]
        await self._choose(chip, items)

    async def _choose(self, chip: Chip, items: list[Item], *, right: bool = False, chosen: str = "") -> None:
        region = chip.region
        at = Offset(region.right if right else region.x, region.bottom)
        name = await self.app.push_screen_wait(Menu(items, at=at, right=right, chosen=chosen))
        if name is None or name == "time":
            return
        if name.startswith("category-"):
            category = int(name.removeprefix("category-"))
            self.choose_category(category)
            await self.files.open(layout.starter(self.attempt.project, category))
        elif name == "current" and self.files.active is not None:
            self.run_file(self.files.active)
        elif keymap.find(name).scope == "app":
            await self.app.run_action(f"app.{name}")
        else:
            await self.run_action(name)
