"""The processes that know TensorFlow: the warm one, which imports it and forks, and its children, which open models.

The warm process holds no model, no data and no secret, and never runs an operation: its copies are made by fork, and
TensorFlow's threads would not survive that. A child serves one submission, locked before it reads the model's first
byte. It is told what to do by the supervisor through a socket, and answers in frames (graders/frames.py).
"""

from __future__ import annotations

import gc
import importlib
import json
import mmap
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from graders import frames
from graders.contract import Contract, Format
from graders.sandbox import kernel, lock, privileges

NOWHERE = "/nonexistent"
MESSAGE_BYTES = 1 << 20
MODULES = (
    "numpy",
    "tensorflow",
    "h5py",
    "keras",
    "keras.src.saving.saving_lib",
    "keras.src.legacy.saving.legacy_h5_format",
    "tensorflow.core.protobuf.saved_model_pb2",
    "encodings.idna",
    "encodings.cp437",
    "zipfile",
    "graders.inside.examination",
)
# Wanted by models of TensorFlow 2.0 to 2.15.
LATER = ("tf_keras", "tf_keras.src.saving.saving_lib", "tf_keras.protobuf.saved_metadata_pb2")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the supervisor asks of a child. Inputs come through a descriptor, as raw values of this shape and type."""

    id: int
    model: str  # file system bytes, decoded as os.fsdecode does
    kind: Format
    contract: Contract
    shape: tuple[int, ...]
    dtype: str
    layers: tuple[lock.Layer, ...]
    readable: tuple[str, ...]
    address_bytes: int
    cpu_seconds: int


# ------------------------------------------------------------------------------------------------- the warm process


class Warm:
    """The loop of the warm process: forks a child for each job, and tells the supervisor when one ends."""

    def __init__(self, control: socket.socket, scratch: str) -> None:
        self._control = control
        self._scratch = scratch
        self._children: dict[int, tuple[int, int]] = {}  # pidfd → (process, job)
        self._poll = select.poll()
        self._readable: tuple[str, ...] = ()

    def run(self) -> None:
        """Serve until the supervisor goes away, then take everything along."""
        try:
            self._import()
            while self._turn():
                pass
        finally:
            for child in self._children:
                signal.pidfd_send_signal(child, signal.SIGKILL)
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _import(self) -> None:
        parent = os.getppid()
        privileges.die_with_parent(parent)  # a busy import would not notice
        load_modules(MODULES)
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
        kernel.prctl(privileges.PR_SET_PDEATHSIG, 0)  # from here on this process cleans up after the supervisor
        self._poll.register(self._control, select.POLLIN)
        self._tell({"ready": threads})
        if not self._poll.poll(0):
            load_modules(LATER)
        gc.collect()
        gc.freeze()

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
            data, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 3)
        except ConnectionError:
            return False
        if not data:
            return False
        message = json.loads(data)
        if "readable" in message:
            self._readable = tuple(message["readable"])
        else:
            self._fork(message["job"], descriptors)
        return True

    def _fork(self, order: dict[str, Any], descriptors: list[int]) -> None:
        job = msgspec.convert({**order, "readable": (*self._readable, order["model"])}, Job)
        warm = os.getpid()
        child = os.fork()
        if not child:
            privileges.die_with_parent(warm)
            serve(job, *descriptors)
        handle = os.pidfd_open(child)
        self._children[handle] = (child, job.id)
        self._poll.register(handle, select.POLLIN)
        self._tell({"forked": job.id, "process": child}, [handle])
        for descriptor in descriptors:
            os.close(descriptor)

    def _reap(self, handle: int) -> None:
        child, job = self._children.pop(handle)
        self._poll.unregister(handle)
        os.close(handle)
        _, status, usage = os.wait4(child, 0)
        seconds = usage.ru_utime + usage.ru_stime
        self._tell({"ended": job, "status": status, "cpu": seconds, "peak": usage.ru_maxrss * 1024})


def load_modules(names: Iterable[str]) -> None:
    """Import modules by name, so that their children need not."""
    for name in names:
        importlib.import_module(name)


# ------------------------------------------------------------------------------------------------- a child


def serve(job: Job, inputs: int, result: int, output: int) -> None:
    """Be the child: lock, examine the model, answer through `result`, end. Never returns."""
    try:
        _prepare_streams(output)
        if _locked(job, inputs, result):
            _examine(job, inputs, result)
            os.close(result)
            os._exit(0)
    except BaseException as error:  # whatever a model does, no second loop of the warm process starts here
        os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:400])
    finally:
        os._exit(1)


def _prepare_streams(output: int) -> None:
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.dont_write_bytecode = True
    tempfile.tempdir = NOWHERE
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _locked(job: Job, inputs: int, result: int) -> bool:
    try:
        readable = tuple(os.fsencode(path) for path in job.readable)
        lock.engage(job.layers, readable, (0, 1, 2, inputs, result), job.address_bytes, job.cpu_seconds)
    except OSError as error:
        _send_json(result, frames.LOCK_FAILED, {"message": str(error)[:1000]})
        return False
    _send_json(result, frames.LOCKED, {})
    return True


def _examine(job: Job, inputs: int, result: int) -> None:
    from graders.inside.examination import Refusal, examine

    try:
        array = _inputs(inputs, job)
        _send_json(result, frames.READY, {})
        report = _reporter(result)
        _send_predictions(result, examine(job.model, job.kind, job.contract, array, report))
    except Refusal as refusal:
        fields = ("link", "code", "expected", "found", "advice")
        _send_json(result, frames.REFUSED, {name: str(getattr(refusal, name))[:2000] for name in fields})
    except BaseException as error:  # SystemExit too: it comes from the model
        _send_json(result, frames.ERROR, {"type": type(error).__name__[:100], "message": str(error)[:4000]})


def _inputs(descriptor: int, job: Job) -> Any:
    import numpy

    if 0 in job.shape:
        return numpy.empty(job.shape, job.dtype)
    memory = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
    return numpy.ndarray(job.shape, job.dtype, buffer=memory)


def _reporter(result: int) -> Callable[[str, dict[str, Any]], None]:
    def report(stage: str, fields: dict[str, Any]) -> None:
        _send_json(result, frames.STAGE, {**fields, "stage": stage})

    return report


def _send_predictions(result: int, predictions: Any) -> None:
    import numpy

    array = numpy.ascontiguousarray(predictions, dtype="<f4")
    head = frames.shape_head(array.shape)
    _write(result, frames.HEAD.pack(frames.PREDICTIONS, len(head) + array.nbytes) + head)
    if array.size:
        _write(result, array.data.cast("B"))


def _send_json(result: int, type_: bytes, fields: dict[str, Any]) -> None:
    _write(result, frames.frame(type_, json.dumps(fields, default=str).encode()))


def _write(descriptor: int, data: bytes | memoryview) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def main() -> None:
    """Started by the supervisor: the control socket's number and the scratch folder (hexadecimal) as arguments."""
    descriptor, scratch = sys.argv[-2:]
    tempfile.tempdir = NOWHERE  # importing TensorFlow asks for a folder to write to
    os.environ["TMPDIR"] = NOWHERE
    control = socket.socket(fileno=int(descriptor))
    Warm(control, os.fsdecode(bytes.fromhex(scratch))).run()


if __name__ == "__main__":
    main()
