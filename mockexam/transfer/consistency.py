"""Whether an exported attempt can be true: what another machine says is checked before anything is done with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from mockexam.sitting.registration import candidate_name
from mockexam.store.records import Attempt, Submission
from mockexam.transfer.bundle import BundleError, Label

HASH = re.compile(r"[0-9a-f]{64}")
MOST_MOVES = 1_000


def check_plausible(label: Label) -> None:
    """Raise BundleError for the first thing that can't be."""
    if fault := next(_faults(label), ""):
        raise BundleError("an exported attempt that makes sense", f"one in which {fault}", "Don't use this file.")


def _faults(label: Label) -> Iterator[str]:
    attempt = label.kept.attempt
    if not re.fullmatch(r"\d{8}-[0-9a-f]{6}", attempt.id):
        yield "the attempt has an unusual id"
    if attempt.candidate != candidate_name(attempt.candidate):
        yield "the candidate has an unusual name"
    if not 0 <= attempt.seed < 1 << 63:
        yield "the seed is out of range"
    if label.format != 1 or set(attempt.problems) != set(attempt.titles) or not attempt.problems:
        yield "the problems don't fit together"
    yield from _times(label, attempt)
    yield from _moves(attempt)
    numbers = [(one.category, one.number) for one in label.submissions]
    if len(set(numbers)) != len(numbers):
        yield "a submission is there twice"
    for submission in label.submissions:
        yield from _submission(submission, attempt)
    if any(not 0 <= row.seconds <= attempt.minutes * 60 + 60 for row in label.kept.problems):
        yield "more time was spent than there is"


def _times(label: Label, attempt: Attempt) -> Iterator[str]:
    instants = [label.exported_at, attempt.created_at, attempt.started_at, attempt.deadline, attempt.ended_at]
    instants += [one.pressed_at for one in label.submissions] + [event.at for event in label.kept.journal]
    instants += [move.exported_at for move in attempt.moves]
    if any(isinstance(one, datetime) and one.tzinfo is None for one in instants):
        yield "an instant has no time zone"
    elif attempt.started_at is None or attempt.deadline is None or attempt.anchor is None:
        yield "the exam was not started"
    elif attempt.deadline > attempt.started_at + timedelta(minutes=attempt.minutes):
        yield "the deadline is later than the exam is long"
    elif label.exported_at < attempt.started_at:
        yield "it was exported before it was started"
    elif attempt.state not in ("moved", "ended"):
        yield f"the exam is {attempt.state}"
    elif (attempt.state == "ended") != (attempt.ended_at is not None and attempt.end_reason is not None):
        yield "the end doesn't fit the state"
    elif attempt.ended_at is not None and attempt.ended_at > attempt.deadline:
        yield "it ended after its deadline"
    elif any(not attempt.started_at <= one.pressed_at < attempt.deadline for one in label.submissions):
        yield "a model was submitted outside the exam"


def _moves(attempt: Attempt) -> Iterator[str]:
    if (attempt.state == "moved" and not attempt.moves) or len(attempt.moves) > MOST_MOVES:
        yield "the moves don't fit the state"
    if any(move.imported_at is None for move in attempt.moves[:-1]):
        yield "it left a machine that it was not on"


def _submission(submission: Submission, attempt: Attempt) -> Iterator[str]:
    named = f"{attempt.id}-{submission.category}-{submission.number}"
    if submission.id != named or submission.attempt_id != attempt.id or submission.category not in attempt.problems:
        yield "a submission belongs to nothing"
    if not 0 < submission.number < 1_000_000 or not 0 <= submission.bytes < 1 << 40:
        yield "a submission's numbers are out of range"
    if not HASH.fullmatch(submission.sha256):
        yield "a submission has no hash"
    if (submission.state == "done") != (submission.verdict is not None) or submission.state == "grading":
        yield "a submission's state doesn't fit its verdict"
