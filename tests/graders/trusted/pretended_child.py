"""A child that is no process: a thread of the test that says what a hostile one might say."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from graders import frames
from graders.trusted.fork_server import Child, Ended
from graders.trusted.watchdog import Asked

Talk = Callable[["Voice"], None]


class Voice:
    """The child's end of the channel."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def say(self, type_: bytes, **fields: Any) -> None:
        self.write(frames.frame(type_, msgspec.json.encode(fields)))

    def write(self, data: bytes) -> None:
        self._channel.sendall(data)

    def begin(self) -> None:
        self.say(frames.LOCKED)
        self.say(frames.READY)

    def hear(self) -> tuple[frames.Question, NDArray[np.float32]]:
        """The next question, and its rows."""
        data, descriptors, _, _ = socket.recv_fds(self._channel, 1 << 16, 1)
        question = msgspec.json.decode(data, type=frames.Question)
        with os.fdopen(descriptors[0], "rb") as file:
            return question, np.frombuffer(file.read(), np.float32).reshape(question.shape)

    def answer(self, values: NDArray[Any]) -> None:
        body = frames.shape_head(values.shape) + values.astype("<f4").tobytes()
        self.write(frames.frame(frames.PREDICTIONS, body))


class PretendedChild(Child):
    """Talks as it is told; looks like this process to whoever asks how much memory it has."""

    def __init__(self, talk: Talk) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output, self._output_end = os.pipe()
        super().__init__(ours, output)
        self.forked(os.getpid(), -1)
        self._ends = Ended(0, 0.0, 0)
        self._thread = threading.Thread(target=self._run, args=(talk, theirs), daemon=True)
        self._thread.start()

    def _run(self, talk: Talk, channel: socket.socket) -> None:
        with contextlib.suppress(OSError, msgspec.MsgspecError), channel:
            talk(Voice(channel))
        os.close(self._output_end)
        self.over(self._ends)

    def kill(self) -> None:
        """It ends once nobody listens."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)


def asked(rows: NDArray[Any], shape: tuple[int | None, ...], most: int = 16) -> Asked:
    """A question about these rows."""
    read, write = os.pipe()
    os.write(write, rows.astype(np.float32).tobytes())
    os.close(write)
    return Asked(frames.Question(shape=rows.shape), read, frames.Expected((len(rows), *shape), most))
