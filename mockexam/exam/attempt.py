"""The states of an attempt, and its outcome: a standing while it runs, a result when it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from graders.sentences import Sentence, sentence
from mockexam.exam.form import TESTS

State = Literal["provisioning", "ready", "running", "moved", "ended"]
"""`moved`: it was exported to continue elsewhere, so nothing happens to it here until it comes back."""
FOUND: Mapping[State, Sentence] = {
    "provisioning": sentence("one that is still being prepared"),
    "ready": sentence("one that is ready and has not been started"),
    "running": sentence("one that is running"),
    "moved": sentence("one that was exported to go on elsewhere"),
    "ended": sentence("one that has ended"),
}
"""What a message says was found, by the state of the attempt."""
EndReason = Literal["candidate", "time"]
SubmissionState = Literal["recorded", "grading", "done"]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One export of a running attempt; `token` tells it from every other. Instants are UTC, as the exam counts time."""

    token: str
    exported_at: datetime
    imported_at: datetime | None = None


class CategoryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One category's line: `tests_passed` of `tests` in the submission that counts; seconds are time spent on it.

    `graded` is False when no submission counts (then 0 tests and 0 points); `pending` counts those without a verdict.
    """

    category: int
    title: str
    tests_passed: int
    points: float
    weight: float
    seconds: float
    submissions: int
    tests: int = TESTS
    graded: bool = False
    pending: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The running total of an attempt; `pending` submissions are still being tested."""

    categories: tuple[CategoryResult, ...]
    total: float
    pass_mark: float

    @property
    def passed(self) -> bool:
        """Whether the total reaches the pass mark as it stands."""
        return reaches(self.total, self.pass_mark)

    @property
    def pending(self) -> int:
        """How many submissions have no verdict yet."""
        return sum(line.pending for line in self.categories)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an attempt; instants are UTC, `remarks` are sentences from its journal worth showing with it."""

    attempt_id: str
    candidate: str
    total: float
    passed: bool
    pass_mark: float
    categories: tuple[CategoryResult, ...]
    started_at: datetime
    ended_at: datetime
    end_reason: EndReason
    remarks: tuple[str, ...] = ()


def reaches(total: float, pass_mark: float) -> bool:
    """Whether a sum of points meets the mark, forgiving the rounding of weights that aren't whole numbers."""
    return total >= pass_mark - 1e-9
