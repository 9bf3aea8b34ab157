"""The states of an attempt, and what it comes to: a standing while it runs, a result when it has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

State = Literal["provisioning", "ready", "running", "ended"]
EndReason = Literal["candidate", "time"]
SubmissionState = Literal["recorded", "grading", "done"]

_NEXT: dict[State, State] = {"provisioning": "ready", "ready": "running", "running": "ended"}


def follows(before: State, after: State) -> bool:
    """Whether an attempt may go from one state to the other; there is no way back."""
    return _NEXT.get(before) == after


class CategoryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One category's line: `tests_passed` of `tests` in the submission that counts; seconds are time spent on it.

    `graded` is False when no submission counts (then 0 tests and 0 points); `pending` are submissions without verdict.
    """

    category: int
    title: str
    tests_passed: int
    points: float
    weight: float
    seconds: float
    submissions: int
    tests: int = 5
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
    """What an attempt came to; instants are UTC, `remarks` are sentences from its journal worth showing with it."""

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
    """Whether a sum of points meets the mark, forgiving the rounding of weights that are no whole numbers."""
    return total >= pass_mark - 1e-9
