"""The trusted process beside the application: holds the labels, keeps the warm process, grades.

Orders come as lines on stdin, events go as lines to stdout (graders/protocol.py). When stdin ends, because the
application has ended in whatever way, everything below ends too and the scratch folder is deleted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from graders import boot, protocol, scratch, threads
from graders.sandbox import kernel, libraries, privileges, report, seatbelt
from graders.sentences import sentence
from graders.threads import NoThread
from graders.trusted.fork_server import ForkServer
from graders.trusted.spawn_server import SpawnServer
from graders.verdict import Phase, Reason, Verdict

if TYPE_CHECKING:
    from graders.trusted.grading import Grader

LEAST_MEMORY, MOST_MEMORY = 2 << 30, 16 << 30


class Outbox:
    """Sends events to the application, whole lines from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, event: protocol.Event) -> None:
        """Send one event; when nobody listens any more, stdin ends too and that is dealt with there."""
        left = memoryview(protocol.encode(event) + b"\n")
        with self._lock, contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._descriptor, left) :]


@dataclass
class _Submission:
    """An order, the pipe that `cancelled` is the reading end of, and whether a thread has it in hand."""

    order: protocol.Grade
    cancelled: int
    stop: int
    running: bool = False


class Submissions:
    """The submissions in hand: at most `slots` at a time, each with a way to stop it.

    One that lost its process while others were at work is graded once more by itself: they may have used up what it
    needs. `after` is called when a submission is over, before the next one.
    """

    def __init__(
        self, grader: Callable[[], Grader], outbox: Outbox, slots: int, after: Callable[[], None] = lambda: None
    ) -> None:
        self._grader = grader
        self._outbox = outbox
        self._slots = slots
        self._after = after
        self._lock = threading.Lock()
        self._known: dict[int, _Submission] = {}
        self._waiting: SimpleQueue[int] = SimpleQueue()
        self._threads = 0
        self._changed = threading.Condition()
        self._at_work = 0
        self._in_company = False  # whether two were at work since nobody was
        self._want_alone = 0

    def add(self, order: protocol.Grade) -> None:
        """Queue a submission."""
        cancelled, stop = os.pipe2(os.O_CLOEXEC) if kernel.LINUX else os.pipe()
        self._outbox.send(protocol.PhaseReached(id=order.id, phase="queued"))
        with self._lock:
            self._known[order.id] = _Submission(order, cancelled, stop)
        self._waiting.put(order.id)
        if self._threads < self._slots:
            self._hire()

    def _hire(self) -> None:
        """One thread more; where there is none to be had, and none at work, all that wait get their verdict."""
        try:
            threads.start(threading.Thread(target=self._work, name="submission", daemon=True))
            self._threads += 1
        except NoThread as error:
            if not self._threads:
                with self._lock:
                    waiting, self._known = self._known, {}
                for submission in waiting.values():
                    self._tell(submission, Verdict(outcome="unable", reason=_no_thread(error)))

    def _work(self) -> None:
        while True:
            number = self._waiting.get()
            with self._lock:
                submission = self._known.get(number)
                if submission is None:  # it was cancelled
                    continue
                submission.running = True
            verdict = self._verdict(submission)
            with self._lock:
                del self._known[number]
            self._tell(submission, verdict)
            self._after()

    def cancel(self, number: int) -> None:
        """Stop a submission, waiting or running."""
        with self._lock:
            submission = self._known.get(number)
            if submission is None:
                return
            if submission.running:
                with contextlib.suppress(OSError):
                    os.write(submission.stop, b"x")
                return
            del self._known[number]
        self._tell(submission, Verdict(outcome="unable", reason=CANCELLED))

    def _verdict(self, submission: _Submission) -> Verdict:
        with self._changed:
            self._changed.wait_for(lambda: not self._want_alone)
            self._at_work += 1
            self._in_company |= self._at_work > 1
        try:
            verdict = self._graded(submission)
        finally:
            with self._changed:
                in_company = self._in_company
                self._leave()
        lost = verdict.outcome == "unable" and verdict.reason is not None and verdict.reason.code == "process"
        return self._graded_alone(submission) if lost and in_company else verdict

    def _leave(self) -> None:
        self._at_work -= 1
        self._in_company = self._in_company and self._at_work > 0
        self._changed.notify_all()

    def _graded_alone(self, submission: _Submission) -> Verdict:
        with self._changed:
            self._want_alone += 1
            self._changed.wait_for(lambda: not self._at_work)
            self._at_work += 1
        try:
            return self._graded(submission)
        finally:
            with self._changed:
                self._want_alone -= 1
                self._leave()

    def _graded(self, submission: _Submission) -> Verdict:
        order = submission.order

        def on_phase(phase: Phase) -> None:
            self._outbox.send(protocol.PhaseReached(id=order.id, phase=phase))

        try:
            return self._grader().grade(order, on_phase, submission.cancelled)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            reason = Reason.of("grader", "internal", sentence("a verdict"), found, sentence("Please report it."))
            return Verdict(outcome="unable", reason=reason)

    def _tell(self, submission: _Submission, verdict: Verdict) -> None:
        os.close(submission.cancelled)
        os.close(submission.stop)
        self._outbox.send(protocol.Done(id=submission.order.id, verdict=verdict))


