"""A child: locked as soon as it starts, then told which model to examine; it answers in frames (graders/frames.py)."""

from __future__ import annotations

import json
import mmap
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from graders import frames
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.formats import Format
from graders.sandbox import lock
from graders.sentences import Sentence, each_text, to_builtins

NOWHERE = "/nonexistent"
MESSAGE_BYTES = 1 << 20


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the supervisor asks of a child. Inputs come through a descriptor, as raw values of this shape and type."""

    id: int
    model: str  # file system bytes, decoded as os.fsdecode does
    kind: Format
    contract: Contract
    shape: tuple[int, ...]
    dtype: str
    layers: tuple[lock.Layer, ...]
    address_bytes: int
    cpu_seconds: int


def wait_and_serve(orders: socket.socket, layers: tuple[lock.Layer, ...], readable: tuple[str, ...]) -> NoReturn:
    """Be a child of the warm process: lock, rehearse until the job comes, serve it. `readable` are paths."""
    try:
        _become_a_child()
        fault = _lock(layers, readable, (0, 1, 2, orders.fileno()), None, orders.fileno())
        if not fault:
            _rehearse(orders)
        data, descriptors, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 3)
        orders.close()
        inputs, result, output = descriptors
        _print_to(output)
        _serve(msgspec.json.decode(data, type=Job), fault, inputs, result)
    except BaseException as error:  # whatever a model does, no second loop of the warm process starts here
        _say(error)
    finally:
        os._exit(1)


def serve_alone(job: Job, readable: tuple[str, ...], inputs: int, result: int, output: int) -> NoReturn:
    """Be a child that was started for one job, where there is no warm process."""
    try:
        _become_a_child()
        _print_to(output)
        fault = _lock(job.layers, readable, (0, 1, 2, inputs, result), (job.address_bytes, job.cpu_seconds))
        _serve(job, fault, inputs, result)
    except BaseException as error:
        _say(error)
    finally:
        os._exit(1)


def _become_a_child() -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.dont_write_bytecode = True
    tempfile.tempdir = NOWHERE
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _print_to(output: int) -> None:
    for stream in (1, 2):
        os.dup2(output, stream, inheritable=False)  # dup3, which the lock lets through
    os.close(output)


def _say(error: BaseException) -> None:
    os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:400])


def _lock(
    layers: tuple[lock.Layer, ...],
    readable: tuple[str, ...],
    kept: tuple[int, ...],
    use: tuple[int, int] | None,
    orders: int | None = None,
) -> str:
    """Lock this process; returns what went wrong, or an empty text."""
    try:
        lock.engage(layers, tuple(os.fsencode(path) for path in readable), kept, use, orders)
    except OSError as error:
        return str(error)[:1000] or "it failed"  # untranslated: in place of what the system says
    return ""


def _rehearse(orders: socket.socket) -> None:
    from graders.child.rehearsal import rehearse

    waiting = select.poll()
    waiting.register(orders, select.POLLIN)
    rehearse(lambda: bool(waiting.poll(0)))


def _serve(job: Job, fault: str, inputs: int, result: int) -> None:
    """Examine the model and answer through `result`; then the process ends."""
    if fault:
        _send_json(result, frames.LOCK_FAILED, {"message": fault})
        return
    _send_json(result, frames.LOCKED, {})
    _examine(job, inputs, result)
    os.close(result)
    os._exit(0)


def _examine(job: Job, inputs: int, result: int) -> None:
    from graders.child.examination import examine
    from graders.child.rehearsal import start_threads

    start_threads()
    try:
        array = _inputs(inputs, job)
        _send_json(result, frames.READY, {})
        report = _reporter(result)
        _send_predictions(result, examine(job.model, job.kind, job.contract, array, report))
    except Refusal as refusal:
        _send_json(result, frames.REFUSED, _told(refusal))
    except BaseException as error:  # SystemExit too: it comes from the model
        _send_json(result, frames.ERROR, {"type": type(error).__name__[:100], "message": str(error)[:4000]})


def _told(refusal: Refusal) -> dict[str, Any]:
    """What is sent of a refusal: its parts as sentences, or as English where their values take too much space."""
    parts = {"expected": refusal.expected, "found": refusal.found, "advice": refusal.advice}
    head = {"link": str(refusal.link), "code": str(refusal.code)}
    told = head | {name: to_builtins(each_text(words, lambda text: text[:2000])) for name, words in parts.items()}
    if len(json.dumps(told, default=str)) <= frames.CAPS[frames.REFUSED]:
        return told
    return head | {name: str(words)[:600] for name, words in parts.items()}


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
    _write(result, frames.frame(type_, json.dumps(fields, default=_plain).encode()))


def _plain(value: object) -> Any:
    return to_builtins(value) if isinstance(value, Sentence) else str(value)


def _write(descriptor: int, data: bytes | memoryview) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
