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
from typing import Any, Literal

import msgspec

from graders import boot, protocol, threads
from graders.client.supervisor_process import ATTEMPTS, SupervisorProcess
from graders.contract import Task
from graders.sandbox import kernel, report, trial
from graders.scratch import Scratch
from graders.sentences import Words, sentence
from graders.threads import NoThread
from graders.verdict import Phase, Reason, Verdict

ServiceState = Literal["stopped", "warming", "ready", "broken"]
CANCELLED = sentence("it was cancelled")
# On top of what two attempts may take, three children each: only a supervisor that was stopped from outside takes so
# long.
STALLED_SECONDS = 120.0


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

    `cold` starts each child anew, locked by nothing but limits: all that there is outside Linux, and never better.
    """

    def __init__(
        self, isolation: Literal["best", "required"] = "best", slots: int = 2, cold: bool = not kernel.LINUX
    ) -> None:
        self.on_state: Callable[[str], None] | None = None
        self._required = isolation == "required"
        self._slots = slots
        self._cold = cold
        self.guard = self._changed = threading.Condition(threading.RLock())
        self._state: ServiceState = "stopped"
        self._fault: Words = ""
        self._isolation: dict[str, Any] | None = None
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._supervisor: SupervisorProcess | None = None

    @property
    def state(self) -> ServiceState:
        """ "stopped", "warming" (submissions wait), "ready", or "broken" (a submission makes it try once more)."""
        return self._state

    @property
    def fault(self) -> Words:
        """Why it is broken, for a person; empty when it isn't."""
        return self._fault

    def start(self) -> None:
        """Start in the background and return immediately; does nothing when it runs already.

        Where no thread can be started it is "broken", until it is started again or something is submitted.
        """
        with self._changed:
            if self._supervisor is not None:
                return
            supervisor = SupervisorProcess(self)
            try:
                threads.start(supervisor)
            except NoThread as error:
                self._fault = sentence("the grader can't be started: {error}", error=error.strerror)
                self._enter("broken")
            else:
                self._supervisor = supervisor
                self._enter("warming")

    def stop(self) -> None:
        """End everything; pending submissions get the verdict "unable". Does nothing when it is stopped already."""
        with self._changed:
            supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.stop()
        self._give_up("stopped", sentence("the grader was stopped"))
        self._enter("stopped")

    def isolation_report(self, timeout: float = 5.0) -> dict[str, Any]:
        """What is in force: `level`, `layers` (name → what it is made of), `advice`, `tried`.

        Waits until the lock has been tried; after `timeout` seconds it reports what the kernel says, `tried` False.
        """
        with self._changed:
            self._changed.wait_for(self._knows_isolation, timeout)
            return self._isolation or isolation_report()

    def _knows_isolation(self) -> bool:
        known = self._isolation
        return self._supervisor is None or (known is not None and (known["tried"] or known["level"] == "none"))

    def submit(
        self,
        model: Path,
        task: Task,
        *,
        key: str,
        press: int = 0,
        told: Literal["all", "codes"] = "all",
        on_phase: Callable[[Phase], None] | None = None,
    ) -> Future[Verdict]:
        """Grade a model; the future always ends with one Verdict, unless it is cancelled before it runs.

        `key` fixes the draws, `press` varies them where the task says "redraw", `told` is as in `protocol.Grade`.
        Another thread calls `on_phase`.
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
                told=msgspec.UNSET if told == "all" else told,
            )
            pending = _Pending(order, future, on_phase)
            if self._supervisor is None:
                self._finish(pending, _unable("process", self._fault))
                return future
            self._pending[order.id] = pending
            self._supervisor.send(order)
        future.add_done_callback(lambda done: self.cancel(done) if done.cancelled() else None)
        return future

    def cancel(self, future: Future[Verdict]) -> None:
        """Stop a submission, waiting or running: its verdict is "unable" with code "cancelled"."""
        with self._changed:
            number = next((number for number, known in self._pending.items() if known.future is future), None)
            if number is None:
                return
            pending = self._pending[number]
            pending.cancelled = True  # sent once more after a crash, when the next supervisor would try it again
            if self._supervisor is not None:
                self._supervisor.send(protocol.Cancel(id=number))
            if pending.running:
                return
            del self._pending[number]
        self._finish(pending, _unable("cancelled", CANCELLED))

    # ------------------------------------------------------------------------- called by the supervisor's thread

    def setup(self, scratch: bytes) -> protocol.Setup:
        """See supervisor_process.Owner."""
        return protocol.Setup(scratch=scratch, required=self._required, slots=self._slots, cold=self._cold)

    def orders(self) -> list[protocol.Grade]:
        """See supervisor_process.Owner."""
        with self._changed:
            return [pending.order for pending in self._pending.values()]

    def happened(self, event: protocol.Event) -> None:
        """See supervisor_process.Owner."""
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
                # What the supervisor could not do because it was ending isn't a fault: `stop` gives the verdict.
                ends = self._supervisor is None and event.verdict.outcome == "unable"
                pending = None if ends else self._pending.pop(event.id, None)
                if not self._pending and self._supervisor is not None:
                    self._supervisor.idle()
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
        supervisor = self._supervisor
        if supervisor is not None:
            if pending.stalled is not None:  # it is graded once more
                pending.stalled.cancel()
            seconds = 6 * pending.order.task.limits.wall_seconds + STALLED_SECONDS
            pending.stalled = threading.Timer(seconds, supervisor.kill)
            pending.stalled.daemon = True
            with contextlib.suppress(NoThread):  # it is for a rare mishap; all else goes on without it
                threads.start(pending.stalled)

    def crashed(self) -> None:
        """See supervisor_process.Owner. What was tried twice is given up, the rest is tried again."""
        with self._changed:
            self._isolation = None
            lost = [number for number, known in self._pending.items() if known.attempts >= ATTEMPTS or known.cancelled]
            given_up = [self._pending.pop(number) for number in lost]
            for pending in self._pending.values():
                pending.attempts += 1
                if pending.stalled is not None:
                    pending.stalled.cancel()
        self._enter("warming")
        for pending in given_up:
            died = _unable("process", sentence("the grader's process died twice"))
            self._finish(pending, _unable("cancelled", CANCELLED) if pending.cancelled else died)

    def does_not_start(self, why: Words) -> None:
        """See supervisor_process.Owner."""
        self._fault = why
        self._enter("broken")
        self._give_up("process", why)

    def _give_up(self, code: str, found: Words) -> None:
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


def _absolute(path: str) -> bytes:
    return os.path.abspath(os.fsencode(path))  # noqa: PTH100 - pathlib takes no bytes


def _unable(code: str, found: Words) -> Verdict:
    advice = sentence("Press Submit and Test again. If it happens again, run `mockexam doctor`.")
    return Verdict(outcome="unable", reason=Reason.of("grader", code, sentence("a verdict"), found, advice))


def isolation_report(*, tried: bool = False) -> dict[str, Any]:
    """What would lock a model's process here, in the form of `Service.isolation_report`.

    The kernel is asked, which takes a few milliseconds; with `tried`, a process is started, locked, and has to try it.
    """
    return isolation_here(tried=tried).to_builtins()


def isolation_here(*, tried: bool = False) -> report.Isolation:
    """What `isolation_report` says, in words that can be translated."""
    known = report.probe()
    return _tried(known) if tried and "privileges" in known.layers else known


def _tried(known: report.Isolation) -> report.Isolation:
    try:
        scratch = Scratch()
    except OSError as error:
        return report.untried(known, str(error))
    command = boot.command("graders.sandbox.trial", [str(scratch.path), ",".join(known.engaged)])
    environment = boot.environment(scratch.path)
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=trial.MOST_SECONDS)
        return report.after_trial(known, trial.decoded(done.stdout))
    except (OSError, subprocess.TimeoutExpired, trial.TrialError) as error:
        return report.untried(known, str(error))
    finally:
        scratch.remove()


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
