"""What the ledger holds, as the rest of the application sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from graders.verdict import Verdict
from mockexam.exam.attempt import EndReason, Move, State, SubmissionState
from mockexam.exam.clock import Anchor
from mockexam.exam.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One person's sitting; instants are UTC, `problems` and `titles` are by category."""

    id: str
    candidate: str
    project: Path
    pack_id: str
    pack_version: str
    pack_digest: str
    seed: int
    language: str = "en"
    state: State
    rules: Rules
    created_at: datetime
    started_at: datetime | None = None
    deadline: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    problems: dict[int, str] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    anchor: Anchor | None = None
    seen_at: datetime | None = None
    wall_shift: float = 0.0
    moves: tuple[Move, ...] = ()

    @property
    def minutes(self) -> int:
        """How long the exam lasts."""
        return self.rules.minutes


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One use of Submit and Test: which file, its content's hash and size, and what became of it."""

    id: str
    attempt_id: str
    category: int
    number: int
    pressed_at: datetime
    source: Path
    sha256: str
    bytes: int
    state: SubmissionState
    verdict: Verdict | None = None
    graded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of an attempt's journal."""

    at: datetime
    kind: str
    detail: str
