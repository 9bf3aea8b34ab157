"""From an ended attempt to its result: what is still being tested is finished first."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait

from graders.verdict import Verdict
from mockexam.exam.attempt import Result
from mockexam.sitting.grading import GradingService
from mockexam.sitting.service import ExamService
from mockexam.store.records import Submission

POLL = 0.1


def conclude(
    exams: ExamService,
    attempt_id: str,
    service: Callable[[], GradingService],
    on_test: Callable[[Submission], None] = lambda submission: None,
    patience: float = 600.0,
) -> Result | None:
    """The result, after testing what has no verdict; `service` is called only if something must be tested.

    None when the attempt still runs, or when a submission could not be tested within `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while (result := exams.settle(attempt_id)) is None and time.monotonic() < deadline:
        if exams.attempt(attempt_id).state != "ended":
            return None
        futures: list[Future[Verdict]] = []
        for submission in exams.submissions(attempt_id):
            if submission.verdict is None:
                on_test(submission)
                futures.append(exams.grade(submission.id, service()))
        wait(futures, timeout=max(0.0, deadline - time.monotonic()))
        time.sleep(POLL)
    return result