def _no_thread(error: NoThread) -> Reason:
    return Reason.of(
        "grader",
        "process",
        sentence("a verdict"),
        sentence("the grader can't start a thread ({error})", error=error.strerror),
        sentence("Close programs, or raise the limit on processes (`ulimit -u`), and press Submit and Test again."),
    )


CANCELLED = Reason.of(
    "grader",
    "cancelled",
    sentence("a verdict"),
    sentence("it was cancelled"),
    sentence("Press Submit and Test again when you want a verdict."),
)


class Supervisor:
    """All that belongs to one run of this process."""

    def __init__(self, setup: protocol.Setup, outbox: Outbox) -> None:
        self._outbox = outbox
        self._scratch = Path(os.fsdecode(setup.scratch))
        self._required = setup.required
        isolation = report.portable() if setup.cold else report.probe()
        launcher = seatbelt.command if isolation.level == "seatbelt" else None
        self._readable: tuple[bytes, ...] = ()
        scratch.ensure(self._scratch)
        (self._scratch / "keras").mkdir(mode=0o700, exist_ok=True)
        environment = boot.tensorflow_environment(self._scratch)
        self._fork_server = (
            SpawnServer(self._paths, self._scratch, environment, isolation, launcher)
            if setup.cold
            else ForkServer(self._paths, self._scratch, environment, isolation)
        )
        self._fork_server.on_state = self._tell_state
        self._grader_lock = threading.Lock()
        self._grader: Grader | None = None
        self.submissions = Submissions(self._await_grader, outbox, setup.slots, self._keep_scratch)

    def start(self) -> None:
        """Start what runs beside this thread; `end` ends it however far this got."""
        self._fork_server.start()  # first of all: importing TensorFlow takes longest
        self._tell_state()
        with contextlib.suppress(NoThread):  # the first submission does it
            threads.start(threading.Thread(target=self._prepare, name="preparation", daemon=True))

    def _prepare(self) -> None:
        """What takes a while and can be done while TensorFlow is imported: NumPy, and the list of libraries."""
        with contextlib.suppress(Exception):  # the first submission tries again, and says what is wrong
            self._await_grader()

    def _await_grader(self) -> Grader:
        with self._grader_lock:
            if self._grader is None:
                from graders.trusted.grading import Grader

                self._grader = Grader(self._fork_server, self._scratch, self._required)
            return self._grader

    def _keep_scratch(self) -> None:
        """End where the scratch folder is somebody else's now: the next supervisor has another."""
        with contextlib.suppress(OSError):
            try:
                scratch.ensure(self._scratch)
            except PermissionError:
                os.kill(os.getpid(), signal.SIGTERM)

    def _paths(self) -> tuple[bytes, ...]:
        self._readable = self._readable or libraries.readable()
        return self._readable

    def _tell_state(self) -> None:
        isolation = self._fork_server.isolation.to_builtins()
        fault = str(self._fork_server.fault)
        self._outbox.send(protocol.StateChanged(state=self._fork_server.state, isolation=isolation, fault=fault))

    def obey(self, order: protocol.Order) -> None:
        """Carry out one order."""
        if isinstance(order, protocol.Grade):
            self.submissions.add(order)
        elif isinstance(order, protocol.Cancel):
            self.submissions.cancel(order.id)

    def end(self) -> None:
        """End everything that belongs to this run."""
        self._fork_server.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)


class _Over(Exception):  # noqa: N818 - an order
    """Asked to end."""


def _most_memory() -> int:
    """How many bytes this process may use: honest hidden sets fit in, and the machine has some left.

    It holds no more than twice the largest hidden set while that is read, and what may come from children, which has
    a cap.
    """
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return min(max(half, LEAST_MEMORY), MOST_MEMORY)


def _end_at_once(*_: object) -> NoReturn:
    """A thread has died of what nobody foresaw: the application starts another supervisor and asks again."""
    os._exit(1)


def _end_with_parent() -> None:
    """A second sign of the application's death, for when another process holds our stdin open."""

    def over(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once only: the tidying up must not be cut short
        raise _Over

    signal.signal(signal.SIGTERM, over)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if kernel.LINUX:
        kernel.prctl(privileges.PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Run until stdin ends."""
    outbox = Outbox(os.dup(1))
    os.dup2(2, 1)  # nothing that a library prints gets between the events
    supervisor: Supervisor | None = None
    folder: Path | None = None
    threading.excepthook = _end_at_once
    try:
        with contextlib.suppress(_Over):
            _end_with_parent()
            privileges.limit_memory(_most_memory())
            for line in sys.stdin.buffer:
                order = protocol.decode_order(line)
                if isinstance(order, protocol.Setup):
                    folder = Path(os.fsdecode(order.scratch))
                    supervisor = Supervisor(order, outbox)
                    supervisor.start()
                elif supervisor is not None:
                    supervisor.obey(order)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    finally:
        if supervisor is not None:
            supervisor.end()
        elif folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    main()
