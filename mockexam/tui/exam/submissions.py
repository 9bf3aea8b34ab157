"""Submit and Test on the exam screen: the submission, its phases, the verdict, and models that were just saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graders.sentences import sentence
from graders.verdict import Phase, Verdict
from mockexam.errors import RefusalError
from mockexam.language.catalogue import shown
from mockexam.sitting.model_files import SeveralModelsError
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.exam.view_model import State
from mockexam.tui.exam.widgets.banner import Banner, Offers
from mockexam.tui.exam.widgets.history import verdict_words
from mockexam.workspace import layout
from mockexam.workspace.watch import ModelWatch

if TYPE_CHECKING:
    from mockexam.sitting.service import Attempt, Submission
    from mockexam.tui.host import Host


@dataclass(frozen=True)
class SubmitContext:
    """What a submission needs of the rest of the screen."""

    save_all: Callable[[], Awaitable[bool]]
    on_phase: Callable[[], None]
    """Called when the grader goes on to something else."""
    refresh: Callable[[], None]
    """Has the standing read again."""
    refused: Callable[[int, RefusalError], None]
    in_view: Callable[[int], bool]
    """Whether the verdict of a problem can be seen."""
    several: Callable[[int, Sequence[Path]], Awaitable[None]]
    """Asks which of several models is meant, and submits that."""


class Submissions:
    """Submits and follows; writes into `phases` by category what the grader is doing."""

    def __init__(
        self,
        host: Host,
        attempt: Attempt,
        phases: dict[int, Phase],
        offers: Offers,
        notify: Notify,
        start: Start,
        context: SubmitContext,
    ) -> None:
        self.phases = phases
        self._host = host
        self._attempt_id = attempt.id
        self._offers = offers
        self._notify = notify
        self._start = start
        self._context = context
        self._state: State | None = None
        self._watches = {
            category: ModelWatch(layout.category_folder(attempt.project, category))
            for category in sorted(attempt.problems)
        }

    async def press(self, category: int, model: Path | None = None) -> None:
        """Submit the category's model, or another file, and have it tested."""
        if category in self.phases:
            waiting = sentence("Its last submission is still being tested.")
            self._notify(shown(waiting), title=f"Category{category}")
            return
        self.phases[category] = "copying"
        self._context.on_phase()
        self._offers.drop("model", category, model)
        try:
            if model is None:
                await asyncio.to_thread(self._watches[category].acknowledge)
            await self._context.save_all()
            submission = await asyncio.to_thread(self._host.exams.submit, self._attempt_id, category, model)
        except SeveralModelsError as refusal:
            self._done(category)
            await self._context.several(category, refusal.choices)
            return
        except RefusalError as refusal:
            self._done(category)
            self._context.refused(category, refusal)
            return
        except OSError as error:
            self._done(category)
            self._notify(str(error), title=shown(sentence("Nothing was submitted")), severity="error")
            return
        await self._follow(submission)

    async def _follow(self, submission: Submission) -> None:
        category = submission.category
        loop = asyncio.get_running_loop()

        def note(phase: Phase) -> None:
            loop.call_soon_threadsafe(self._phase, category, phase)

        self.phases.setdefault(category, "queued")
        self._context.refresh()
        try:
            host = self._host
            coming = await asyncio.to_thread(host.exams.grade, submission.id, host.service, note)
            verdict = await asyncio.wrap_future(coming)
        except Exception as error:  # a fault of ours must not take the exam down
            self._done(category)
            title = shown(sentence("The model was not tested"))
            self._notify(f"{type(error).__name__}: {error}", title=title, severity="error")
            return
        self._done(category)
        self._announce(submission, verdict)

    def _phase(self, category: int, phase: Phase) -> None:
        if category in self.phases and self.phases[category] != phase:
            self.phases[category] = phase
            self._context.on_phase()

    def _done(self, category: int) -> None:
        self.phases.pop(category, None)
        self._context.on_phase()
        self._context.refresh()

    def _announce(self, submission: Submission, verdict: Verdict) -> None:
        if self._context.in_view(submission.category):
            return
        words = shown(verdict_words(verdict))
        words = words[:1].upper() + words[1:]
        title = f"Category{submission.category}"
        if verdict.tests and verdict.passed == len(verdict.tests):
            self._notify(words, title=title)
        else:
            self._notify(words, title=title, severity="warning")

    async def take_up(self) -> None:
        """Follow the submissions that were still being tested when the app closed."""
        for submission in await asyncio.to_thread(self._host.exams.pending):
            if submission.attempt_id == self._attempt_id:
                self._start(self._follow(submission), group="grading")

    def look_for_models(self) -> None:
        """Offer to submit a model that was just saved; called each second."""
        for category, watch in self._watches.items():
            # A model saved while another is being tested is offered afterwards.
            for model in watch.poll() if category not in self.phases else ():
                if self._was_submitted(category, model):
                    continue
                self._offers.drop("model", category)
                self._offers.show(
                    Banner(
                        "model",
                        (category, model),
                        sentence("{file} was saved.", file=f"Category{category}/{model.name}"),
                        (("submit", sentence("Submit and Test")), ("later", sentence("Later"))),
                    )
                )

    def follow_state(self, state: State) -> None:
        """Take back offers of models that a shell command or another screen has submitted meanwhile."""
        self._state = state
        for banner in self._offers.of("model"):
            if isinstance(banner.subject, tuple) and self._was_submitted(*banner.subject):
                banner.remove()

    def _was_submitted(self, category: int, model: Path) -> bool:
        """Whether a file was submitted with its present content."""
        try:
            saved = model.stat().st_mtime
        except OSError:
            return False
        return self._state is not None and any(
            one.source == model and one.pressed_at.timestamp() >= saved for one in self._state.of(category)
        )
