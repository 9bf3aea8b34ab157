"""Children for systems without what the warm process needs (pidfd, memfd, prctl): each imports TensorFlow itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from graders import boot
from graders.children import IMPORT_SECONDS, Child, Ended, Lost, State

REAP_STEP_SECONDS = 0.02


class ColdChild(Child):
    """A process that was started, not forked, and is known by its number only."""

    start_seconds = IMPORT_SECONDS

    def __init__(self, result: int, output: int, process: subprocess.Popen[bytes]) -> None:
        super().__init__(result, output)
        self._popen = process
        self._lock = threading.Lock()  # a number may be signalled only as long as it isn't reaped
        self.forked(process.pid, -1)
        threading.Thread(target=self._reap, name="reaper", daemon=True).start()

    def kill(self) -> None:
        """End the process, if it hasn't ended."""
        with self._lock:
            if self._popen.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.process, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            with self._lock:
                process, status, usage = os.wait4(self.process, os.WNOHANG)
                if process:
                    self._popen.returncode = os.waitstatus_to_exitcode(status)
                    break
            time.sleep(REAP_STEP_SECONDS)
        unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, else kibibytes
        self.over(Ended(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit))


class ColdNursery:
    """Starts a process for each submission; stands where `children.Nursery` does."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.state: State = "warming"
        self.fault = ""
        self.on_state: Callable[[], None] = lambda: None
        self._environment = environment
        self._lock = threading.Lock()
        self._children: set[ColdChild] = set()

    def start(self) -> None:
        """Nothing needs to warm up."""
        self.state = "ready"

    def fork(self, order: dict[str, Any], inputs: int) -> Child:
        """A child that has `order` (see inside.process.Job) and reads `inputs`; raises Lost."""
        result, result_end = os.pipe()
        output, output_end = os.pipe()
        descriptors = (inputs, result_end, output_end)
        try:
            child = self._started(order, descriptors, (result, output))
        except OSError as error:
            os.close(result)
            os.close(output)
            raise Lost(f"no process could be started ({error})") from error
        finally:
            os.close(result_end)
            os.close(output_end)
        return child

    def _started(self, order: dict[str, Any], descriptors: tuple[int, ...], ends: tuple[int, int]) -> ColdChild:
        job = json.dumps({**order, "id": 0, "readable": ()}).encode()
        with self._lock:
            if self.state != "ready":
                raise OSError("the grader is stopping")
            process = subprocess.Popen(
                boot.command("graders.inside.cold", [str(number) for number in descriptors]),
                env=self._environment,
                cwd="/",
                pass_fds=descriptors,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            child = ColdChild(*ends, process)
            self._children = {known for known in self._children if known.wait(0) is None} | {child}
        assert process.stdin is not None
        with contextlib.suppress(OSError), process.stdin as stdin:  # who died already is found dead by the watchdog
            stdin.write(job)
        return child

    def stop(self) -> None:
        """End all children."""
        with self._lock:
            self.state = "stopped"
            children = list(self._children)
        for child in children:
            child.kill()
