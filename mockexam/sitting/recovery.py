"""The ledger after damage, or put back from a backup: what the files beside it know better is put into it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mockexam.exam.attempt import Result
from mockexam.store.attempts import Attempts, ProblemRow, delete_attempt, insert_attempt
from mockexam.store.high_water_marks import HighWaterMarks, Noted, progress
from mockexam.store.ledger import Ledger
from mockexam.store.records import Attempt, Event, Submission
from mockexam.store.sidecar import AttemptRecord, SidecarRecords
from mockexam.store.submissions import Submissions, happened, insert


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Everything there is to know about one attempt."""

    attempt: Attempt
    problems: tuple[ProblemRow, ...]
    journal: tuple[Event, ...]
    result: Result | None
    submissions: tuple[Submission, ...]


def reconcile(ledger: Ledger, sidecar: SidecarRecords, marks: HighWaterMarks) -> str:
    """Bring the ledger up to what is known beside it; what was done in a sentence, or an empty text.

    Of two stories of one attempt the one holds that gives no time: the further state, the earlier deadline, the later
    time seen. What was done is in the attempt's journal.
    """
    with ledger.alone():
        noted, version = marks.read(), ledger.version()
        behind = bool(ledger.damage) or version == 0 or version < noted.version
        why = _why(ledger, version) if behind else "the ledger was changed by another program"
        better = _better(ledger, sidecar, noted) if behind else _changed(ledger, noted)
        if not better and version >= noted.version:
            return _sentence(str(ledger.damage), "nothing was beside it to restore") if ledger.damage else ""
        with ledger.writing() as writing:
            for whole in better:
                _put_back(writing, whole, why)
            writing.execute("UPDATE counter SET version = max(version, ?)", (noted.version,))
        marks.follow(ledger.reading())
    return _sentence(str(ledger.damage) or f"{why[0].upper()}{why[1:]}", _counted(better))


def _why(ledger: Ledger, version: int) -> str:
    if ledger.damage:
        return "the ledger was damaged"
    return "the ledger was gone" if version == 0 else "the ledger was an older copy"


def _sentence(what: str, done: str) -> str:
    return f"{what}; {done}."


def _counted(better: Sequence[Whole]) -> str:
    submissions = sum(len(whole.submissions) for whole in better)
    return f"{len(better)} attempts and {submissions} submissions were restored from the files beside it"


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
    """The attempts that the ledger gives more time, or an earlier state, than was noted of them."""
    marked = [
        (attempt, noted.attempts[attempt.id].applied(attempt))
        for attempt in Attempts(ledger).all()
        if attempt.id in noted.attempts
    ]
    return [replace(_whole(ledger, found), attempt=marked) for found, marked in marked if marked != found]


def _better(ledger: Ledger, sidecar: SidecarRecords, noted: Noted) -> list[Whole]:
    """The attempts of which the ledger should say something else than it does, in the order to write them."""
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
    """Both stories of an attempt in one."""
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
    """Every event once, oldest first; of those at the same instant the first told stays first."""
    events = {(event.at, event.kind, event.detail): event for part in parts for event in part}
    return tuple(sorted(events.values(), key=lambda event: event.at))


def _one_running(wholes: Sequence[Whole]) -> list[Whole]:
    """Only one exam runs at a time: of several, all but the last to be started have ended by then."""
    running = [whole for whole in wholes if whole.attempt.state == "running"]
    last = max(running, key=lambda whole: whole.attempt.started_at or whole.attempt.created_at, default=None)
    return [_ended_by(whole, last) if whole in running and whole is not last else whole for whole in wholes]


def _ended_by(whole: Whole, last: Whole | None) -> Whole:
    assert last is not None
    over = _earliest(whole.attempt.deadline, last.attempt.started_at)
    return replace(whole, attempt=replace(whole.attempt, state="ended", ended_at=over, end_reason="time"))


def _put_back(writing: sqlite3.Connection, whole: Whole, why: str) -> None:
    attempt = whole.attempt
    event = Event(at=attempt.seen_at or attempt.created_at, kind="clock", detail=f"{why}; deadline kept")
    journal = _journal(whole.journal, [event] if attempt.started_at is not None else [])
    delete_attempt(writing, attempt.id)
    insert_attempt(writing, attempt, whole.problems, journal, whole.result)
    for submission in whole.submissions:
        insert(writing, submission, None)
