"""The application's handle on the grader. Imports neither NumPy nor TensorFlow, and never raises for a bad model."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from graders import boot, protocol
from graders.contract import Task
from graders.sandbox import kernel, report
from graders.scratch import Scratch
from graders.verdict import Phase, Reason, Verdict

ServiceState = Literal["stopped", "warming", "ready", "broken"]
ATTEMPTS = 2
STOP_SECONDS = 5.0
STALLED_SECONDS = 120.0  # beyond twice the limits: only a supervisor that was stopped from outside takes so long


@dataclass
class _Pending:
    """A submission without a verdict yet."""

    order: protocol.Grade
    future: Future[Verdict]
    on_phase: Callable[[Phase], None] | None
    attempts: int = 1
    running: bool = False
    cancelled: bool = False
    stalled: threading.Timer | None = None


class Service:
    """A warm grader. `isolation="required"` grades behind the full lock only; `slots` submissions run at a time.

    `cold` starts each child anew and unlocked but for limits: all that there is outside Linux, and never better.
    """

    def __init__(
        self, isolation: Literal["best", "required"] = "best", slots: int = 2, cold: bool = not kernel.LINUX
    ) -> None:
        self.on_state: Callable[[str], None] | None = None
        self._required = isolation == "required"
        self._slots = slots
        self._cold = cold
        self._changed = threading.Condition(threading.RLock())
        self._state: ServiceState = "stopped"
        self._fault = ""
        self._isolation: dict[str, Any] | None = None
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._keeper: _Keeper | None = None

    @property
    def state(self) -> ServiceState:
        """ "stopped", "warming" (submissions wait), "ready", or "broken" (a submission makes it try once more)."""
        return self._state

    @property
    def fault(self) -> str:
        """Why it is broken, for a person; empty when it isn't."""
        return self._fault

    def start(self) -> None:
        """Start in the background and return at once; nothing when it runs already."""
        with self._changed:
            if self._keeper is None:
                self._keeper = _Keeper(self)
                self._enter("warming")
                self._keeper.start()

    def stop(self) -> None:
        """End everything; pending submissions get the verdict "unable". Nothing when it is stopped already."""
        with self._changed:
            keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.stop()
        self._give_up("stopped", "the grader was stopped")
        self._enter("stopped")

    def isolation_report(self, timeout: float = 5.0) -> dict[str, Any]:
        """What is in force: `level`, `layers` (name → what it is made of), `advice`. Waits for the supervisor."""
        with self._changed:
            self._changed.wait_for(lambda: self._isolation is not None or self._keeper is None, timeout)
            return self._isolation or isolation_report()

    def submit(
        self,
        model: Path,
        task: Task,
        *,
        key: str,
        press: int = 0,
        on_phase: Callable[[Phase], None] | None = None,
    ) -> Future[Verdict]:
        """Grade a model; the future always ends with one Verdict, unless it is cancelled before it runs.

        `key` fixes the draws, `press` varies them where the task says "redraw". Another thread calls `on_phase`.
        """
        future: Future[Verdict] = Future()
        with self._changed:
            self.start()
            self._last_id += 1
            order = protocol.Grade(
                id=self._last_id,
                model=_absolute(os.fspath(model)),
                hidden=_absolute(task.hidden),
                task=msgspec.structs.replace(task, hidden=""),
                key=key,
                press=press,
            )
            self._pending[order.id] = _Pending(order, future, on_phase)
            assert self._keeper is not None
            self._keeper.send(order)
        future.add_done_callback(lambda done: self.cancel(done) if done.cancelled() else None)
        return future

    def cancel(self, future: Future[Verdict]) -> None:
        """Stop a submission, waiting or running: its verdict is "unable" with code "cancelled"."""
        with self._changed:
            number = next((number for number, known in self._pending.items() if known.future is future), None)
            if number is None:
                return
            pending = self._pending[number]
            pending.cancelled = True  # said once more after a crash, when the next supervisor would try it again
            if self._keeper is not None:
                self._keeper.send(protocol.Cancel(id=number))
            if pending.running:
                return
            del self._pending[number]
        self._finish(pending, _unable("cancelled", "it was cancelled"))

    # ------------------------------------------------------------------------- called by the keeper's thread

    def _orders(self) -> list[protocol.Grade]:
        """What a new supervisor has to do; what was tried often enough gets its verdict."""
        with self._changed:
            return [pending.order for pending in self._pending.values()]

    def _happened(self, event: protocol.Event) -> None:
        if isinstance(event, protocol.StateChanged):
            with self._changed:
                self._isolation = event.isolation
                self._fault = event.fault if event.state == "broken" else ""
            if event.state in ("warming", "ready", "broken"):
                self._enter(event.state)  # type: ignore[arg-type]
        elif isinstance(event, protocol.PhaseReached):
            self._reached(event)
        else:
            with self._changed:
                pending = self._pending.pop(event.id, None)
            if pending is not None:
                self._finish(pending, event.verdict)

    def _reached(self, event: protocol.PhaseReached) -> None:
        with self._changed:
            pending = self._pending.get(event.id)
            if pending is None:
                return
            if event.phase != "queued" and not pending.running:
                if not pending.future.set_running_or_notify_cancel():
                    return
                pending.running = True
            if event.phase == "copying":
                self._watch(pending)
        if pending.on_phase is not None:
            with contextlib.suppress(Exception):  # a caller's fault must not end the thread that reads verdicts
                pending.on_phase(event.phase)

    def _watch(self, pending: _Pending) -> None:
        keeper = self._keeper
        if keeper is not None:
            seconds = 2 * pending.order.task.limits.wall_seconds + STALLED_SECONDS
            pending.stalled = threading.Timer(seconds, keeper.kill)
            pending.stalled.daemon = True
            pending.stalled.start()

    def _crashed(self) -> None:
        """The supervisor died: what it had tried twice is given up, the rest is tried again."""
        with self._changed:
            self._isolation = None
            lost = [number for number, known in self._pending.items() if known.attempts >= ATTEMPTS or known.cancelled]
            given_up = [self._pending.pop(number) for number in lost]
            for pending in self._pending.values():
                pending.attempts += 1
                if pending.stalled is not None:
                    pending.stalled.cancel()
        for pending in given_up:
            why = ("cancelled", "it was cancelled") if pending.cancelled else ("process", "its own process died twice")
            self._finish(pending, _unable(*why))

    def _give_up(self, code: str, found: str) -> None:
        with self._changed:
            pending, self._pending = list(self._pending.values()), {}
        for each in pending:
            self._finish(each, _unable(code, found))

    def _finish(self, pending: _Pending, verdict: Verdict) -> None:
        if pending.stalled is not None:
            pending.stalled.cancel()
        if pending.running or pending.future.set_running_or_notify_cancel():
            pending.future.set_result(verdict)

    def _enter(self, state: ServiceState) -> None:
        with self._changed:
            if self._state == state:
                return
            self._state = state
            self._changed.notify_all()
        if self.on_state is not None:
            with contextlib.suppress(Exception):
                self.on_state(state)


