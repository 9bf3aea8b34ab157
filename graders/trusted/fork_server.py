"""The trusted side's handles: on the warm process, and on each child that it forks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from graders import boot
from graders.sandbox import privileges, report, trial
from graders.scratch import ensure
from graders.sentences import Sentence, Words, sentence
from graders.usage import StopWatch

State = Literal["warming", "ready", "broken", "stopped"]
IMPORT_SECONDS = 180.0  # a cold disk, a machine under load
FORK_SECONDS = 20.0
REAP_SECONDS = 5.0
MESSAGE_BYTES = 1 << 16
MOST_FAILED_STARTS = 2


class Lost(Exception):  # noqa: N818 - what happened, not an error of the caller
    """The warm process, or the child with it, went away through no fault of the model; `found` says how."""

    def __init__(self, found: Words) -> None:
        super().__init__(str(found))
        self.found = found


class Ended(NamedTuple):
    """How a child ended: wait status, seconds of processor time, most bytes in memory."""

    status: int
    cpu: float
    peak: int


class Child:
    """A process that examines one model; `process` and `handle` (a pidfd) are known once it is forked.

    Through `channel` it is asked and answers; what it prints comes out of `output`.
    """

    start_seconds = 30.0  # from the start to the lock; nothing of the model has been read

    def __init__(self, channel: socket.socket, output: int) -> None:
        self.channel = channel
        self.output = output
        self.process = 0
        self.handle = -1
        self._forked = threading.Event()
        self._over = threading.Event()
        self._ended: Ended | None = None
        self.fault: Words = ""  # why it could not be started
        self.visible = True  # whether what it uses can be seen from outside, whatever it does

    def forked(self, process: int, handle: int) -> None:
        """Record the process."""
        self.process, self.handle = process, handle
        self._forked.set()

    def over(self, ended: Ended | None) -> None:
        """Record how it ended; None when nobody knows."""
        self._ended = ended
        self._over.set()
        self._forked.set()

    def wait_forked(self, seconds: float) -> bool:
        """Wait until it is forked; whether there is a process now."""
        return self._forked.wait(seconds) and self.handle >= 0

    def kill(self) -> None:
        """End the process, if it hasn't ended."""
        if self.handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def has_ended(self) -> bool:
        """Whether it has ended, reaped or not; True when nobody knows any more."""
        if self._over.is_set() or self.handle < 0:
            return self._over.is_set()
        return bool(select.select([self.handle], [], [], 0)[0])

    def wait(self, seconds: float) -> Ended | None:
        """Wait for the end; how it ended, or None when it hasn't yet, or the warm process died first."""
        self._over.wait(seconds)
        return self._ended

    def close(self) -> None:
        """Kill it, wait until it is reaped, and close what belongs to it."""
        self.kill()
        self._over.wait(REAP_SECONDS)
        self.channel.close()
        for descriptor in (self.output, self.handle):
            if descriptor >= 0:
                os.close(descriptor)
        self.handle = self.output = -1


