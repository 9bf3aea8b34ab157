"""How the exam screen shows what it knows: problems, verdict, statement, position."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical
from textual.content import Content

from mockexam.language.catalogue import shown
from mockexam.tui.exam.actions import ExamActions
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.exam_panel import ExamPanel, ProblemList
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.widgets.statement import Statement
from mockexam.tui.exam.widgets.status_bar import FileFacts, StatusBar
from mockexam.tui.exam.widgets.toolbar import Toolbar
from mockexam.tui.messages import ExamEnded, ExamMoved
from mockexam.tui.run.curves import bars_of
from mockexam.tui.run.run_window import RunWindow
from mockexam.workspace import layout

if TYPE_CHECKING:
    from mockexam.errors import RefusalError
    from mockexam.tui.exam.timing import Hours
    from mockexam.tui.exam.view_model import Briefing, Desk, State

LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


class ExamView(ExamActions):
    """Takes what the exam service says and hands it to the widgets."""

    attempt_id: str
    desk: Desk
    hours: Hours
    state: State | None = None
    blinking = True

    @property
    def stands(self) -> bool:
        """Whether the screen's parts are there: graders and programs may speak when it is being taken down."""
        return self.is_mounted and not (self._pruning or self._closing or self._closed)

    @property
    def run_window(self) -> RunWindow:
        """The Run window."""
        return self.query_one(RunWindow)

    @work(group="state", exclusive=True, exit_on_error=False)
    async def refresh_standing(self) -> None:
        """Read how the attempt stands, and show it."""
        await self.show_state()

    async def show_state(self) -> None:
        state = await asyncio.to_thread(self.desk.state)
        if not self.stands:
            return
        self.state = state
        if state.attempt.state == "ended" and not self.hours.over:
            self.hours.over = True
            self.app.post_message(ExamEnded(self.attempt_id, state.attempt.end_reason or "candidate"))
        if state.attempt.state == "moved" and not self.hours.over:
            self.hours.over = True
            self.app.post_message(ExamMoved(state.attempt.moves[-1].exported_at))
        self.submissions.drop_submitted()
        self.show_problems()

    def show_problems(self) -> None:
        """Show the list, the total, and the active problem's verdict and history."""
        state = self.state
        if state is None:
            return
        unwritten = {category: self.hours.unwritten(category) for category in self.desk.categories}
        panel = self.query_one(ExamPanel)
        rows = self.desk.rows(state, set(self.submissions.phases), unwritten)
        self.query_one(ProblemList).show(rows, self.category)
        possible = round(sum(row.weight for row in rows))
        panel.show_points(state.standing.total, possible, round(state.standing.pass_mark))
        panel.phase = self.submissions.phases.get(self.category)
        earlier = state.has_score(self.category)
        panel.show_verdict(self.category, state.latest_verdict(self.category), earlier=earlier)
        self.query_one(History).show(state.of(self.category))

    def phases_changed(self) -> None:
        """Show what the grader is doing."""
        if self.stands:
            self.show_problems()

    async def show_briefing(self, briefing: Briefing | None = None) -> None:
        """Show the active problem's statement, read now unless it is given."""
        if briefing is None:
            briefing = await asyncio.to_thread(self.desk.briefing, self.category)
        await self.query_one(Statement).show(
            briefing.title, briefing.kind, briefing.difficulty, briefing.contract, briefing.text
        )

    def choose_category(self, category: int) -> None:
        """Make a problem the active one: its statement, its history, what Run starts."""
        if category == self.category:
            return
        self.hours.spend(self.category, self.host.clock.reading().uptime)
        self.category = category
        self.query_one(Toolbar).category = f"Category{category}"
        self.show_problems()
        self.run_worker(self.show_briefing(), group="briefing", exclusive=True, exit_on_error=False)

    def page_shown(self, path: Path | None) -> None:
        """Follow the file that is shown: its problem becomes the active one."""
        category = layout.category_of(self.attempt.project, path) if path is not None else None
        if category in self.attempt.problems and category is not None:
            self.choose_category(category)
        if path is not None:
            self.query_one(ProjectTree).reveal(path)
        self.show_position()
        self.windows.apply()

    def show_position(self) -> None:
        """Bring the status bar up to date."""
        status = self.query_one(StatusBar)
        status.show_crumbs(self._crumbs())
        page, editor = self.files.page, self.files.editor
        if page is None or page.file is None or editor is None:
            status.show_file(None)
            return
        row, column = editor.cursor_location
        indent = "tabs" if editor.indent_type == "tabs" else f"{editor.indent_width} spaces"
        status.show_file(
            FileFacts(
                row, column, LINE_ENDS[page.file.newline], page.file.encoding.upper(), indent, len(editor.selected_text)
            )
        )

    def _crumbs(self) -> list[Content | str]:
        """Return where the cursor is, from the project down to the function."""
        project, active, editor = self.attempt.project, self.files.active, self.files.editor
        if active is None:
            return [project.name]
        parts = active.relative_to(project).parts if active.is_relative_to(project) else (str(active),)
        scope = editor.scope() if editor is not None else ()
        return [project.name, *parts[:-1], read_only_pages.named(active, parts[-1]), *scope]

    def show_refusal(self, category: int, refusal: RefusalError) -> None:
        """Say why nothing was submitted."""
        if category == self.category:
            self.query_one(ExamPanel).show_refusal(
                category, shown(refusal.expected), shown(refusal.found), shown(refusal.advice)
            )
        self.notify(
            f"Found {shown(refusal.brief)}",
            title=f"Category{category}: nothing submitted",
            severity="warning",
        )

    # ── programs and offers ──

    def bars(self, category: int | None) -> dict[str, float]:
        """Return the bars that a problem's curves shall show."""
        task = self.desk.task(category) if category is not None else None
        return bars_of(task.scoring) if task is not None else {}

    def runs_changed(self) -> None:
        """Show whether something runs."""
        if self.stands:
            self.query_one(Toolbar).running = bool(self.runs.running)
            self.run_window.tick()

    def offer(self, banner: Banner) -> None:
        """Show an offer above the editor."""
        self.query_one("#offers", Vertical).mount(banner)

    def drop_offers(self, topic: str, category: int, model: Path | None = None) -> None:
        """Take back what was offered about a problem's models, or about one of them."""
        for banner in self.query(Banner):
            if banner.topic != topic or not isinstance(banner.subject, tuple):
                continue
            if banner.subject[0] == category and model in (None, banner.subject[1]):
                banner.remove()
