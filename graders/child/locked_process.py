"""A child: locked as soon as it starts, then told which model to examine, and asked about it once it is loaded.

It answers in frames (graders/frames.py) through its channel, a socket, and gets the rows to predict through the same.
"""

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
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from graders import frames
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.formats import Format
from graders.sandbox import lock
from graders.sentences import Sentence, each_text, to_builtins

if TYPE_CHECKING:
    from graders.child.examination import Prepared

NOWHERE = "/nonexistent"
MESSAGE_BYTES = 1 << 20


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the supervisor asks of a child.

    `shape` and `dtype` are those of all the rows; the rows themselves come with questions, once the model is loaded.
    `seed` starts the random numbers of Python, NumPy and TensorFlow.
    """

    id: int
    model: str  # file system bytes, decoded as os.fsdecode does
    kind: Format
    contract: Contract
    shape: tuple[int, ...]
    dtype: str
    layers: tuple[lock.Layer, ...]
    address_bytes: int
    cpu_seconds: int
    seed: int


def wait_and_serve(orders: socket.socket, layers: tuple[lock.Layer, ...], readable: tuple[str, ...]) -> NoReturn:
    """Be a child of the warm process: lock, rehearse until the job comes, serve it. `readable` are paths."""
    try:
        _become_a_child()
        fault = _lock(layers, readable, (0, 1, 2, orders.fileno()), None, orders.fileno())
        if not fault:
            _rehearse(orders)
        data, descriptors, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 2)
        channel, output = descriptors
        # In the place of the orders, the one descriptor that the lock lets this process receive from.
        os.dup2(channel, orders.fileno(), inheritable=False)
        os.close(channel)
        _print_to(output)
        _serve(msgspec.json.decode(data, type=Job), fault, orders.detach())
    except BaseException as error:  # whatever a model does, no second loop of the warm process starts here
        _say(error)
    finally:
        os._exit(1)


def serve_alone(job: Job, readable: tuple[str, ...], channel: int, output: int) -> NoReturn:
    """Be a child that was started for one job, where there is no warm process."""
    try:
        _become_a_child()
        _print_to(output)
        fault = _lock(job.layers, readable, (0, 1, 2, channel), (job.address_bytes, job.cpu_seconds), channel)
        _serve(job, fault, channel)
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


def _serve(job: Job, fault: str, channel: int) -> None:
    """Examine the model and answer through `channel`; then the process ends."""
    if fault:
        _send_json(channel, frames.LOCK_FAILED, {"message": fault})
        return
    _send_json(channel, frames.LOCKED, {})
    _examine(job, channel)
    os.close(channel)
    os._exit(0)


def _examine(job: Job, channel: int) -> None:
    from graders.child.examination import prepare
    from graders.child.rehearsal import start_threads

    start_threads()
    try:
        _send_json(channel, frames.READY, {})
        _start_random_numbers(job.seed)
        prepared = prepare(job.model, job.kind, job.contract, job.shape, job.dtype, _reporter(channel))
        _send_json(channel, frames.WANTING, prepared.told())
        _answer(prepared, job.dtype, channel)
    except Refusal as refusal:
        _send_json(channel, frames.REFUSED, _told(refusal))
    except BaseException as error:  # SystemExit too: it comes from the model
        _send_json(channel, frames.ERROR, {"type": type(error).__name__[:100], "message": str(error)[:4000]})


def _answer(prepared: Prepared, dtype: str, channel: int) -> None:
    """Answer questions until there are no more."""
    # Made from what is known: the lock doesn't let the socket be asked.
    questions = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=channel)
    try:
        while True:
            data, descriptors, _, _ = socket.recv_fds(questions, frames.MOST_QUESTION_BYTES, 1)
            if not data:
                return
            question = msgspec.json.decode(data, type=frames.Question)
            _send_predictions(channel, prepared.answer(_rows(descriptors[0], question.shape, dtype), question))
    finally:
        questions.detach()


def _start_random_numbers(seed: int) -> None:
    import keras

    keras.utils.set_random_seed(seed)


def _told(refusal: Refusal) -> dict[str, Any]:
    """What is sent of a refusal: its parts as sentences, or as English where their values take too much space."""
    parts = {"expected": refusal.expected, "found": refusal.found, "advice": refusal.advice}
    cause = refusal.__cause__
    head = {"link": str(refusal.link), "code": str(refusal.code), "raised": type(cause).__name__[:100] if cause else ""}
    told = head | {name: to_builtins(each_text(words, lambda text: text[:2000])) for name, words in parts.items()}
    if len(json.dumps(told, default=str)) <= frames.CAPS[frames.REFUSED]:
        return told
    return head | {name: str(words)[:600] for name, words in parts.items()}


def _rows(descriptor: int, shape: tuple[int, ...], dtype: str) -> Any:
    import numpy

    try:
        if 0 in shape:
            return numpy.empty(shape, dtype)
        memory = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
        return numpy.ndarray(shape, dtype, buffer=memory)
    finally:
        os.close(descriptor)


def _reporter(channel: int) -> Callable[[str, dict[str, Any]], None]:
    def report(stage: str, fields: dict[str, Any]) -> None:
        _send_json(channel, frames.STAGE, {**fields, "stage": stage})

    return report


def _send_predictions(channel: int, predictions: Any) -> None:
    import numpy

    array = numpy.ascontiguousarray(predictions, dtype="<f4")
    head = frames.shape_head(array.shape)
    _write(channel, frames.HEAD.pack(frames.PREDICTIONS, len(head) + array.nbytes) + head)
    if array.size:
        _write(channel, array.data.cast("B"))


def _send_json(channel: int, type_: bytes, fields: dict[str, Any]) -> None:
    _write(channel, frames.frame(type_, json.dumps(fields, default=_plain).encode()))


def _plain(value: object) -> Any:
    return to_builtins(value) if isinstance(value, Sentence) else str(value)


def _write(descriptor: int, data: bytes | memoryview) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