class ForkServer(threading.Thread):
    """Keeps one warm process alive and has it fork children.

    A thread of its own starts the process and listens to it, because Linux ties a process that asked to die with its
    parent to the thread that started it.
    """

    def __init__(
        self,
        readable: Callable[[], tuple[bytes, ...]],
        scratch: Path,
        environment: dict[str, str],
        isolation: report.Isolation,
    ) -> None:
        super().__init__(name="fork_server", daemon=True)
        self.state: State = "warming"
        self._asked = isolation
        self.isolation = isolation  # what the kernel says until the lock has been tried, then what held
        self.fault: Words = ""
        self.on_state: Callable[[], None] = lambda: None
        self._readable = readable
        self._scratch = scratch
        self._environment = environment
        self._changed = threading.Condition()
        self._children: dict[int, Child] = {}
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = iter(range(1, sys.maxsize))
        self._stopping = False
        self._wanted = False
        self._watch = StopWatch(lambda: self._process.pid if self._process is not None else None, self._kill_warm)

    # ------------------------------------------------------------------------- for the threads that grade

    def tried_isolation(self) -> report.Isolation:
        """What is in force, once the lock has been tried; waits for that, and raises Lost when it can't be tried."""
        with self._changed:
            self._await_ready()
            return self.isolation

    def fork(self, order: dict[str, Any]) -> Child:
        """A child that has `order` (see child.locked_process.Job); raises Lost."""
        channel, channel_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output, output_end = os.pipe2(os.O_CLOEXEC)
        child = Child(channel, output)
        try:
            self._send(order, child, (channel_end.fileno(), output_end))
        except BaseException:
            child.over(None)
            child.close()
            raise
        finally:
            channel_end.close()
            os.close(output_end)
        if child.wait_forked(FORK_SECONDS):
            child.visible = "limits" not in self.isolation.faults
            return child
        if not child.fault:
            self._kill_warm()
        child.close()
        raise Lost(child.fault or sentence("the warm process did not start a child"))

    def _send(self, order: dict[str, Any], child: Child, descriptors: tuple[int, ...]) -> None:
        with self._changed:
            self._await_ready()
            number = next(self._numbers)
            self._children[number] = child
            try:
                assert self._control is not None
                self._watch.start()
                socket.send_fds(self._control, [json.dumps({"job": {**order, "id": number}}).encode()], descriptors)
            except OSError as error:
                self._children.pop(number, None)
                raise Lost(sentence("the warm process is gone ({error})", error=error)) from error

    def _await_ready(self) -> None:
        if self.state == "broken":
            self._wanted = True
            self.state = "warming"
            self._changed.notify_all()
            if not self.is_alive():
                self.start()
        if not self._changed.wait_for(lambda: self.state != "warming", IMPORT_SECONDS) or self.state != "ready":
            raise Lost(self.fault or sentence("TensorFlow is not ready"))

    # ------------------------------------------------------------------------- the thread itself

    def start(self) -> None:
        """Start the thread. Where the system has none the state is "broken", and the next submission tries again."""
        try:
            super().start()
        except RuntimeError as error:
            self.fault = _not_started(error)
            self._set("broken")

    def run(self) -> None:
        failures = 0
        while not self._stopping:
            was_ready = False
            try:
                was_ready = self._serve_one_process()
            except Exception as error:  # no process, memory or disk to be had: it is tried again, then reported
                self.fault = _not_started(error)
            failures = 0 if was_ready else failures + 1
            if failures >= MOST_FAILED_STARTS and not self._stopping:
                self._set("broken")
                with self._changed:
                    self._changed.wait_for(lambda: self._wanted or self._stopping)
                    self._wanted = False

    def _serve_one_process(self) -> bool:
        """Start a warm process and listen until it ends; returns whether it was ever ready."""
        ensure(self._scratch)
        (self._scratch / "keras").mkdir(mode=0o700, exist_ok=True)
        control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with other:
                if not self._start_process(control, other):
                    return False
            self._watch.start()
            return self._listen(control)
        finally:
            self._bury(control)

    def _start_process(self, control: socket.socket, other: socket.socket) -> bool:
        """Start a warm process that has `other`; False when there should be none any more."""
        arguments = [str(os.getpid()), str(other.fileno()), os.fsencode(self._scratch).hex()]
        command = boot.command("graders.child.warm_process", arguments)
        with self._changed:
            if self._stopping:
                return False
            self._control = control
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                cwd="/",
                pass_fds=(other.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            privileges.lift_memory_limit(self._process.pid)
        return True

    def _listen(self, control: socket.socket) -> bool:
        ready = False
        deadline = time.monotonic() + IMPORT_SECONDS
        while True:
            try:
                control.settimeout(None if ready else max(0.001, deadline - time.monotonic()))
                data, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 1)
            except OSError:  # no word within the time is one of them
                return ready
            if not data:
                return ready
            message = json.loads(data)
            if "ready" in message:
                self._greet(control)
            elif "tried" in message:
                ready = True
                self.isolation = report.after_trial(self._asked, message["tried"])
                self.fault = ""
                self._set("ready")
            elif "broken" in message:
                self.fault = str(message["broken"])
            elif "forked" in message:
                self._children[message["forked"]].forked(message["process"], descriptors[0])
            elif "refused" in message:
                child = self._children.pop(message["refused"])
                child.fault = sentence("no process could be started ({error})", error=message["why"])
                child.over(None)
            else:
                ended = Ended(message["status"], message["cpu"], message["peak"])
                self._children.pop(message["ended"]).over(ended)
            if ready and not self._children:
                self._watch.stop()

    def _greet(self, control: socket.socket) -> None:
        """Tell the warm process what a child may read, and have the lock tried with it."""
        ensure(self._scratch)
        place = trial.Place.lay(self._scratch / "trial")
        greeting = {
            "readable": [os.fsdecode(path) for path in self._readable()],
            "trial": place.folder,
            "layers": self._asked.engaged,
        }
        with contextlib.suppress(OSError):  # the thread that listens notices a dead process
            control.send(json.dumps(greeting).encode())

    def _bury(self, control: socket.socket) -> None:
        with self._changed:
            self._control = None
            process, self._process = self._process, None
            orphans, self._children = list(self._children.values()), {}
        control.close()
        if process is not None:
            process.kill()
            status = process.wait()
            self.fault = self.fault or sentence(
                "TensorFlow could not be imported (exit status {status})", status=status
            )
        for child in orphans:
            child.kill()
            child.over(None)
        if not self._stopping:
            self._set("warming")

    def _set(self, state: State) -> None:
        with self._changed:
            if self.state == state:
                return
            self.state = state
            self._changed.notify_all()
        self.on_state()

    def _kill_warm(self) -> None:
        with self._changed:
            if self._process is not None:
                self._process.kill()

    def stop(self) -> None:
        """End the warm process and its children."""
        self._stopping = True
        self._watch.stop()
        with self._changed:
            self.state = "stopped"
            self._changed.notify_all()
        self._kill_warm()
        if self.is_alive():
            self.join(REAP_SECONDS)


def _not_started(error: Exception) -> Sentence:
    return sentence("TensorFlow could not be started: {error}", error=error)


def unique_folder(scratch: Path) -> Path:
    """A new private folder in `scratch`, whose name nobody can guess."""
    folder = scratch / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    return folder
