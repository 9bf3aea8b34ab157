"""What the screen and the shell both do: create, provision, start, submit, grade, end and settle an attempt."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graders.contract import Task
from graders.sentences import sentence, sentences
from graders.verdict import Verdict
from mockexam.errors import AttemptError, RefusalError, SubmissionError
from mockexam.exam.attempt import FOUND, CategoryResult, EndReason, Move, Result, Standing
from mockexam.exam.clock import Clock, anchored
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.rules import counted
from mockexam.sitting.grading import Grading, GradingService, OnPhase
from mockexam.sitting.model_files import Selected, find_model, model_at
from mockexam.sitting.provisioning import Provisioning, Step
from mockexam.sitting.queries import ExamQueries
from mockexam.sitting.registration import candidate_name, exam_of, free_folder, refuse_early_retake
from mockexam.sitting.tasks import Tasks
from mockexam.sitting.timekeeping import TIME_IS_UP, moved_away, too_late
from mockexam.store import leases
from mockexam.store.attempts import delete_attempt, insert_attempt
from mockexam.store.home import Home
from mockexam.store.journal import INTERPRETER, interpreter_detail
from mockexam.store.records import Attempt, Event, Submission
from mockexam.store.sidecar import AttemptRecord
from mockexam.store.snapshots import Snapshots
from mockexam.store.submissions import insert

REMARKABLE = frozenset({"clock", "restart", "sleep", "zone", "moved"})
"""Kinds of events that are shown with the result: those that bear on the time."""

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Catalogue

__all__ = [
    "Attempt",
    "AttemptError",
    "CategoryResult",
    "Event",
    "ExamService",
    "RefusalError",
    "Result",
    "Standing",
    "Step",
    "Submission",
    "SubmissionError",
]


class ExamService(ExamQueries):
    """Synchronous and thread-safe: call it from any thread; each has its own ledger connection.

    Everything it returns is a value that never changes; ask again after `version` has changed. Refusals (AttemptError,
    SubmissionError, LedgerError) say what was expected, found and what to do next.
    """

    def __init__(self, home: Home, clock: Clock, catalogue: Catalogue | None = None) -> None:
        super().__init__(home, clock)
        self._catalogue = catalogue
        self._claim = leases.claim(self._boot)
        self._snapshots = Snapshots(home.snapshots)
        self._tasks = Tasks(self._attempts, lambda: self.catalogue, home.cache)
        self._grading = Grading(self._submissions, self._snapshots, self._claim, self._tasks, self._judge)
        with suppress(RefusalError, OSError):
            self._tidy()

    def _tidy(self) -> None:
        """Remove what killed copies left behind, unless somebody is copying."""
        if self._snapshots.has_rest() and self._submissions.forget_dead_presses():
            self._snapshots.sweep()

    @property
    def catalogue(self) -> Catalogue:
        """The available packs; found when first asked for."""
        if self._catalogue is None:
            from mockexam.packs.catalogue import Catalogue

            self._catalogue = Catalogue(self.home.packs, cache=self.home.cache)
        return self._catalogue

    def close(self) -> None:
        """Give up this process's claims and close the ledger; what it was grading is left to others."""
        self._grading.close()
        leases.release(self._claim)
        super().close()

    def create(
        self,
        candidate: str,
        folder: Path,
        pack_id: str | None = None,
        seed: int | None = None,
        language: str = "en",
    ) -> Attempt:
        """A new attempt, to be provisioned. Raises AttemptError: no name, used folder, no such pack, running exam."""
        name = candidate_name(candidate)
        self.refuse_while_running()
        project = free_folder(folder)
        seed = int.from_bytes(os.urandom(4)) >> 1 if seed is None else seed
        pack, rules, problems = exam_of(self.catalogue, pack_id, seed, language=language)
        attempt = Attempt(
            id=f"{self.clock.reading().utc:%Y%m%d}-{os.urandom(3).hex()}",
            candidate=name,
            project=project,
            pack_id=pack.id,
            pack_version=pack.version,
            pack_digest=pack.digest,
            seed=seed,
            language=language,
            state="provisioning",
            rules=rules,
            created_at=self.clock.reading().utc,
        )
        refuse_early_retake(rules, self.sat(attempt), attempt.created_at)
        self._attempts.add(attempt, problems, f"{pack.title} {pack.version}")
        return self._get(attempt.id)

    def provision(
        self, attempt_id: str, progress: Callable[[Step], None] | None = None, service: GradingService | None = None
    ) -> None:
        """Check the machine, prepare the data, write the project, warm the service; the attempt is then ready.

        May be called again after a failure or a kill: it starts afresh. Takes seconds to minutes. Raises AttemptError.
        """
        attempt = self._get(attempt_id)
        if attempt.state != "provisioning":
            return
        tasks = Provisioning(self.home, lambda: self.catalogue, progress or (lambda step: None)).run(attempt, service)
        event = Event(at=self._time.now(attempt), kind="provisioned", detail=str(attempt.project))
        self._attempts.provisioned(attempt_id, tasks, event)
        self._keep(attempt_id)

    def discard(self, attempt_id: str) -> None:
        """Forget an attempt that was never started; its project folder stays. Raises AttemptError for a started one."""
        attempt = self._get(attempt_id)
        if attempt.state not in ("provisioning", "ready"):
            raise AttemptError(
                sentence("an attempt that was not started"),
                FOUND[attempt.state],
                sentence("Started attempts are kept for good."),
            )
        self._sidecar.forget(attempt_id)
        self._attempts.remove(attempt_id)

    def start(self, attempt_id: str) -> Attempt:
        """Start the clock. Raises AttemptError when the attempt is not ready or another one is running."""
        attempt = self._get(attempt_id)
        self.refuse_while_running()
        reading = self.clock.reading()
        refuse_early_retake(attempt.rules, self.sat(attempt), reading.utc)
        anchor = anchored(reading.utc, reading)
        length = sentences("{count} minute", "{count} minutes", count=attempt.minutes)
        event = Event(at=anchor.utc, kind="started", detail=length.english)
        deadline = anchor.utc + timedelta(minutes=attempt.minutes)
        try:
            started = self._attempts.started(attempt_id, anchor, deadline, event)
        except sqlite3.IntegrityError:
            self.refuse_while_running()
            raise
        if not started:
            raise AttemptError(
                sentence("an attempt that is ready"),
                FOUND[self._get(attempt_id).state],
                sentence("Create a new one with `mockexam start`."),
            )
        self._keep(attempt_id)
        return self._get(attempt_id)

    def submit(self, attempt_id: str, category: int, model: Path | None = None) -> Submission:
        """Take a copy of the model (or of the category's) and record it. Call `grade` next.

        Once it returns, only the loss of the disk can lose the model. What counts is the time of the call, not that of
        the end of the copy. Raises SubmissionError with nothing recorded, also where the pack's limits are reached.
        """
        attempt = self._get(attempt_id)
        pressed = self._time.now(attempt)
        self._time.refuse_if_late(attempt, pressed)
        if category not in attempt.problems:
            raise SubmissionError(
                sentence("a category of this exam: {numbers}", numbers=", ".join(map(str, sorted(attempt.problems)))),
                str(category),
                sentence("Name it by its number, as in `mockexam submit 3`."),
                kind="usage",
            )
        admit = partial(self._time.admit, attempt, category, pressed=pressed)
        admit(self.submissions(attempt_id, category))  # a copy may take minutes; what counts is asked again after it
        source = self.selected(attempt, category, model).path
        press = self._submissions.press(attempt_id, self._claim)
        if press is None:
            raise too_late(self._get(attempt_id).ended_at or pressed)
        try:
            snapshot = self._snapshots.take(source, self.task(attempt_id, category).contract.max_bytes)
            keep = self._sidecar.keep_submission
            return self._submissions.record(
                press, attempt_id, category, pressed, source, snapshot, self._claim, keep, admit
            )
        except BaseException:
            self._submissions.withdraw(press)
            raise

    def selected(self, attempt: Attempt, category: int, model: Path | None = None) -> Selected:
        """The model that `submit` would copy. Raises SubmissionError, SeveralModelsError where it must be asked for."""
        return find_model(attempt.project, category) if model is None else model_at(model.absolute(), category)

    def grade(self, submission_id: str, service: GradingService, on_phase: OnPhase = None) -> Future[Verdict]:
        """Have a submission tested; the verdict is in the ledger before the future has it.

        Verifies the snapshot first (a second for the largest models), so call it from a worker thread. A submission
        that is judged already has its verdict; one that another process is testing is waited for.
        """
        return self._grading.grade(self.submission(submission_id), service, on_phase)

    def pending(self) -> tuple[Submission, ...]:
        """Submissions without a verdict that nobody is testing, oldest first: pass each to `grade`."""
        return self._submissions.abandoned()

    def submission(self, submission_id: str) -> Submission:
        """One submission; raises SubmissionError when there is none of that id."""
        found = self._submissions.get(submission_id)
        if found is None:
            raise SubmissionError(
                sentence("a submission"),
                sentence("none called {submission}", submission=submission_id),
                sentence("See `mockexam status`."),
                kind="nothing",
            )
        return found

    def is_whole_content(self, sha256: str) -> bool:
        """Whether the copy with that hash is there, unchanged; reads all of it."""
        return self._snapshots.is_whole(sha256)

    def is_whole(self, submission: Submission) -> bool:
        """Whether the copy of a submission is there, unchanged; reads all of it."""
        return self._snapshots.is_whole(submission.sha256)

    def task(self, attempt_id: str, category: int) -> Task:
        """What the grader is asked; raises SubmissionError before the attempt is provisioned."""
        return self._tasks.recorded(attempt_id, category)

    def add_time(self, attempt_id: str, category: int, seconds: float) -> None:
        """Add to the time spent on a problem; two screens on one exam don't count the same minutes twice."""
        attempt = self._get(attempt_id)
        if attempt.started_at is not None:
            until = attempt.ended_at or self._time.now(attempt)
            self._attempts.add_seconds(attempt_id, category, seconds, (until - attempt.started_at).total_seconds())

    def note_interpreter(self, attempt_id: str, record: InterpreterRecord) -> None:
        """Note with which Python programs are run in a running attempt, at each change; call it whenever one is run.

        Reads one row when it is noted already, else it waits for the disk: call it from a worker thread.
        """
        detail = interpreter_detail(record)
        event = Event(at=self._time.now(self._get(attempt_id)), kind=INTERPRETER, detail=detail)
        if self._attempts.note_change(attempt_id, event):
            self._keep(attempt_id)

    def end(self, attempt_id: str, reason: EndReason = "candidate") -> Attempt:
        """End a running attempt; one that has ended stays as it is. Tests under way are still finished."""
        self._time.look()
        attempt = self._get(attempt_id)
        if attempt.state == "running":
            detail = sentence("by the candidate") if reason == "candidate" else TIME_IS_UP
            self._attempts.ended(attempt_id, self._time.now(attempt), reason, detail.english)
        elif attempt.state == "moved":
            raise moved_away(attempt)
        elif attempt.state != "ended":
            raise AttemptError(
                sentence("an exam that is running"), FOUND[attempt.state], sentence("Start it first."), kind="nothing"
            )
        self._keep(attempt_id)
        return self._get(attempt_id)

    def settle(self, attempt_id: str) -> Result | None:
        """The result of an ended attempt, recorded once; None while it runs, or while a submission has no verdict."""
        attempt = self.attempt(attempt_id)
        if attempt.state != "ended":
            return None
        recorded = self._attempts.result(attempt_id)
        if recorded is None and not self._is_unsettled(attempt_id):
            damaged = self._damaged(attempt)
            if recorded := self._attempts.settle(attempt_id, lambda: self._result_of(attempt, damaged)):
                self._keep(attempt_id)
        return recorded

    def _is_unsettled(self, attempt_id: str) -> bool:
        """Whether a submission is being copied or tested."""
        return self._submissions.is_copying(attempt_id) or bool(self._submissions.waiting(attempt_id))

    def _damaged(self, attempt: Attempt) -> tuple[str, ...]:
        """A sentence for each submission that counts but whose copy is no longer what was tested."""
        counting = [
            counted(self.submissions(attempt.id, category), attempt.rules.counts) for category in attempt.problems
        ]
        return tuple(
            sentence(
                "The copy of category {category}, number {number} is missing or has changed on the disk;"
                " its verdict from before stands",
                category=one.category,
                number=one.number,
            ).english
            for one in counting
            if one is not None and not self.is_whole(one)
        )

    def depart(self, attempt: Attempt, move: Move, submissions: int) -> bool:
        """Move a running attempt away; False unless it has exactly `submissions` and none is on its way."""
        detail = sentence("exported to go on elsewhere; the clock runs on")
        event = Event(at=move.exported_at, kind="moved", detail=detail.english)
        done = self._attempts.depart(
            attempt,
            move,
            event,
            lambda: len(self.submissions(attempt.id)) == submissions and not self._copying(attempt),
        )
        if done:
            self._keep(attempt.id)
        return done

    def arrive(self, kept: AttemptRecord, submissions: Sequence[Submission]) -> None:
        """Take in an attempt from another machine, in place of what was known about it here. Raises AttemptError."""
        attempt = kept.attempt
        for submission in submissions:
            self._sidecar.keep_submission(submission)
        try:
            with self._ledger.writing() as writing:
                delete_attempt(writing, attempt.id)
                insert_attempt(writing, attempt, kept.problems, kept.journal, kept.result)
                for submission in submissions:
                    insert(writing, submission, None)
        except sqlite3.IntegrityError:
            self.refuse_while_running()
            raise
        self._keep(attempt.id)

    def adopt(self, sha256: str, write: Callable[[Path], None]) -> None:
        """Keep a submitted model that `write` puts at the path it is given, if its content has that hash."""
        self._snapshots.adopt(sha256, write)

    def snapshot(self, sha256: str) -> Path:
        """Where the copy of a submitted model is."""
        return self._snapshots.path(sha256)

    def refuse_while_running(self) -> None:
        """Raise AttemptError when an exam runs: there is one at a time."""
        running = self._time.look()
        if running is not None:
            raise AttemptError(
                sentence("no other exam to be running"),
                sentence("{candidate}'s in {folder}", candidate=running.candidate, folder=running.project),
                sentence("Resume it with `mockexam start`, or end it with `mockexam end`."),
            )

    def _copying(self, attempt: Attempt) -> bool:
        return self._submissions.is_copying(attempt.id)

    def _judge(self, submission: Submission, verdict: Verdict) -> Verdict:
        """Record a verdict; returns the one that stands, should another process have been first."""
        now = self._time.now(self._get(submission.attempt_id))
        if self._submissions.judge(submission, self._claim, verdict, now):
            self._sidecar.keep_submission(self.submission(submission.id))
        return self.submission(submission.id).verdict or verdict

    def _result_of(self, attempt: Attempt, damaged: tuple[str, ...]) -> Result | None:
        """The result, or None while a submission is being copied or tested."""
        if self._is_unsettled(attempt.id):
            return None
        final = self.standing(attempt.id)
        assert attempt.started_at is not None
        assert attempt.ended_at is not None
        assert attempt.end_reason is not None
        told = [event for event in self.journal(attempt.id) if event.kind in REMARKABLE]
        return Result(
            attempt_id=attempt.id,
            candidate=attempt.candidate,
            total=final.total,
            passed=final.passed,
            pass_mark=final.pass_mark,
            categories=final.categories,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            end_reason=attempt.end_reason,
            remarks=tuple(f"{event.at.astimezone():%H:%M} {event.detail}" for event in told) + damaged,
        )
