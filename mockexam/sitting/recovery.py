"""A ledger that was damaged or restored from a backup is brought up to date from the files beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.exam.attempt import Result
from mockexam.store.attempts import Attempts, ProblemRow, delete_attempt, insert_attempt
from mockexam.store.high_water_marks import HighWaterMarks, Noted, progress
from mockexam.store.ledger import Ledger
from mockexam.store.records import Attempt, Event, Submission
from mockexam.store.sidecar import AttemptRecord, SidecarRecords
from mockexam.store.submissions import Submissions, happened, insert


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Everything that is known about one attempt."""

    attempt: Attempt
    problems: tuple[ProblemRow, ...]
    journal: tuple[Event, ...]
    result: Result | None
    submissions: tuple[Submission, ...]


class Cause(NamedTuple):
    """Why the ledger had to be mended: as a line of the journal, and at the start of what a person is told."""

    line: Sentence
    told: Sentence


DAMAGED = Cause(sentence("the ledger was damaged; deadline kept"), sentence("The ledger was damaged"))
GONE = Cause(sentence("the ledger was gone; deadline kept"), sentence("The ledger was gone"))
OLDER = Cause(sentence("the ledger was an older copy; deadline kept"), sentence("The ledger was an older copy"))
CHANGED = Cause(
    sentence("the ledger was changed by another program; deadline kept"),
    sentence("The ledger was changed by another program"),
)


def reconcile(ledger: Ledger, sidecar: SidecarRecords, marks: HighWaterMarks) -> Words:
    """Bring the ledger up to what is known beside it; returns what was done as a sentence, or an empty text.

    Of two accounts of an attempt the one that gives no extra time holds: the further state, the earlier deadline, the
    later time seen. What was done is in the attempt's journal.
    """
    with ledger.alone():
        noted, version = marks.read(), ledger.version()
        behind = bool(ledger.damage) or version == 0 or version < noted.version
        cause = _cause(ledger, version) if behind else CHANGED
        better = _better(ledger, sidecar, noted) if behind else _changed(ledger, noted)
        if not better and version >= noted.version:
            return sentence("{what}; nothing was beside it to restore.", what=ledger.damage) if ledger.damage else ""
        with ledger.writing() as writing:
            for whole in better:
                _put_back(writing, whole, cause)
            writing.execute("UPDATE counter SET version = max(version, ?)", (noted.version,))
        marks.follow(ledger.reading())
    return _restored(ledger.damage or cause.told, better)


def _cause(ledger: Ledger, version: int) -> Cause:
    if ledger.damage:
        return DAMAGED
    return GONE if version == 0 else OLDER


def _restored(what: Words, better: Sequence[Whole]) -> Sentence:
    submissions = sum(len(whole.submissions) for whole in better)
    return sentence(
        "{what}; {attempts} and {submissions} were restored from the files beside it.",
        what=what,
        attempts=sentences("{count} attempt", "{count} attempts", count=len(better)),
        submissions=sentences("{count} submission", "{count} submissions", count=submissions),
    )


def _whole(ledger: Ledger, attempt: Attempt) -> Whole:
    attempts, submissions = Attempts(ledger), Submissions(ledger, lambda claim: False)
    return Whole(
        attempt=attempt,
        problems=attempts.problems(attempt.id),
        journal=attempts.journal(attempt.id),
        result=attempts.result(attempt.id),
        submissions=submissions.of(attempt.id),
    )


def _changed(ledger: Ledger, noted: Noted) -> list[Whole]:
    """The attempts to which the ledger gives more time, or an earlier state, than was noted."""
    marked = [
        (attempt, noted.attempts[attempt.id].applied(attempt))
        for attempt in Attempts(ledger).all()
        if attempt.id in noted.attempts
    ]
    return [replace(_whole(ledger, found), attempt=marked) for found, marked in marked if marked != found]


