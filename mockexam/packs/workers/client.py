"""Run a pack's own code, or a data library, in a process of its own: limited in time, in an environment made for it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from graders.sentences import Words, sentence
from mockexam.errors import Error, RefusalError
from mockexam.packs.workers.requests import Answer, Line, Misread, Refused, Request, Step, plain, understood

Reply = TypeVar("Reply")

Progress = Callable[[float, Words], None]

# What a child gets of our environment; everything else, API keys included, stays out.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
KEPT_ONLINE = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE")
# What TensorFlow says about the machine at every start, whatever its log level.
NOISE = re.compile(r"WARNING: All log messages before absl::|[IW]\d{4} .*\b(cudart_stub|cuda_|computation_placer)")
TAIL, TAIL_BYTES = 12, 1 << 16  # of a child's error output: lines that are worth showing, and where to look for them


class ChildError(Error):
    """A child refused, failed or took too long."""


def ask(request: Request[Reply], *, seconds: float, progress: Progress) -> Reply:
    """The worker's answer to `request`; raises ChildError when it refuses, fails or takes too long.

    Raises RefusalError, a fault of ours, when either side doesn't understand the other.
    """
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch, tempfile.TemporaryFile() as log:
        last: Refused | Misread | Answer | None = None
        with _running(request, Path(scratch), log) as child:
            assert child.stdout is not None
            limit = _Limit(child, seconds)
            with limit:
                for line in _lines(request.worker, child.stdout):
                    if isinstance(line, Step):
                        progress(line.fraction, line.detail)
                    else:
                        last = line
            code = child.wait()
        if isinstance(last, Misread):
            found = sentence("a request that it can't read: {error}", error=last.found)
            raise _misunderstood(request.worker, found)
        if isinstance(last, Refused):
            raise ChildError(last.expected, last.found, last.advice, log=_tail(log))
        if limit.reached:
            expected = sentence("an end within {seconds} seconds", seconds=f"{seconds:g}")
            advice = sentence("Make it faster, or raise its time limit in problem.toml.")
            raise ChildError(expected, sentence("it was still at work"), advice, log=_tail(log))
        if last is None or code:
            advice = sentence("Correct the code named below.")
            raise ChildError(sentence("an orderly end"), _ending(code, log), advice, log=_tail(log))
        return _reply(request, last)


def _lines(worker: str, output: IO[bytes]) -> Iterator[Line]:
    """The messages of the worker; half a line from one that was killed is ignored."""
    for raw in output:
        if raw.endswith(b"\n"):
            try:
                line: Line = understood(json.loads(raw), Line)
            except (ValueError, RecursionError, msgspec.ValidationError) as error:
                found = sentence("a line that its caller can't read: {error}", error=error)
                raise _misunderstood(worker, found) from error
            yield line


def _reply(request: Request[Reply], answer: Answer) -> Reply:
    try:
        reply: Reply = understood(answer.reply, request.reply)
    except msgspec.ValidationError as error:
        found = sentence("an answer that its caller can't read: {error}", error=error)
        raise _misunderstood(request.worker, found) from error
    return reply


def _misunderstood(worker: str, found: Words) -> RefusalError:
    advice = sentence("This is a fault of mockexam, not of the pack: report it with what you did.")
    expected = sentence("{worker} and its caller to understand each other", worker=worker)
    return RefusalError(expected, found, advice, kind="fault")


def environment(scratch: Path, *, online: bool = False) -> dict[str, str]:
    """The environment of a child: nothing of the user's except the paths on which programs are found."""
    made = {name: os.environ[name] for name in (*KEPT, *(KEPT_ONLINE if online else ())) if name in os.environ}
    return made | {
        "HOME": str(scratch),
        "TFDS_DATA_DIR": str(scratch / "tensorflow_datasets"),
        "KERAS_HOME": str(scratch / "keras"),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


class _Limit:
    """Kills the child's whole group when its time is up."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self.reached = False
        self._child = child
        self._timer = threading.Timer(seconds, self._end)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.reached = True
        _kill(self._child)


@contextlib.contextmanager
def _running(request: Request[object], scratch: Path, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", request.worker],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=scratch,
        env=environment(scratch, online=request.online),
        start_new_session=True,
    )
    try:
        assert child.stdin is not None
        # The pipe stays open for as long as we live: the child ends when it closes.
        with contextlib.suppress(BrokenPipeError):
            # In ASCII, because a path may hold bytes that aren't text in this locale.
            child.stdin.write(json.dumps(plain(request)).encode() + b"\n")
            child.stdin.flush()
        yield child
    finally:
        _kill(child)
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        child.wait()


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _ending(code: int, log: IO[bytes]) -> Words:
    if code < 0:
        return sentence("it was ended by {signal}", signal=signal.Signals(-code).name)
    last = _tail(log).strip().rpartition("\n")[2]
    return last or sentence("it ended with code {code} and said nothing", code=code)


def _tail(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
    lines = [x for x in log.read().decode("utf-8", "replace").splitlines() if not NOISE.match(x)]
    return "\n".join(lines[-TAIL:])
