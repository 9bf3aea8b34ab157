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
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from graders import boot, protocol
from graders.sandbox import kernel, libraries, privileges, report, seatbelt
from graders.sentences import sentence
from graders.trusted.fork_server import ForkServer
from graders.trusted.spawn_server import SpawnServer
from graders.verdict import Phase, Reason, Verdict

if TYPE_CHECKING:
    from graders.trusted.grading import Grader


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


class Submissions:
    """The submissions in hand: at most `slots` at a time, each with a way to stop it."""

    def __init__(self, grader: Callable[[], Grader], outbox: Outbox, slots: int) -> None:
        self._grader = grader
        self._outbox = outbox
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="submission")
        self._lock = threading.Lock()
        self._known: dict[int, tuple[Future[None], int]] = {}  # number → what runs it, the pipe whose end stops it

    def add(self, order: protocol.Grade) -> None:
        """Queue a submission."""
        cancelled, stop = os.pipe2(os.O_CLOEXEC) if kernel.LINUX else os.pipe()
        self._outbox.send(protocol.PhaseReached(id=order.id, phase="queued"))
        with self._lock:
            self._known[order.id] = (self._pool.submit(self._run, order, cancelled), stop)

    def cancel(self, number: int) -> None:
        """Stop a submission, waiting or running."""
        with self._lock:
            future, stop = self._known.get(number, (None, -1))
            if future is None:
                return
            if not future.cancel():
                with contextlib.suppress(OSError):
                    os.write(stop, b"x")
                return
        self._done(number, Verdict(outcome="unable", reason=CANCELLED))

    def _run(self, order: protocol.Grade, cancelled: int) -> None:
        def on_phase(phase: Phase) -> None:
            self._outbox.send(protocol.PhaseReached(id=order.id, phase=phase))

        try:
            verdict = self._grader().grade(order, on_phase, cancelled)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            reason = Reason.of("grader", "internal", sentence("a verdict"), found, sentence("Please report it."))
            verdict = Verdict(outcome="unable", reason=reason)
        os.close(cancelled)
        self._done(order.id, verdict)

    def _done(self, number: int, verdict: Verdict) -> None:
        with self._lock:
            _, stop = self._known.pop(number)
            os.close(stop)
        self._outbox.send(protocol.Done(id=number, verdict=verdict))


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
        (self._scratch / "keras").mkdir(mode=0o700, exist_ok=True)
        environment = boot.tensorflow_environment(self._scratch)
        self._fork_server = (
            SpawnServer(self._paths, self._scratch, environment, isolation, launcher)
            if setup.cold
            else ForkServer(self._paths, self._scratch, environment, isolation)
        )
        self._fork_server.on_state = self._tell_state
        self._grader_ready = threading.Event()
        self._grader: Grader | None = None
        self.submissions = Submissions(self._await_grader, outbox, setup.slots)

    def start(self) -> None:
        """Start what runs beside this thread; `end` ends it however far this got."""
        self._fork_server.start()  # first of all: importing TensorFlow takes longest
        self._tell_state()
        threading.Thread(target=self._prepare, name="preparation", daemon=True).start()

    def _prepare(self) -> None:
        """What takes a while and can be done while TensorFlow is imported: NumPy, and the list of libraries."""
        from graders.trusted.grading import Grader

        self._grader = Grader(self._fork_server, self._scratch, self._required)
        self._grader_ready.set()

    def _await_grader(self) -> Grader:
        self._grader_ready.wait()
        assert self._grader is not None
        return self._grader

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
    scratch: Path | None = None
    try:
        with contextlib.suppress(_Over):
            _end_with_parent()
            for line in sys.stdin.buffer:
                order = protocol.decode_order(line)
                if isinstance(order, protocol.Setup):
                    scratch = Path(os.fsdecode(order.scratch))
                    supervisor = Supervisor(order, outbox)
                    supervisor.start()
                elif supervisor is not None:
                    supervisor.obey(order)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    finally:
        if supervisor is not None:
            supervisor.end()
        elif scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    main()
