"""The warm process: imports TensorFlow once and forks children, which open models (locked_process.py).

It holds no model, no data and no secret, and never runs an operation: children are forked, and TensorFlow's threads
would not survive that. A child serves one submission; one waits for the next and rehearses meanwhile (rehearsal.py).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import math
import os
import secrets
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from graders.child.locked_process import MESSAGE_BYTES, NOWHERE, Job, wait_and_serve
from graders.sandbox import kernel, lock, privileges, trial
from graders.scratch import ensure

GRACE_MS = 20  # how long a submission that waits for TensorFlow takes to arrive
# All that a model may need: behind the lock, tf_keras can't be imported, since it reads a keras.json in KERAS_HOME.
MODULES = (
    "numpy",
    "tensorflow",
    "graders.child.examination",
    "graders.child.rehearsal",
    # The libraries import these only when a model needs them.
    "tf_keras.src.engine.base_layer_v1",
    "encodings.ascii",
    "encodings.base64_codec",
    "encodings.cp437",
    "encodings.idna",
    "zipfile",
)


@dataclass
class Child:
    """A child of the warm process: what locks it, the one folder of its own that it may read, and its job."""

    process: int
    layers: tuple[lock.Layer, ...]
    folder: Path
    orders: socket.socket
    job: int | None = None
    rehearsed: float = 0.0  # seconds of processor time that are not the model's

    def give(self, job: Job, descriptors: list[int]) -> None:
        """Put the model into its folder, set its limits and send it to work; raises OSError."""
        model = Path(job.model)
        lent = self.folder / model.name
        shutil.copytree(model, lent, copy_function=os.link) if model.is_dir() else os.link(model, lent)
        self.rehearsed = _processor_seconds(self.process)
        if "limits" in self.layers:
            privileges.limit_use(job.address_bytes, job.cpu_seconds + math.ceil(self.rehearsed), self.process)
        order = msgspec.json.encode(msgspec.structs.replace(job, model=str(lent)))
        socket.send_fds(self.orders, [order], descriptors)
        self.orders.close()


class Warm:
    """The loop of the warm process: has a child for each job, and tells the supervisor when one ends."""

    def __init__(self, control: socket.socket, scratch: str, supervisor: int) -> None:
        self._control = control
        self._scratch = scratch
        self._supervisor = supervisor
        self._children: dict[int, Child] = {}  # by pidfd
        self._spare: int | None = None  # the one that has no job yet
        self._wanted = True  # whether there should be one; it isn't replaced when it dies by itself
        self._settled = False
        self._layers: tuple[lock.Layer, ...] = ()
        self._poll = select.poll()
        self._readable: tuple[str, ...] = ()

    def run(self) -> None:
        """Serve until the supervisor goes away, then end everything below this process."""
        try:
            self._import()
            while self._turn():
                self._idle()
        finally:
            for child in self._children:
                signal.pidfd_send_signal(child, signal.SIGKILL)
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _import(self) -> None:
        privileges.die_with_parent(self._supervisor)  # a busy import would not notice
        load_modules(MODULES)
        kernel.prctl(privileges.PR_SET_PDEATHSIG, 0)  # when idle this process cleans up after the supervisor
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
        self._poll.register(self._control, select.POLLIN)
        gc.freeze()
        self._tell({"ready": threads})

    def _idle(self) -> None:
        """With nothing to do and no child at work: what makes the next submission quick."""
        if not self._readable or any(child.job is not None for child in self._children.values()):
            return
        if not self._settled and not self._poll.poll(GRACE_MS):
            gc.collect()
            gc.freeze()
            self._settled = True
        if self._settled and self._wanted and not self._poll.poll(0):
            self._wanted = False
            with contextlib.suppress(OSError):  # no process or folder to be had now: the next job may find one
                self._spare = self._fork(self._layers)

    def _tell(self, message: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
        socket.send_fds(self._control, [json.dumps(message).encode()], list(descriptors))

    def _turn(self) -> bool:
        """Wait for the next event and handle it; False when the supervisor is gone."""
        for descriptor, _ in self._poll.poll():
            if descriptor in self._children:
                self._reap(descriptor)
            elif not self._order():
                return False
        return True

    def _order(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 2)
        except ConnectionError:
            return False
        if not data:
            return False
        message = json.loads(data)
        if "readable" in message:
            self._readable = tuple(message["readable"])
            self._layers = tuple(message["layers"])
            return self._try_lock(trial.Place(message["trial"]), self._layers)
        self._employ(msgspec.convert(message["job"], Job), descriptors)
        return True

    def _try_lock(self, place: trial.Place, layers: tuple[lock.Layer, ...]) -> bool:
        """Have a locked child try what it must not do, and report; False, which ends this process, if that fails."""
        try:
            self._tell({"tried": trial.run(place, layers)})
        except (trial.TrialError, OSError) as error:
            self._tell({"broken": f"the lock could not be tried: {error}"[:1000]})
            return False
        return True

    def _employ(self, job: Job, descriptors: list[int]) -> None:
        """Give the job to the child that waits, or to a new one."""
        try:
            handle = self._taken_spare(job.layers) or self._fork(job.layers)
        except OSError as error:
            for descriptor in descriptors:
                os.close(descriptor)
            self._tell({"refused": job.id, "why": str(error)[:1000]})
            return
        self._layers, self._wanted = job.layers, self._spare is None
        child = self._children[handle]
        child.job = job.id
        self._tell({"forked": job.id, "process": child.process}, [handle])
        try:
            child.give(job, descriptors)
        except OSError:  # a full disk, a child that just died: its end is all there is to report
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _taken_spare(self, layers: tuple[lock.Layer, ...]) -> int | None:
        """The child that waits, if it can take a job that needs these layers; else it is ended."""
        handle, self._spare = self._spare, None
        if handle is None:
            return None
        child = self._children[handle]
        # The trial of the lock may have taken a layer away; or somebody the folder, and a new one of its name is closed
        # to the child.
        if child.layers == layers and child.folder.exists():
            return handle
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return None

    def _fork(self, layers: tuple[lock.Layer, ...]) -> int:
        """Fork a child that waits for its job; returns its pidfd. Raises OSError."""
        with contextlib.ExitStack() as undo:
            folder = self._new_folder()
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            undo.callback(ours.close)
            warm = os.getpid()
            with theirs:
                process = os.fork()
                if not process:
                    privileges.die_with_parent(warm)
                    wait_and_serve(theirs, layers, (*self._readable, str(folder)))
            undo.callback(_end, process)
            handle = os.pidfd_open(process)
            undo.pop_all()
        self._children[handle] = Child(process, layers, folder, ours)
        self._poll.register(handle, select.POLLIN)
        return handle

    def _new_folder(self) -> Path:
        scratch = Path(self._scratch)
        ensure(scratch)
        (scratch / "children").mkdir(mode=0o700, exist_ok=True)
        folder = scratch / "children" / secrets.token_hex(16)
        folder.mkdir(mode=0o700)
        return folder

    def _reap(self, handle: int) -> None:
        child = self._children.pop(handle)
        self._poll.unregister(handle)
        os.close(handle)
        child.orders.close()
        with contextlib.suppress(OSError):  # without a filter of system calls it may have started processes
            os.killpg(child.process, signal.SIGKILL)
        _, status, usage = os.wait4(child.process, 0)
        shutil.rmtree(child.folder, ignore_errors=True)
        if child.job is None:
            self._spare = None if self._spare == handle else self._spare
            return
        seconds = max(0.0, usage.ru_utime + usage.ru_stime - child.rehearsed)
        self._tell({"ended": child.job, "status": status, "cpu": seconds, "peak": usage.ru_maxrss * 1024})


def load_modules(names: Iterable[str]) -> None:
    """Import modules by name before the lock, so that no child has to import them behind it."""
    for name in names:
        importlib.import_module(name)


def _end(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _processor_seconds(process: int) -> float:
    """Processor time a process has used so far; 0 when /proc doesn't tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Started by the supervisor: its process, the control socket's number and the scratch folder (hexadecimal)."""
    supervisor, descriptor, scratch = sys.argv[-3:]
    tempfile.tempdir = NOWHERE  # importing TensorFlow asks for a folder to write to
    os.environ["TMPDIR"] = NOWHERE
    control = socket.socket(fileno=int(descriptor))
    Warm(control, os.fsdecode(bytes.fromhex(scratch)), int(supervisor)).run()


if __name__ == "__main__":
    main()
