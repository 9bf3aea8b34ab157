"""Whether an exported attempt is plausible: what another machine says is checked before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from graders.sentences import Sentence, sentence
from mockexam.exam.allowance import breaches
from mockexam.sitting.registration import candidate_name
from mockexam.store.records import Attempt, Submission
from mockexam.transfer.bundle import BundleError, Label
from mockexam.transfer.signed_result import MINUTES, YEARS

HASH = re.compile(r"[0-9a-f]{64}")
MOST_MOVES = 1_000


def check_plausible(label: Label) -> None:
    """Raise BundleError for the first thing that can't be true."""
    if fault := next(_faults(label), None):
        raise BundleError(
            sentence("an exported attempt that makes sense"),
            sentence("one in which {fault}", fault=fault),
            sentence("Don't use this file."),
        )


def _faults(label: Label) -> Iterator[Sentence]:
    attempt = label.kept.attempt
    if not re.fullmatch(r"\d{8}-[0-9a-f]{6}", attempt.id):
        yield sentence("the attempt has an unusual id")
    if attempt.candidate != candidate_name(attempt.candidate):
        yield sentence("the candidate has an unusual name")
    if not 0 <= attempt.seed < 1 << 63:
        yield sentence("the seed is out of range")
    if label.format != 1 or set(attempt.problems) != set(attempt.titles) or not attempt.problems:
        yield sentence("the problems don't fit together")
    yield from _times(label, attempt)
    yield from _moves(attempt)
    numbers = [(one.category, one.number) for one in label.submissions]
    if len(set(numbers)) != len(numbers):
        yield sentence("a submission appears twice")
    for submission in label.submissions:
        yield from _submission(submission, attempt)
    for category in sorted(attempt.problems):
        mine = [one for one in label.submissions if one.category == category]
        if next(breaches(attempt.rules, category, mine), None) is not None:
            yield sentence("more was submitted, or sooner, than the rules allow")
    if any(not 0 <= row.seconds <= attempt.minutes * 60 + 60 for row in label.kept.problems):
        yield sentence("more time was spent than the exam has")


def _times(label: Label, attempt: Attempt) -> Iterator[Sentence]:
    instants = [label.exported_at, attempt.created_at, attempt.started_at, attempt.deadline, attempt.ended_at]
    instants += [one.pressed_at for one in label.submissions] + [event.at for event in label.kept.journal]
    instants += [one.graded_at for one in label.submissions] + [attempt.seen_at]
    instants += [time for move in attempt.moves for time in (move.exported_at, move.imported_at)]
    if (result := label.kept.result) is not None:
        instants += [result.started_at, result.ended_at]
    if any(isinstance(one, datetime) and one.year not in YEARS for one in instants) or attempt.minutes not in MINUTES:
        yield sentence("a time is none that an exam has")
    elif any(isinstance(one, datetime) and one.tzinfo is None for one in instants):
        yield sentence("an instant has no time zone")
    elif attempt.started_at is None or attempt.deadline is None or attempt.anchor is None:
        yield sentence("the exam was not started")
    elif attempt.deadline > attempt.started_at + timedelta(minutes=attempt.minutes):
        yield sentence("the deadline is later than the exam's length allows")
    elif label.exported_at < attempt.started_at:
        yield sentence("it was exported before it was started")
    elif attempt.state not in ("moved", "ended"):
        yield sentence("the exam has neither ended nor been moved")
    elif (attempt.state == "ended") != (attempt.ended_at is not None and attempt.end_reason is not None):
        yield sentence("the end doesn't fit the state")
    elif attempt.ended_at is not None and attempt.ended_at > attempt.deadline:
        yield sentence("it ended after its deadline")
    elif any(not attempt.started_at <= one.pressed_at < attempt.deadline for one in label.submissions):
        yield sentence("a model was submitted outside the exam")


def _moves(attempt: Attempt) -> Iterator[Sentence]:
    if (attempt.state == "moved" and not attempt.moves) or len(attempt.moves) > MOST_MOVES:
        yield sentence("the moves don't fit the state")
    if any(move.imported_at is None for move in attempt.moves[:-1]):
        yield sentence("it left a machine it was not on")


def _submission(submission: Submission, attempt: Attempt) -> Iterator[Sentence]:
    named = f"{attempt.id}-{submission.category}-{submission.number}"
    if submission.id != named or submission.attempt_id != attempt.id or submission.category not in attempt.problems:
        yield sentence("a submission belongs to nothing")
    if not 0 < submission.number < 1_000_000 or not 0 <= submission.bytes < 1 << 40:
        yield sentence("a submission's numbers are out of range")
    if not HASH.fullmatch(submission.sha256):
        yield sentence("a submission has no hash")
    if (submission.state == "done") != (submission.verdict is not None) or submission.state == "grading":
        yield sentence("a submission's state doesn't fit its verdict")
