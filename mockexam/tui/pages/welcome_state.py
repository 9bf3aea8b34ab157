"""What the welcome screen says about attempts: plain facts, gathered outside the screen's own thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.sentences import Sentence, sentence
from mockexam.exam import form
from mockexam.tui.look.formatting import homely

if TYPE_CHECKING:
    from mockexam.sitting.service import ExamService
    from mockexam.store.records import Attempt

# Known here, since the welcome screen is shown before any pack has been read.
BUILT_IN = "tensorflow-developer"
BUILT_IN_FORM = (len(form.CATEGORIES), form.MINUTES, form.PASS_MARK)
"""Problems, minutes and pass mark of the built-in pack."""


@dataclass(frozen=True)
class WelcomeState:
    """An attempt that is running, or else one prepared but not begun; and how many have ended."""

    attempt: Attempt | None = None
    ended: int = 0

    @property
    def running(self) -> bool:
        """Whether the attempt's clock is running."""
        return self.attempt is not None and self.attempt.state == "running"

    @property
    def title(self) -> Sentence:
        """What continuing the attempt is called."""
        if self.running:
            return sentence("Resume")
        prepared = self.attempt is not None and self.attempt.state == "ready"
        return sentence("Continue the prepared exam") if prepared else sentence("Finish preparing the exam")

    @property
    def folder(self) -> str:
        """The attempt's project as a person writes it."""
        return homely(self.attempt.project) if self.attempt is not None else ""


def gather(exams: ExamService) -> WelcomeState:
    """Ask the exam service; blocking."""
    attempts = list(exams.attempts())
    running = exams.running()
    # The newest comes first.
    waiting = [one for one in attempts if one.state in ("provisioning", "ready")]
    ended = sum(one.state == "ended" for one in attempts)
    return WelcomeState(running or (waiting[0] if waiting else None), ended)


def unsettled_attempt(exams: ExamService) -> Attempt | None:
    """The latest attempt that has ended but whose result nobody has seen; blocking."""
    ended = (one for one in exams.attempts() if one.state == "ended")
    return next((one for one in ended if exams.result(one.id) is None), None)
