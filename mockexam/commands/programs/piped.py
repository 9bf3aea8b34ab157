"""Running a program whose input and output aren't a terminal: what it writes is passed on, and kept as well."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from graders.sentences import sentence
from mockexam.running.environment import Program
from mockexam.running.log import RunLog

CHUNK = 64 << 10
POLL = 0.1
GRACE = 0.5
"""Seconds to wait for more output after the end, when something that was started keeps a pipe open."""
MOST_LATE = 1 << 20
"""Bytes that can still be on their way when a program ends; more comes from something else."""
FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)
OUTPUT, ERRORS = 1, 2


def run_in_pipes(program: Program, log: Path) -> int:
    """Run it to its end; its exit code, negative after a signal. Raises RunError.

    Its standard output and error stay apart. Signals that we get go to its process group.
    """
    kept = RunLog(log)
    # What reads from the terminal must stay in the terminal's own group, which gets Ctrl+C from it.
    group = None if sys.stdin.isatty() else 0
    sys.stdout.flush()
    try:
        kept.open()
        child = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env=program.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=group,
        )
    except OSError as error:
        kept.close()
        from mockexam.running.process import RunError  # with all that a terminal needs

        raise RunError(
            sentence("to run {program} in {folder}", program=Path(program.command[0]).name, folder=program.folder),
            f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}",
            sentence("Check that the folder is still there and can be written to."),
        ) from error
    try:
        with _signals_to(child, own_group=group == 0):
            _pass_on(child, kept)
            return child.wait()
    finally:
        kept.close()


def _pass_on(child: subprocess.Popen[bytes], kept: RunLog) -> None:
    """Write on what comes, until both pipes are closed, or soon after the end where something keeps them open."""
    assert child.stdout is not None
    assert child.stderr is not None
    quiet, late = time.monotonic(), 0
    streams = {OUTPUT: child.stdout, ERRORS: child.stderr}
    with child.stdout, child.stderr, selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ, OUTPUT)
        waiting.register(child.stderr, selectors.EVENT_READ, ERRORS)
        while waiting.get_map():
            over = child.poll() is not None
            ready = waiting.select(POLL)
            for key, _ in ready:
                data = os.read(key.fd, CHUNK)
                late += len(data) if over else 0
                kept.write(data)
                if not data or not _written(key.data, data):
                    waiting.unregister(key.fileobj)
                    streams[key.data].close()  # so that the program is told
            if ready or not over:
                quiet = time.monotonic()
            if over and (late > MOST_LATE or time.monotonic() - quiet > GRACE):
                return


def _written(descriptor: int, data: bytes) -> bool:
    """Write it all; False when the reader went away, as `head` does."""
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # whoever shares it with us has made it so
            select.select((), (descriptor,), ())
        except OSError:
            return False
    return True


@contextmanager
def _signals_to(child: subprocess.Popen[bytes], *, own_group: bool) -> Iterator[None]:
    """During the block the program gets the signals that we get, and Ctrl+Z stops both."""

    def forward(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if own_group:
                os.killpg(child.pid, number)
            elif number != signal.SIGINT:  # that one came from the terminal, to the program as well
                child.send_signal(number)

    def suspend(number: int, frame: FrameType | None) -> None:
        forward(signal.SIGSTOP, frame)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, suspend)
        forward(signal.SIGCONT, frame)

    handlers = dict.fromkeys(FORWARDED, forward)
    if own_group:
        handlers[signal.SIGTSTP] = suspend
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
