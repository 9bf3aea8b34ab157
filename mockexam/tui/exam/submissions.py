"""Submit and Test from the exam screen: press, phases, verdict, and models that were just saved."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from graders.verdict import Phase, Verdict
from mockexam.errors import RefusalError
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.history import verdict_words
from mockexam.workspace import layout
from mockexam.workspace.watch import ModelWatch

if TYPE_CHECKING:
    from mockexam.sitting.service import Submission
    from mockexam.tui.exam.screen import ExamScreen


class Submissions:
    """Presses and follows; `phases` says by category what the grader is doing."""

    def __init__(self, screen: ExamScreen, attempt_id: str, project: Path, categories: list[int]) -> None:
        self.screen = screen
        self.attempt_id = attempt_id
        self.project = project
        self.phases: dict[int, Phase] = {}
        self._watches = {category: ModelWatch(layout.category_folder(project, category)) for category in categories}

    async def press(self, category: int, model: Path | None = None) -> None:
        """Submit the category's model, or another file, and have it tested."""
        if category in self.phases:
            self.screen.notify("Its last submission is still being tested.", title=f"Category{category}")
            return
        self.phases[category] = "copying"
        self.screen.phases_changed()
        self.screen.drop_offers("model", category, model)
        try:
            if model is None:
                await asyncio.to_thread(self._watches[category].acknowledge)
            await self.screen.files.save_all()
            submission = await asyncio.to_thread(self.screen.host.exams.submit, self.attempt_id, category, model)
        except RefusalError as refusal:
            self._done(category)
            self.screen.show_refusal(category, refusal)
            return
        except OSError as error:
            self._done(category)
            self.screen.notify(str(error), title="Nothing was submitted", severity="error")
            return
        await self._follow(submission)

    async def _follow(self, submission: Submission) -> None:
        category = submission.category
        loop = asyncio.get_running_loop()

        def note(phase: Phase) -> None:
            loop.call_soon_threadsafe(self._phase, category, phase)

        self.phases.setdefault(category, "queued")
        self.screen.refresh_standing()
        try:
            app = self.screen.host
            coming = await asyncio.to_thread(app.exams.grade, submission.id, app.service, note)
            verdict = await asyncio.wrap_future(coming)
        except Exception as error:  # a fault of ours must not take the exam down
            self._done(category)
            self.screen.notify(f"{type(error).__name__}: {error}", title="The model was not tested", severity="error")
            return
        self._done(category)
        self._announce(submission, verdict)

    def _phase(self, category: int, phase: Phase) -> None:
        if category in self.phases and self.phases[category] != phase:
            self.phases[category] = phase
            self.screen.phases_changed()

    def _done(self, category: int) -> None:
        self.phases.pop(category, None)
        self.screen.phases_changed()
        self.screen.refresh_standing()

    def _announce(self, submission: Submission, verdict: Verdict) -> None:
        if submission.category == self.screen.category and self.screen.windows.is_open("exam"):
            return
        words = verdict_words(verdict).capitalize()
        title = f"Category{submission.category}"
        if verdict.tests and verdict.passed == len(verdict.tests):
            self.screen.notify(words, title=title)
        else:
            self.screen.notify(words, title=title, severity="warning")

    async def take_up(self) -> None:
        """Have tested what was being tested when the app closed."""
        for submission in await asyncio.to_thread(self.screen.host.exams.pending):
            if submission.attempt_id == self.attempt_id:
                self.screen.run_worker(self._follow(submission), group="grading", exit_on_error=False)

    def look_for_models(self) -> None:
        """Offer to submit a model that was just saved; called each second."""
        for category, watch in self._watches.items():
            # What is saved while another model is tested is offered afterwards.
            for model in watch.poll() if category not in self.phases else ():
                if self._was_submitted(category, model):
                    continue
                self.screen.drop_offers("model", category)
                self.screen.offer(
                    Banner(
                        "model",
                        (category, model),
                        f"Category{category}/{model.name} was saved.",
                        (("submit", "Submit and Test"), ("later", "Later")),
                    )
                )

    def drop_submitted(self) -> None:
        """Take back offers of models that a shell command or another screen has submitted meanwhile."""
        for banner in self.screen.query(Banner):
            if banner.topic == "model" and isinstance(banner.subject, tuple) and self._was_submitted(*banner.subject):
                banner.remove()

    def _was_submitted(self, category: int, model: Path) -> bool:
        """Whether a file was submitted as it now is."""
        state = self.screen.state
        try:
            saved = model.stat().st_mtime
        except OSError:
            return False
        return state is not None and any(
            one.source == model and one.pressed_at.timestamp() >= saved for one in state.of(category)
        )
