"""Back into the ledger from what is kept beside it."""

from __future__ import annotations

from dataclasses import replace

from mockexam.store.attempts import Attempts
from mockexam.store.beside import Beside, Kept
from mockexam.store.ledger import Ledger
from mockexam.store.records import Event
from mockexam.store.submissions import Submissions


def rebuild(ledger: Ledger, beside: Beside) -> str:
    """Put back every attempt and submission that can be read; says how many, in words."""
    attempts, submissions = Attempts(ledger), Submissions(ledger, lambda claim: False)
    counts = [
        put_back(attempts, submissions, beside, kept, "the ledger was damaged; deadline kept")
        for kept in beside.attempts()
    ]
    return f"{len(counts)} attempts and {sum(counts)} submissions were restored from the files beside it"


def put_back(attempts: Attempts, submissions: Submissions, beside: Beside, kept: Kept, why: str) -> int:
    """Make the ledger say of one attempt what the files beside it say; how many submissions it has.

    Submissions that were being graded are pending again.
    """
    at = kept.attempt.seen_at or kept.attempt.created_at
    attempts.remove(kept.attempt.id)
    attempts.restore(kept.attempt, kept.problems, kept.journal, kept.result)
    found = list(beside.submissions(kept.attempt.id))
    for submission in found:
        submissions.restore(submission if submission.verdict else replace(submission, state="recorded"))
    attempts.note(kept.attempt.id, Event(at=at, kind="clock", detail=why))
    return len(found)
