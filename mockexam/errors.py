"""Why something asked for was not done, in words for a person."""

from __future__ import annotations

from typing import Literal

Kind = Literal["no", "usage", "nothing", "fault", "offline"]


class RefusalError(Exception):
    """What was expected, what was found and what to do next.

    `kind` tells the caller how to answer: "no" (the answer is no), "usage" (asked wrongly), "nothing" (there is nothing
    to work on), "fault" (ours, or the machine's), "offline" (a network is needed, and there is none).
    """

    def __init__(self, expected: str, found: str, advice: str, *, kind: Kind = "no") -> None:
        super().__init__(f"Expected {expected}; found {found}. {advice}")
        self.expected = expected
        self.found = found
        self.advice = advice
        self.kind: Kind = kind


class AttemptError(RefusalError):
    """An attempt can't be created, started or ended as asked."""


class SubmissionError(RefusalError):
    """A model can't be submitted: no file, a file that can't be copied, or no time left."""
