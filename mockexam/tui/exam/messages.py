"""What the exam screen does when one of its widgets speaks up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from textual import events, on, work
from textual.widgets import TextArea
from textual.worker import Worker, WorkerState

from mockexam.tui.code.completion import Completer, wish_at
from mockexam.tui.code.completion_list import CompletionList
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.exam.view import ExamView
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.exam_panel import ProblemList
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.widgets.tabs import TabStrip
from mockexam.tui.look.chip import Chip
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.handle import Handle
from mockexam.tui.run.console_view import ConsoleView
from mockexam.tui.run.run_window import RunWindow
from mockexam.workspace import layout
from mockexam.workspace.dropped import model_dropped

SLOW = 0.6
"""Seconds after which somebody who waits for names is told why."""


class ExamMessages(ExamView):
    """The handlers alone: each hands on to the part of the screen that knows what to do."""

    completer: Completer
    completions: CompletionList

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Work that failed by a fault of ours says so, and the exam goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.host.trouble(event.worker.error)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which window has the focus."""
        self.windows.note_focus(event.widget)
        if event.widget is not self.completions.editor:
            self.completions.close()

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
                self.completions.narrow()

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
        patience = asyncio.get_running_loop().call_later(
            SLOW, partial(self.notify, "Looking names up: the first time takes some seconds.", timeout=4)
        )
        try:
            names = await self.completer.names(wish, editor.document.lines, row, column)
        finally:
            patience.cancel()
        now_row, now_column = editor.cursor_location
        typed = editor.document[now_row][column - len(wish.typed) : now_column]
        if now_row == row and editor.has_focus and names and (typed.isidentifier() or not typed):
            self.completions.offer(editor, names, typed)
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

    def on_paste(self, event: events.Paste) -> None:
        """A file may be dropped on any window: terminals paste its path to the one with the focus."""
        model = model_dropped(event.text)
        if model is not None:
            event.stop()
            self.action_choose_model(str(model))

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
        from mockexam.tui.exam.dialogs import ReceiptDialog

        if not self.app.screen.is_modal:
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
            "open-help": self.host.action_help,
            "position": self._go_to_line,
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
        elif name.endswith("-hide"):
            self.windows.close(name.removesuffix("-hide"))
        elif name.startswith(("stripe-", "open-")):
            self.windows.toggle_shown(name.partition("-")[2])

    def _go_to_line(self) -> None:
        if self.files.editor is not None:
            self.files.editor.action_go_to_line()