class _Keeper(threading.Thread):
    """Keeps one supervisor alive and reads what it says, until stopped.

    The thread that starts a process must outlive it: Linux ends a process that asked for it with the thread.
    """

    def __init__(self, service: Service) -> None:
        super().__init__(name="grader", daemon=True)
        self._service = service
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def run(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            spoke = self._one_life()
            deaths = 0 if spoke else deaths + 1
            if self._stopping.is_set():
                return
            self._service._crashed()
            if deaths >= ATTEMPTS:
                self._service._fault = "the grader's process does not start"
                self._service._enter("broken")
                self._service._give_up("process", "the grader's process does not start")
                self._stopping.wait(1.0)
            else:
                self._service._enter("warming")

    def _one_life(self) -> bool:
        """Start a supervisor and listen until it ends; whether it ever said anything."""
        scratch = Scratch()
        spoke = False
        try:
            events = self._spawn(scratch)
            for line in events:
                spoke = True
                self._service._happened(protocol.decode_event(line))
        finally:
            with self._lock:
                process, self._process = self._process, None
            if process is not None:
                process.kill()
                process.wait()
                _close(process)
            scratch.remove()
        return spoke

    def _spawn(self, scratch: Scratch) -> IO[bytes]:
        setup = protocol.Setup(
            scratch=os.fsencode(scratch.path),
            required=self._service._required,
            slots=self._service._slots,
            cold=self._service._cold,
        )
        process = subprocess.Popen(
            boot.command("graders.supervisor", []),
            env=boot.environment(scratch.path),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is the application's affair
        )
        with self._service._changed, self._lock:  # no order may slip between the resent ones and the new ones
            self._process = process
            self.send(setup)
            for order in self._service._orders():
                self.send(order)
        assert process.stdout is not None
        return process.stdout

    def send(self, order: protocol.Order) -> None:
        """Send an order; when there is no supervisor, the next one gets all that is pending."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError, ValueError):
                    self._process.stdin.write(protocol.encode(order) + b"\n")
                    self._process.stdin.flush()

    def kill(self) -> None:
        """End the supervisor as a crash would."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def stop(self) -> None:
        """Ask the supervisor to end, and make sure of it."""
        self._stopping.set()
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        self.join(STOP_SECONDS)
        self.kill()
        self.join(STOP_SECONDS)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _absolute(path: str) -> bytes:
    return os.path.abspath(os.fsencode(path))  # noqa: PTH100 - pathlib takes no bytes


def _unable(code: str, found: str) -> Verdict:
    advice = "Press Submit and Test again. If it happens again, run `mockexam doctor`."
    reason = Reason(link="grader", code=code, expected="a verdict", found=found, advice=advice)
    return Verdict(outcome="unable", reason=reason)


def isolation_report() -> dict[str, Any]:
    """What would lock a model's process here, asked of the kernel; a few milliseconds, nothing is started."""
    isolation: dict[str, Any] = msgspec.to_builtins(report.probe())
    return isolation


def grade(
    model: Path,
    task: Task,
    *,
    key: str,
    press: int = 0,
    isolation: Literal["best", "required"] = "best",
    on_phase: Callable[[Phase], None] | None = None,
) -> Verdict:
    """Grade one model with a service of its own, and wait for the verdict."""
    service = Service(isolation, slots=1)
    try:
        return service.submit(model, task, key=key, press=press, on_phase=on_phase).result()
    finally:
        service.stop()