def _better(ledger: Ledger, sidecar: SidecarRecords, noted: Noted) -> list[Whole]:
    """The attempts about which the ledger should say something else, in the order to write them."""
    known = {attempt.id: _whole(ledger, attempt) for attempt in Attempts(ledger).all()}
    merged = dict(known)
    for kept in sidecar.attempts():
        found, name = _kept_whole(kept, sidecar), kept.attempt.id
        merged[name] = _merged(known[name], found) if name in known else found
    for name, mark in noted.attempts.items():
        if name in merged:
            merged[name] = replace(merged[name], attempt=mark.applied(merged[name].attempt))
    told = _one_running(sorted(merged.values(), key=lambda whole: whole.attempt.created_at))
    changed = [whole for whole in told if whole != known.get(whole.attempt.id)]
    return sorted(changed, key=lambda whole: whole.attempt.state == "running")


def _kept_whole(kept: AttemptRecord, sidecar: SidecarRecords) -> Whole:
    """What the files say; submissions that were being graded are pending again."""
    found = [one if one.verdict else replace(one, state="recorded") for one in sidecar.submissions(kept.attempt.id)]
    known = [one for one in found if one.category in kept.attempt.problems]
    journal = _journal(kept.journal, [event for one in known for event in happened(one)])
    return Whole(
        attempt=kept.attempt, problems=kept.problems, journal=journal, result=kept.result, submissions=tuple(known)
    )


def _merged(one: Whole, two: Whole) -> Whole:
    """Both accounts of an attempt in one."""
    ahead, behind = (two, one) if progress(two.attempt) >= progress(one.attempt) else (one, two)
    submissions = {sub.id: sub for sub in behind.submissions}
    submissions |= {sub.id: sub for sub in ahead.submissions if sub.verdict or sub.id not in submissions}
    seconds = {row.category: row.seconds for row in behind.problems}
    return Whole(
        attempt=replace(
            ahead.attempt,
            seen_at=_latest(one.attempt.seen_at, two.attempt.seen_at),
            deadline=_earliest(one.attempt.deadline, two.attempt.deadline),
        ),
        problems=tuple(
            replace(row, seconds=max(row.seconds, seconds.get(row.category, 0.0))) for row in ahead.problems
        ),
        journal=_journal(behind.journal, ahead.journal),
        result=ahead.result or behind.result,
        submissions=tuple(sorted(submissions.values(), key=lambda sub: (sub.pressed_at, sub.category, sub.number))),
    )


def _latest(*instants: datetime | None) -> datetime | None:
    return max((instant for instant in instants if instant is not None), default=None)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _journal(*parts: Iterable[Event]) -> tuple[Event, ...]:
    """Every event once, oldest first; events at the same instant keep their order."""
    events = {(event.at, event.kind, event.detail): event for part in parts for event in part}
    return tuple(sorted(events.values(), key=lambda event: event.at))


def _one_running(wholes: Sequence[Whole]) -> list[Whole]:
    """Only one exam runs at a time: of several, all but the last one to start have ended by its start."""
    running = [whole for whole in wholes if whole.attempt.state == "running"]
    last = max(running, key=lambda whole: whole.attempt.started_at or whole.attempt.created_at, default=None)
    return [_ended_by(whole, last) if whole in running and whole is not last else whole for whole in wholes]


def _ended_by(whole: Whole, last: Whole | None) -> Whole:
    assert last is not None
    over = _earliest(whole.attempt.deadline, last.attempt.started_at)
    return replace(whole, attempt=replace(whole.attempt, state="ended", ended_at=over, end_reason="time"))


def _put_back(writing: sqlite3.Connection, whole: Whole, cause: Cause) -> None:
    attempt = whole.attempt
    event = Event(at=attempt.seen_at or attempt.created_at, kind="clock", detail=cause.line.english)
    journal = _journal(whole.journal, [event] if attempt.started_at is not None else [])
    delete_attempt(writing, attempt.id)
    insert_attempt(writing, attempt, whole.problems, journal, whole.result)
    for submission in whole.submissions:
        insert(writing, submission, None)
