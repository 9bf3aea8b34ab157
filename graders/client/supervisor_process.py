"""Keeps one supervisor alive for a service, and notices when it dies."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from typing import IO, Protocol

from graders import boot, protocol, threads
from graders.scratch import Scratch
from graders.sentences import Words, sentence
from graders.threads import NoThread
from graders.usage import StopWatch

ATTEMPTS = 2
STOP_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 10.0


class Owner(Protocol):
    """Whom a supervisor process asks and tells, from threads of its own."""

    guard: threading.Condition  # held while orders change

    def setup(self, scratch: bytes) -> protocol.Setup:
        """Return the first order to a new supervisor."""

    def orders(self) -> list[protocol.Grade]:
        """Return what a new supervisor has to do."""

    def happened(self, event: protocol.Event) -> None:
        """The supervisor said something."""

    def crashed(self) -> None:
        """The supervisor died, and another one is started."""

    def does_not_start(self, why: Words) -> None:
        """No supervisor lives long enough to be ready; starting one is tried again, at longer intervals."""


class SupervisorProcess(threading.Thread):
    """Keeps one supervisor alive and reads what it says, until stopped.

    The thread that starts a process must outlive it: Linux ends a process that asked for it with the thread.
    """

    def __init__(self, owner: Owner) -> None:
        super().__init__(name="grader", daemon=True)
        self._owner = owner
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watch = StopWatch(lambda: self._process.pid if self._process is not None else None, self.kill)

    def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            was_ready, fault = self._one_life()
            failures = 0 if was_ready else failures + 1
            if self._stopping.is_set():
                return
            with contextlib.suppress(Exception):  # this thread goes on, or nobody would ever get a verdict
                self._owner.crashed()
                if failures >= ATTEMPTS:
                    self._owner.does_not_start(fault)
            if failures >= ATTEMPTS:
                self._stopping.wait(min(2.0 ** (failures - ATTEMPTS), LONGEST_PAUSE_SECONDS))

    def _one_life(self) -> tuple[bool, Words]:
        """Start a supervisor and listen until it ends; returns whether it was ever ready, and what went wrong."""
        ready = False
        fault: Words = sentence("the grader's process does not start")
        scratch = None
        try:
            scratch = Scratch()
            for line in self._spawn(scratch):
                event = protocol.decode_event(line)
                ready = ready or (isinstance(event, protocol.StateChanged) and event.state == "ready")
                self._owner.happened(event)
        except Exception as error:  # no memory, no disk, no process, no sense
            fault = sentence("the grader's process does not start: {error}", error=error)
        finally:
            self._bury()
            if scratch is not None:
                scratch.remove()
        return ready, fault

    def _spawn(self, scratch: Scratch) -> IO[bytes]:
        process = subprocess.Popen(
            boot.command("graders.trusted.supervisor", []),
            env=boot.environment(scratch.path),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is the application's affair
        )
        with self._owner.guard, self._lock:  # no order may slip between the resent ones and the new ones
            self._process = process
            self.send(self._owner.setup(os.fsencode(scratch.path)))
            for order in self._owner.orders():
                self.send(order)
        if self._stopping.is_set():  # set while there was no process to be told
            process.kill()
        assert process.stdout is not None
        return process.stdout

    def _bury(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def send(self, order: protocol.Order) -> None:
        """Send an order; when there is no supervisor, the next one gets all that is pending."""
        if isinstance(order, protocol.Grade):
            self._watch.start()
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError, ValueError):
                    self._process.stdin.write(protocol.encode(order) + b"\n")
                    self._process.stdin.flush()

    def idle(self) -> None:
        """No verdict is awaited: the supervisor need not be watched."""
        self._watch.stop()

    def kill(self) -> None:
        """End the supervisor as a crash would. Takes no lock: another thread may hold it, stuck in a full pipe."""
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """Ask the supervisor to end, and make sure that it does."""
        self._stopping.set()
        self._watch.stop()
        in_time = threading.Timer(STOP_SECONDS, self.kill)  # closing waits for a supervisor that doesn't read
        in_time.daemon = True
        try:
            threads.start(in_time)
        except NoThread:
            self.kill()
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()
        self.join(2 * STOP_SECONDS)
        in_time.cancel()
