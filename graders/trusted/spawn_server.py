"""Children for systems without what the warm process needs (pidfd, memfd, prctl): each imports TensorFlow itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from graders import boot, threads
from graders.sandbox import privileges, report, trial
from graders.sandbox.report import Isolation
from graders.sentences import Words, sentence
from graders.threads import NoThread
from graders.trusted.fork_server import IMPORT_SECONDS, Child, Ended, Lost, State
from graders.usage import usage

REAP_STEP_SECONDS = 0.02

Launcher = Callable[[Iterable[bytes], list[str]], list[str]]


class SpawnedChild(Child):
    """A process that was started, not forked, and is known only by its number."""

    start_seconds = IMPORT_SECONDS

    def __init__(self, channel: socket.socket, output: int, process: subprocess.Popen[bytes]) -> None:
        super().__init__(channel, output)
        self.visible = usage(os.getpid()) is not None
        self._popen = process
        self._lock = threading.Lock()  # a number may be signalled only as long as it isn't reaped
        self.forked(process.pid, -1)
        try:
            threads.start(threading.Thread(target=self._reap, name="reaper", daemon=True))
        except NoThread:
            process.kill()
            process.wait()
            raise

    def kill(self) -> None:
        """End the process, if it hasn't ended."""
        with self._lock:
            if self._popen.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.process, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            with self._lock:
                # Looked at before it is reaped: until then its number, and its group's, stand for nobody else.
                ended = os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOWAIT | os.WNOHANG)
                if ended is not None:
                    with contextlib.suppress(OSError):  # without a filter of calls it may have started processes
                        os.killpg(self.process, signal.SIGKILL)
                    _, status, used = os.wait4(self.process, 0)
                    self._popen.returncode = os.waitstatus_to_exitcode(status)
                    break
            time.sleep(REAP_STEP_SECONDS)
        unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, else kibibytes
        self.over(Ended(status, used.ru_utime + used.ru_stime, used.ru_maxrss * unit))


class SpawnServer:
    """Starts a process for each submission; takes the place of `fork_server.ForkServer`.

    `launcher` turns a command line into one that is locked from outside, given the paths that may be read
    (seatbelt.py). It is tried first, and dropped where TensorFlow doesn't start under it.
    """

    def __init__(
        self,
        readable: Callable[[], tuple[bytes, ...]],
        scratch: Path,
        environment: dict[str, str],
        isolation: Isolation,
        launcher: Launcher | None = None,
    ) -> None:
        self.state: State = "warming"
        self.fault: Words = ""
        self.on_state: Callable[[], None] = lambda: None
        self.isolation = isolation
        self._readable = readable
        self._scratch = scratch
        self._environment = environment
        self._launcher = launcher
        self._tried = threading.Event()
        self._lock = threading.Lock()
        self._children: set[SpawnedChild] = set()
        self._trial: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Try the launcher in the background, if there is one; nothing else needs to warm up."""
        if self._launcher is None:
            self._ready(self.isolation)
        else:
            try:
                threads.start(threading.Thread(target=self._try_launcher, name="trial", daemon=True))
            except NoThread as error:
                self._launcher = None
                self._ready(report.untried(self.isolation, str(error)))

    def _try_launcher(self) -> None:
        try:
            place = trial.Place.lay(self._scratch / "trial")
            command = self._command("graders.child.spawned_trial", [place.folder], place.allowed)
            told = self._told_by(command)
            self._ready(report.after_trial(self.isolation, trial.decoded(told)))
        except Exception as error:  # whatever it is, submissions wait for the outcome
            self._launcher = None
            self._ready(report.untried(self.isolation, str(error)))

    def _told_by(self, command: list[str]) -> bytes:
        """What the trial's process answers; the process ends with this server."""
        with self._lock:
            if self.state != "warming":
                raise OSError("the grader is stopping")  # untranslated: the service gives the verdict
            self._trial = subprocess.Popen(
                command,
                env=self._environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            privileges.lift_memory_limit(self._trial.pid)
        with self._trial as process:
            try:
                return process.communicate(timeout=IMPORT_SECONDS)[0]
            finally:
                process.kill()

    def _ready(self, isolation: Isolation) -> None:
        with self._lock:
            self.isolation = isolation
            if self.state == "warming":
                self.state = "ready"
        self._tried.set()
        self.on_state()

    def tried_isolation(self) -> Isolation:
        """What is in force, once the launcher has been tried."""
        self._tried.wait()
        return self.isolation

    def fork(self, order: dict[str, Any]) -> Child:
        """A child that has `order` (see child.locked_process.Job); raises Lost."""
        channel, channel_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output, output_end = os.pipe()
        try:
            child = self._started(order, (channel_end.fileno(), output_end), (channel, output))
        except OSError as error:
            channel.close()
            os.close(output)
            raise Lost(sentence("no process could be started ({error})", error=error)) from error
        finally:
            channel_end.close()
            os.close(output_end)
        return child

    def _command(self, module: str, arguments: list[str], readable: str) -> list[str]:
        command = boot.command(module, arguments)
        if self._launcher is None:
            return command
        return self._launcher((*self._readable(), os.fsencode(readable)), command)

    def _started(
        self, order: dict[str, Any], descriptors: tuple[int, ...], ends: tuple[socket.socket, int]
    ) -> SpawnedChild:
        job = json.dumps({**order, "id": 0}).encode()
        command = self._command(
            "graders.child.spawned_process", [str(number) for number in descriptors], order["model"]
        )
        with self._lock:
            if self.state != "ready":
                raise OSError("the grader is stopping")  # untranslated: the service gives the verdict
            process = subprocess.Popen(
                command,
                env=self._environment,
                cwd="/",
                pass_fds=descriptors,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            privileges.lift_memory_limit(process.pid)
            child = SpawnedChild(*ends, process)
            self._children = {known for known in self._children if known.wait(0) is None} | {child}
        assert process.stdin is not None
        with contextlib.suppress(OSError), process.stdin as stdin:  # the watchdog finds a child that died already
            stdin.write(job)
        return child

    def stop(self) -> None:
        """End all children."""
        with self._lock:
            self.state = "stopped"
            children = list(self._children)
            if self._trial is not None:
                self._trial.kill()
        self._tried.set()
        for child in children:
            child.kill()
