"""A new ledger from what is kept beside the old one."""

from __future__ import annotations

from dataclasses import replace

from mockexam.store.attempts import Attempts
from mockexam.store.beside import Beside
from mockexam.store.ledger import Ledger
from mockexam.store.records import Event
from mockexam.store.submissions import Submissions


def rebuild(ledger: Ledger, beside: Beside) -> str:
    """Put back every attempt and submission that can be read; says how many, in words.

    Submissions that were being graded are pending again.
    """
    attempts, submissions = Attempts(ledger), Submissions(ledger, lambda claim: False)
    attempt_count = submission_count = 0
    for kept in beside.attempts():
        attempts.restore(kept.attempt, kept.problems, kept.journal, kept.result)
        attempt_count += 1
        for submission in beside.submissions(kept.attempt.id):
            submissions.restore(submission if submission.verdict else replace(submission, state="recorded"))
            submission_count += 1
        at = kept.attempt.seen_at or kept.attempt.created_at
        detail = "the ledger was damaged; rebuilt from the files beside it"
        attempts.note(kept.attempt.id, Event(at=at, kind="rebuilt", detail=detail))
    return f"{attempt_count} attempts and {submission_count} submissions were restored from the files beside it"
