"""Asking a program that somebody else made: for a limited time, in a process group of its own, for a limited answer."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

MOST = 256 << 10
"""Bytes of an answer, and as many of what else is printed."""
NEUTRAL = Path("/")
"""The folder it runs in: a program with a module's name in the project isn't imported."""
POLL = 0.05


class Answer(NamedTuple):
    """`said` is what was written to the descriptor asked for, `printed` what else; `code` is None if it was stopped."""

    said: bytes
    printed: str
    code: int | None


def ask(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> Answer:
    """Run `command` with the number of a descriptor for its answer as one more argument; OSError if it can't start.

    Whatever it started in its session is killed at its end or, at the latest, after `seconds`. Call it in a worker.
    """
    answer, answering = os.pipe()
    try:
        child = subprocess.Popen(
            [*command, str(answering)],
            cwd=NEUTRAL,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(answering,),
            start_new_session=True,
        )
    except BaseException:
        os.close(answer)
        raise
    finally:
        os.close(answering)
    assert child.stdout is not None
    try:
        said, printed = _read(child, answer, child.stdout.fileno(), time.monotonic() + seconds)
    finally:
        code = child.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        os.close(answer)
    return Answer(said, printed.decode("utf-8", "replace"), code)


def _read(child: subprocess.Popen[bytes], answer: int, output: int, until: float) -> tuple[bytes, bytes]:
    """Both streams, until the process has ended and nothing is left of them, or until the time is up."""
    found = {answer: bytearray(), output: bytearray()}
    with selectors.DefaultSelector() as waiting:
        for descriptor in found:
            waiting.register(descriptor, selectors.EVENT_READ)
        while waiting.get_map() and time.monotonic() < until:
            ready = waiting.select(POLL)
            if not ready and child.poll() is not None:
                break  # what it left running may keep the streams open
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                if not data:
                    waiting.unregister(key.fd)
                # What is too much is read and dropped, so that the process can end.
                found[key.fd] += data[: MOST - len(found[key.fd])]
    while child.poll() is None and time.monotonic() < until:
        time.sleep(POLL / 5)
    return bytes(found[answer]), bytes(found[output])
