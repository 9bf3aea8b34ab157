"""One submission, from the file to the verdict. Trusted: holds the labels, never opens a model."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from graders.contract import Contract, Task
from graders.formats import BY_NAME
from graders.protocol import Grade
from graders.sandbox.report import Isolation
from graders.scoring import scores
from graders.scratch import ensure
from graders.sentences import sentence
from graders.trusted import codes
from graders.trusted.findings import (
    SINGLY,
    Findings,
    damaged,
    depends_on_others,
    failure,
    internal,
    isolation_missing,
    not_comparable,
    not_finite,
    unable,
    unrepeatable,
)
from graders.trusted.fork_server import Child, ForkServer, Lost, unique_folder
from graders.trusted.hidden_set import HiddenSet, HiddenSetError, HiddenSets
from graders.trusted.independence.comparison import Comparison
from graders.trusted.independence.interviews import Alone, Singly, Whole
from graders.trusted.independence.sample import Sample, draw
from graders.trusted.spawn_server import SpawnServer
from graders.trusted.staging import Refused, Staged, stage
from graders.trusted.watchdog import Answer, Interview, Watchdog
from graders.verdict import Phase, Reason, Receipt, Verdict

ATTEMPTS = 2
OF_THE_MACHINE = (
    errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EROFS, errno.EAGAIN, errno.ENOENT,
)  # fmt: skip
NO_MEMORY = sentence("the grader has no memory left")


class Grader:
    """Grades submissions, several threads at once. `required`: only behind the full lock."""

    def __init__(self, fork_server: ForkServer | SpawnServer, scratch: Path, required: bool) -> None:
        self._fork_server = fork_server
        self._scratch = scratch
        self._required = required
        self._hidden = HiddenSets()

    def grade(self, request: Grade, on_phase: Callable[[Phase], None], cancelled: int) -> Verdict:
        """Always returns a verdict; `cancelled` is a descriptor that becomes readable when grading should stop."""
        if not self.suffices(self._fork_server.isolation):
            return self._marked(Verdict(outcome="unable", reason=isolation_missing(self._fork_server.isolation)))
        try:
            ensure(self._scratch)
            folder = unique_folder(self._scratch)
        except OSError as error:
            return self._marked(Verdict(outcome="unable", reason=unable("machine", error.strerror or "")))
        try:
            return self._marked(_Submission(self, request, on_phase, cancelled, folder).verdict())
        except OSError as error:
            reason = unable("machine", error.strerror or "") if error.errno in OF_THE_MACHINE else internal(error)
            return self._marked(Verdict(outcome="unable", reason=reason))
        except MemoryError:
            return self._marked(Verdict(outcome="unable", reason=unable("machine", NO_MEMORY)))
        except Exception as error:  # the last resort: our own fault must not cost the candidate anything
            return self._marked(Verdict(outcome="unable", reason=internal(error)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _marked(self, verdict: Verdict) -> Verdict:
        return msgspec.structs.replace(verdict, isolation=self._fork_server.isolation.level)

    # What a submission needs of its grader.

    def isolation(self) -> Isolation:
        """What is in force, once it has been tried; raises Lost."""
        return self._fork_server.tried_isolation()

    def suffices(self, isolation: Isolation) -> bool:
        """Whether models may be opened at all behind this lock."""
        return not self._required or isolation.level == "full"

    def hidden(self, path: bytes) -> HiddenSet:
        """The hidden set at `path`; raises HiddenSetError."""
        return self._hidden.get(path)

    def fork(self, order: dict[str, Any]) -> Child:
        """A locked child; raises Lost."""
        return self._fork_server.fork(order)


class _Examinee(NamedTuple):
    """A model and what it is examined with."""

    staged: Staged
    hidden: HiddenSet
    isolation: Isolation


class _Submission:
    """One submission being graded, with what is known about it so far."""

    def __init__(
        self, grader: Grader, request: Grade, on_phase: Callable[[Phase], None], cancelled: int, folder: Path
    ) -> None:
        self._grader = grader
        self._request = request
        self._on_phase = on_phase
        self._cancelled = cancelled
        self._folder = folder
        self._findings = Findings(request.model)

    @property
    def _task(self) -> Task:
        return self._request.task

    @property
    def _contract(self) -> Contract:
        return self._task.contract

    def verdict(self) -> Verdict:
        self._on_phase("copying")
        began = time.monotonic()
        try:
            staged = stage(
                Path(os.fsdecode(self._request.model)), self._folder, self._contract, within=self._task.folder or ""
            )
        except Refused as refused:
            return self._end("refused", refused.reason)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a full disk and the like are our own fault
                raise
            # A damaged archive sends its reader to positions before the file's start.
            return self._end("refused", damaged(error))
        self._findings.staged(staged, time.monotonic() - began)
        try:
            hidden = self._grader.hidden(self._request.hidden)
        except HiddenSetError as error:
            return self._end("unable", unable("hidden", error.found))
        return self._examined(staged, hidden)

    def _examined(self, staged: Staged, hidden: HiddenSet) -> Verdict:
        self._on_phase("loading")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                isolation = self._grader.isolation()
                if not self._grader.suffices(isolation):
                    return self._end("unable", isolation_missing(isolation))
                if BY_NAME[staged.kind].holds_code and not isolation.holds_code:
                    return self._end("refused", isolation_missing(isolation))
                return self._questioned(_Examinee(staged, hidden, isolation))
            except Lost as lost:
                if attempt == ATTEMPTS:
                    return self._end("unable", unable("process", lost.found))
        raise AssertionError("unreachable")

    def _questioned(self, examinee: _Examinee) -> Verdict:
        """Have all rows predicted, and a sample of them alone; raises Lost."""
        hidden, shape = examinee.hidden, self._contract.output_shape
        sample = draw(hidden.rows, hidden.order)
        whole = Whole(hidden, self._request.key, shape, self._findings, sample, lambda: self._on_phase("testing"))
        if broken := self._broken(self._ask(examinee, whole)):
            return broken
        company = whole.company
        assert company is not None
        comparison = Comparison(hidden.labels, sample.rows, self._task.scoring)
        beside = company[list(sample.rows)]
        if whole.alone is not None:
            count = comparison.differing(whole.alone, beside)
            return self._refused(depends_on_others, count, sample) if count else self._scored(company, hidden)
        alone = Alone(hidden, self._request.key, shape, sample, beside, comparison)
        if broken := self._broken(self._ask(examinee, alone)):
            return broken
        first, *again = alone.answers
        if alone.single is None:
            return self._scored(company, hidden)
        count = max(comparison.differing(first, answers) for answers in again)
        repeats = [] if whole.memory == "variables" else alone.answers
        looks = comparison.gains(repeats, alone.single, beside)
        # Variables that change may hold statistics of the batch: no gain, and nothing left of it from row to row.
        if looks or (not count and whole.memory != "variables"):
            return self._refused(depends_on_others, comparison.differing(first, beside), sample)
        count = max(count, comparison.differing(first, beside))
        if whole.memory == "anything" or self._contract.unrepeatable == "refused":
            return self._refused(unrepeatable, count, sample)
        return self._scored_singly(examinee, count, sample)

    def _scored_singly(self, examinee: _Examinee, count: int, sample: Sample) -> Verdict:
        """Score a model that answers at random or from memory, or refuse it where that takes too long; raises Lost."""
        singly = Singly(examinee.hidden, self._request.key, self._contract.output_shape)
        # The same random numbers each time the same file is submitted.
        digest = hashlib.sha256(f"{examinee.staged.sha256} {self._request.key}".encode()).digest()
        seed = int.from_bytes(digest[:4], "little") >> 1
        answer = self._ask(examinee, singly, seed)
        if answer.failure is not None and answer.failure[0] in ("time", "cpu"):
            return self._refused(unrepeatable, count, sample)
        if broken := self._broken(answer):
            return broken
        assert singly.predictions is not None
        self._findings.notes += (SINGLY,)
        return self._scored(singly.predictions, examinee.hidden)

    def _refused(self, reason: Callable[[int, int], Reason], count: int, sample: Sample) -> Verdict:
        return self._end("refused", reason(count, len(sample.rows)))

    def _ask(self, examinee: _Examinee, interview: Interview, seed: int | None = None) -> Answer:
        staged, hidden, isolation = examinee
        limits = self._task.limits
        contract = msgspec.structs.replace(self._contract, output_shape=hidden.asked_for(self._contract.output_shape))
        if not isolation.holds_code:
            contract = msgspec.structs.replace(contract, lambda_allowed=False)
        order = {
            "model": os.fsdecode(staged.path),
            "kind": staged.kind,
            "contract": msgspec.to_builtins(contract),
            "shape": hidden.shape,
            "dtype": hidden.dtype,
            "layers": isolation.engaged,
            "address_bytes": limits.address_bytes,
            "cpu_seconds": limits.cpu_seconds,
            "seed": secrets.randbits(31) if seed is None else seed,
        }
        child = self._grader.fork(order)
        try:
            return Watchdog(child, limits, self._cancelled, interview).run()
        finally:
            child.close()

    def _broken(self, answer: Answer) -> Verdict | None:
        """The verdict on a child that didn't answer all it was asked."""
        self._findings.answered(answer)
        in_codes = answer.asked and self._request.told == "codes"
        if answer.failure is not None:
            code, found = answer.failure
            if code in ("cancelled", "lock"):
                return self._end("unable", unable(code, found))
            found = codes.FAILURES.get(code, found) if in_codes else found
            return self._end("failed", failure(code, found, self._task.limits))
        if answer.refusal is not None:
            return self._end("refused", self._findings.refusal(answer.refusal, in_codes=in_codes))
        if answer.error is not None:
            return self._end("failed", self._findings.error(answer.error, self._task.limits, in_codes=in_codes))
        return None

    def _scored(self, predictions: NDArray[np.float32], hidden: HiddenSet) -> Verdict:
        if strange := int(np.count_nonzero(~np.isfinite(predictions))):
            return self._end("refused", not_finite(strange, predictions.size))
        self._on_phase("scoring")
        began = time.monotonic()
        try:
            scored = scores.score(
                predictions, hidden.labels, self._task.scoring, self._request.key, self._request.press
            )
        except ValueError as error:
            if None in hidden.asked_for(self._contract.output_shape):
                return self._end("refused", not_comparable(error))
            found = sentence("the hidden set's labels can't be compared with the predictions: {error}", error=error)
            return self._end("unable", unable("hidden", found))
        self._findings.timed("scoring", time.monotonic() - began)
        verdict = self._end("scored", None).with_notes(scored.notes)
        return msgspec.structs.replace(
            verdict,
            tests=scored.tests,
            pass_probabilities=scored.pass_probabilities,
            pass_probability_sets=msgspec.UNSET if scored.sets is None else scored.sets,
        )

    def _end(self, outcome: Any, reason: Reason | None) -> Verdict:
        receipt: Receipt = self._findings.receipt()
        return Verdict(outcome=outcome, reason=reason, receipt=receipt).with_notes(self._findings.notes)
