"""The widgets that show how the attempt stands: problems, points, verdict, history, statement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.sentences import sentence
from mockexam.exam.allowance import allowance
from mockexam.language.catalogue import shown
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.exam.timing import Hours
from mockexam.tui.exam.view_model import Briefing, State, ViewModel
from mockexam.tui.exam.widgets.exam_panel import ExamPanel
from mockexam.tui.exam.widgets.toolbar import Toolbar
from mockexam.tui.run.curves import thresholds_of

if TYPE_CHECKING:
    from graders.verdict import Phase
    from mockexam.errors import RefusalError


@dataclass(frozen=True)
class Listeners:
    """Callbacks for what was read: `on_state` for every state, the others once, at the end of the exam here."""

    on_state: Callable[[State], None]
    on_ended: Callable[[State], object]
    on_moved: Callable[[State], object]


class Standing:
    """Takes what the exam service says and hands it to the widgets; `category` is the problem worked on.

    `phases` says by category what the grader is doing, `stands` whether the widgets are there: graders and programs may
    report while the screen is being taken down.
    """

    def __init__(
        self,
        view_model: ViewModel,
        hours: Hours,
        panel: ExamPanel,
        toolbar: Toolbar,
        phases: Mapping[int, Phase],
        category: int,
        *,
        uptime: Callable[[], float],
        stands: Callable[[], bool],
        notify: Notify,
        start: Start,
        listeners: Listeners,
    ) -> None:
        self.category = category
        self.state: State | None = None
        self._refused: tuple[int, int] | None = None  # a category, and how many submissions it had
        self._view_model = view_model
        self._hours = hours
        self._panel = panel
        self._toolbar = toolbar
        self._phases = phases
        self._uptime = uptime
        self._stands = stands
        self._notify = notify
        self._start = start
        self._listeners = listeners

    def refresh(self) -> None:
        """Read how the attempt stands, and show it, in the background."""
        self._start(self.read(), group="state", exclusive=True)

    async def read(self) -> None:
        """Read how the attempt stands, and show it."""
        state = await asyncio.to_thread(self._view_model.state)
        if not self._stands():
            return
        self.state = state
        if state.attempt.state in ("ended", "moved") and not self._hours.over:
            self._hours.over = True
            (self._listeners.on_ended if state.attempt.state == "ended" else self._listeners.on_moved)(state)
        self._listeners.on_state(state)
        self.show_problems()

    def show_problems(self) -> None:
        """Show the list, the total, and the active problem's verdict and history."""
        state = self.state
        if state is None or not self._stands():
            return
        unwritten = {category: self._hours.unwritten(category) for category in self._view_model.categories}
        rows = self._view_model.rows(state, set(self._phases), unwritten)
        panel = self._panel
        panel.problems.show(rows, self.category)
        possible = round(sum(row.weight for row in rows))
        panel.show_points(state.standing.total, possible, round(state.standing.pass_mark))
        panel.phase = self._phases.get(self.category)
        earlier = state.has_score(self.category)
        submissions = state.of(self.category)
        if self._refused != (self.category, len(submissions)):  # else it says why the last press came to nothing
            panel.show_verdict(self.category, state.latest_verdict(self.category), earlier=earlier)
        panel.history.show(submissions)
        self.show_allowance()

    def show_allowance(self) -> None:
        """Show on the button how many submissions the active problem still takes, and from when on."""
        if self.state is not None and self._stands():
            attempt = self.state.attempt
            found = allowance(attempt.rules, self.category, self.state.of(self.category))
            self._panel.show_allowance(found, found.wait(self._view_model.exams.now(attempt)))

    async def show_briefing(self, briefing: Briefing | None = None) -> None:
        """Show the active problem's statement, read now unless it is given."""
        if briefing is None:
            briefing = await asyncio.to_thread(self._view_model.briefing, self.category)
        await self._panel.statement.show(
            briefing.title, briefing.kind, briefing.difficulty, briefing.contract, briefing.text
        )

    def choose(self, category: int) -> None:
        """Make a problem the active one: its statement, its history, what Run starts."""
        if category == self.category:
            return
        self._hours.spend(self.category, self._uptime())
        self.category, self._refused = category, None
        self._toolbar.category = f"Category{category}"
        self.show_problems()
        self._start(self.show_briefing(), group="briefing", exclusive=True)

    def neighbour(self, by: int) -> int:
        """Return the category so many places after the active one, wrapping round after the last."""
        categories = self._view_model.categories
        return categories[(categories.index(self.category) + by) % len(categories)]

    def show_refusal(self, category: int, refusal: RefusalError) -> None:
        """Say why nothing was submitted."""
        if category == self.category:
            self._refused = category, len(self.state.of(category)) if self.state is not None else 0
            self._panel.show_refusal(category, shown(refusal.expected), shown(refusal.found), shown(refusal.advice))
        self._notify(
            shown(sentence("Found {fault}", fault=refusal.brief)),
            title=shown(sentence("Category{category}: nothing submitted", category=category)),
            severity="warning",
        )

    def thresholds(self, category: int | None) -> dict[str, float]:
        """Return the thresholds that a problem's curves are to show."""
        task = self._view_model.task(category) if category is not None else None
        return thresholds_of(task.scoring) if task is not None else {}
