"""From a recorded submission to its verdict: claimed by one process, graded, recorded, then reported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from graders.contract import Task
from graders.sentences import Words, each_text, sentence
from graders.verdict import Phase, Reason, Verdict
from mockexam.errors import RefusalError
from mockexam.sitting.tasks import Tasks
from mockexam.store.records import Submission
from mockexam.store.snapshots import Snapshots
from mockexam.store.submissions import Submissions

ELSEWHERE_POLL = 0.25
"""Seconds between looks at a submission that another process is grading."""

OnPhase = Callable[[Phase], None] | None


class GradingService(Protocol):
    """The part of graders.Service that is needed here."""

    @property
    def state(self) -> str: ...

    def start(self) -> None: ...

    def submit(
        self, model: Path, task: Task, *, key: str, press: int = 0, on_phase: OnPhase = None
    ) -> Future[Verdict]: ...


@dataclass(frozen=True)
class _Job:
    submission: Submission
    service: GradingService
    on_phase: OnPhase
    answer: Future[Verdict] = field(default_factory=Future)


class Grading:
    """Hands submissions to a service and has each verdict recorded exactly once.

    `claim` names this process in the ledger; `record` records a verdict, returns the one that stands, and may raise
    RefusalError.
    """

    def __init__(
        self,
        submissions: Submissions,
        snapshots: Snapshots,
        claim: str,
        tasks: Tasks,
        record: Callable[[Submission, Verdict], Verdict],
    ) -> None:
        self._submissions = submissions
        self._snapshots = snapshots
        self._claim = claim
        self._tasks = tasks
        self._record = record
        self._jobs: dict[str, _Job] = {}
        self._guard = threading.Lock()
        self._closed = threading.Event()

    def grade(self, submission: Submission, service: GradingService, on_phase: OnPhase) -> Future[Verdict]:
        """The verdict to come. It is in the ledger before the future has it; `on_phase` is called from another thread.

        A submission that another live process is grading is waited for, and taken over should that process die.
        """
        job = _Job(submission, service, on_phase)
        if submission.verdict is not None:
            job.answer.set_result(submission.verdict)
            return job.answer
        with self._guard:
            if submission.id in self._jobs:
                return self._jobs[submission.id].answer
            self._jobs[submission.id] = job
        job.answer.set_running_or_notify_cancel()
        job.answer.add_done_callback(lambda _: self._jobs.pop(submission.id, None))
        try:
            mine = self._submissions.take(submission.id, self._claim)
        except RefusalError as refusal:
            job.answer.set_exception(refusal)
            return job.answer
        if mine:
            self._begin(job)
        else:
            # untranslated: the name of a thread
            threading.Thread(target=self._follow, args=(job,), name=f"follow {submission.id}", daemon=True).start()
        return job.answer

    def close(self) -> None:
        """Stop waiting for other processes, and leave to them what isn't judged yet."""
        self._closed.set()

    def _begin(self, job: _Job) -> None:
        submission = job.submission
        try:
            task, key = self._tasks.of(submission)
        except RefusalError as refusal:
            self._finish(job, _unable("task", refusal.expected, refusal.found, refusal.advice))
            return
        if not self._snapshots.is_whole(submission.sha256):
            self._finish(job, _damaged(submission))
            return
        job.service.start()
        model = self._snapshots.path(submission.sha256)
        coming = job.service.submit(model, task, key=key, press=submission.number, on_phase=job.on_phase)
        coming.add_done_callback(lambda future: self._received(job, future))

    def _received(self, job: _Job, coming: Future[Verdict]) -> None:
        if coming.cancelled():
            verdict = _cancelled()
        elif error := coming.exception():
            found = f"{type(error).__name__}: {error}"
            verdict = _unable("service", sentence("a verdict"), found, sentence("Submit again."))
        else:
            verdict = coming.result()
        self._finish(job, verdict)

    def _finish(self, job: _Job, verdict: Verdict) -> None:
        """Record the verdict and pass it on; an interrupted test isn't a verdict, so its submission stays pending."""
        try:
            named = _with_file_name(verdict, job.submission)
            if _is_interrupted(named):
                self._submissions.give_back(job.submission.id, self._claim)
            else:
                named = self._record(job.submission, named)
        except RefusalError as refusal:
            named = _unable("ledger", refusal.expected, refusal.found, refusal.advice)
        except Exception as error:
            job.answer.set_exception(error)
            return
        job.answer.set_result(named)

    def _follow(self, job: _Job) -> None:
        try:
            while not self._closed.wait(ELSEWHERE_POLL):
                known = self._submissions.get(job.submission.id)
                if known is None or known.verdict is not None:
                    job.answer.set_result(known.verdict if known and known.verdict else _cancelled())
                    return
                if self._submissions.take(job.submission.id, self._claim):
                    self._begin(job)
                    return
            job.answer.set_result(_cancelled())
        except Exception as error:
            job.answer.set_exception(error)


def _unable(code: str, expected: Words, found: Words, advice: Words) -> Verdict:
    return Verdict(outcome="unable", reason=Reason.of("grader", code, expected, found, advice))


def _cancelled() -> Verdict:
    return _unable(
        "cancelled",
        sentence("the test to finish"),
        sentence("that it was cancelled"),
        sentence("It will be tested again."),
    )


def _damaged(submission: Submission) -> Verdict:
    return _unable(
        "snapshot-damaged",
        sentence("the copy of {file} as it was submitted", file=submission.source.name),
        sentence("a copy that is missing or has changed on the disk"),
        sentence("Submit the model again, and check the disk with `mockexam doctor --verify`."),
    )


def _is_interrupted(verdict: Verdict) -> bool:
    """Whether the test was stopped on purpose, by a cancel or because the program ends."""
    code = verdict.reason.code if verdict.reason is not None else ""
    return verdict.outcome == "unable" and code in ("cancelled", "stopped")


def _with_file_name(verdict: Verdict, submission: Submission) -> Verdict:
    """The verdict with the candidate's file name in reason and receipt; the grader saw a snapshot named by its hash."""
    name, receipt, reason = submission.source.name, verdict.receipt, verdict.reason
    if receipt is not None:
        receipt = msgspec.structs.replace(receipt, file=name, bytes=submission.bytes, sha256=submission.sha256)
    if reason is not None:
        expected, found = (
            each_text(reason.words(part), lambda text: text.replace(submission.sha256, name))
            for part in ("expected", "found")
        )
        reason = Reason.of(reason.link, reason.code, expected, found, reason.words("advice"))
    return msgspec.structs.replace(verdict, receipt=receipt, reason=reason)
