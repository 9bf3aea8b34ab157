"""A candidate's program in a pseudo-terminal: its output in batches, its end for certain."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from mockexam.running.environment import child_environment
from mockexam.running.log import RunLog
from mockexam.running.session import signal_group, signal_session, sweep
from mockexam.running.usage import Meter, Usage

T = TypeVar("T")

LAUNCHER = Path(__file__).with_name("launcher.py")
NICENESS = 5
FRAME = 1 / 30  # seconds between two batches
HIGH_WATER = 32 << 10  # bytes pending at which reading pauses, so that the program waits for us
CHUNK = 8 << 10
GRACE = 0.5  # seconds after the end for output of a process that has left the session
EXIT_POLL = 0.05  # where no pidfd tells of the end
MAX_INPUT = 64 << 10


class RunError(Exception):
    """A run that can't start: what was expected, what was found, what to do next."""

    def __init__(self, expected: str, found: str, advice: str) -> None:
        super().__init__(f"Expected {expected}; found {found}. {advice}")
        self.expected = expected
        self.found = found
        self.advice = advice


class Exit(NamedTuple):
    """How a run ended. `code` is None after a signal, and when the program could not be waited for."""

    code: int | None
    signal: int | None
    seconds: float
    stopped: bool  # by us


class Run:
    """One program, started once. Belongs to the event loop of the thread that starts it, best the main thread:

    the program is killed when that thread ends, however it ends. `on_output` gets decoded text at most 30 times a
    second, `on_exit` comes once and last. A child that left the session on purpose (a daemon) is beyond our reach.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        log: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (120, 30),
        *,
        on_output: Callable[[str], None] = lambda text: None,
        on_exit: Callable[[Exit], None] = lambda exit: None,
        patience: tuple[float, float, float] = (2.0, 3.0, 5.0),
    ) -> None:
        """`env` is added to the user's own; `size` is (columns, rows); `patience` seconds after INT, TERM, KILL."""
        self.command = list(command)
        self.cwd = cwd
        self.log = RunLog(log)
        self.on_output = on_output
        self.on_exit = on_exit
        self.pid: int | None = None
        self.exit: Exit | None = None
        self._environment = child_environment(extra=env)
        self._size = size
        self._patience = patience
        self._started = 0.0
        self._child: subprocess.Popen[bytes] | None = None
        self._meter: Meter | None = None
        self._master = -1
        self._pidfd = -1
        self._pending = bytearray()
        self._outgoing = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._flushing: asyncio.TimerHandle | None = None
        self._next_flush = 0.0
        self._reading = False
        self._over = False  # the program has ended; only its last output is missing
        self._at_end_of_output = False
        self._stop: asyncio.Task[None] | None = None
        self._stopped = False

    async def start(self) -> None:
        """Start the program. Raises RunError."""
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[Exit] = self._loop.create_future()
        self._master, slave = self._open_terminal()
        try:
            self.log.open()
            self._child = self._spawn(slave)
        except OSError as error:
            self._close()
            raise self._unable(error) from error
        finally:
            os.close(slave)
        self.pid = self._child.pid
        self._started = time.monotonic()
        self._meter = Meter(self.pid)
        os.set_blocking(self._master, False)
        self._resume()
        self._watch()

    def _open_terminal(self) -> tuple[int, int]:
        try:
            master, slave = os.openpty()
        except OSError as error:
            raise RunError("a free terminal", error.strerror or "none", "Stop another run first.") from error
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.ONLCR  # the console starts lines at a newline by itself
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        _resize(slave, self._size)
        return master, slave

    def _spawn(self, slave: int) -> subprocess.Popen[bytes]:
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(NICENESS)]
        return subprocess.Popen(
            [*launcher, *self.command],
            cwd=self.cwd,
            env=self._environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )

    def _unable(self, error: OSError) -> RunError:
        return RunError(
            f"to run {Path(self.command[0]).name} in {self.cwd}",
            f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}",
            "Check that the folder is still there and can be written to.",
        )

    def _watch(self) -> None:
        """Learn of the program's end without waiting for it: its number stays taken until we have swept."""
        assert self.pid is not None
        try:
            self._pidfd = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            self._loop.call_later(EXIT_POLL, self._poll_exit)
        else:
            self._loop.add_reader(self._pidfd, self._ended)

    def _poll_exit(self) -> None:
        if self._done.done():
            return
        if self._child is not None and self._child.poll() is not None:
            self._ended()
        else:
            self._loop.call_later(EXIT_POLL, self._poll_exit)

    def _ended(self) -> None:
        """The program is dead; take what it left behind along and collect its last output."""
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
        self._over = True
        assert self.pid is not None
        sweep(self.pid, leader=self.pid)
        if self._at_end_of_output:
            self._finish()
        else:
            self._loop.call_later(GRACE, self._give_up_output)

    def _give_up_output(self) -> None:
        """Finish although the terminal is still open somewhere, unless output of before the end is still pending."""
        if self._done.done():
            return
        if self._pending:
            self._loop.call_later(GRACE, self._give_up_output)
        else:
            self._finish()

    # Output

    def _resume(self) -> None:
        if not self._reading and not self._at_end_of_output:
            self._loop.add_reader(self._master, self._read)
            self._reading = True

    def _pause(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._master)
            self._reading = False

    def _read(self) -> None:
        try:
            data = os.read(self._master, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        if not data:
            self._at_end_of_output = True
            self._pause()
            if self._over:
                self._finish()
            return
        self._pending += data
        if len(self._pending) >= HIGH_WATER:
            self._pause()
        if self._flushing is None:
            self._flushing = self._loop.call_at(max(self._loop.time(), self._next_flush), self._flush)

    def _flush(self) -> None:
        self._flushing = None
        self._deliver(final=False)
        self._next_flush = self._loop.time() + FRAME
        self._resume()

    def _deliver(self, *, final: bool) -> None:
        data = bytes(self._pending)
        self._pending.clear()
        self.log.write(data)
        if text := self._decoder.decode(data, final):
            self._call(self.on_output, text)

    def _call(self, listener: Callable[[T], None], value: T) -> None:
        """A listener's fault is reported, and the run goes on: nobody else would collect the program."""
        try:
            listener(value)
        except Exception as error:
            context = {"message": "a listener of a run failed", "exception": error}
            self._loop.call_exception_handler(context)

    # Input

    def write(self, data: bytes) -> None:
        """Type something; b"\\x03" interrupts as Ctrl+C does. What comes after the end or doesn't fit is dropped."""
        if self._master < 0 or self._done.done() or len(self._outgoing) + len(data) > MAX_INPUT:
            return
        self._outgoing += data
        self._send()

    def _send(self) -> None:
        try:
            del self._outgoing[: os.write(self._master, self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing.clear()
        if self._outgoing:
            self._loop.add_writer(self._master, self._send)
        else:
            self._loop.remove_writer(self._master)

    def resize(self, size: tuple[int, int]) -> None:
        """Tell the program its terminal's new (columns, rows)."""
        self._size = size
        if self._master >= 0:
            with contextlib.suppress(OSError):
                _resize(self._master, size)

    # Measures

    @property
    def seconds(self) -> float:
        """How long it has run, or ran."""
        if self.exit is not None:
            return self.exit.seconds
        return time.monotonic() - self._started if self._started else 0.0

    def usage(self) -> Usage:
        """Memory and processor time of the program and its children, sampled at most once a second."""
        if self._meter is None or self.exit is not None:
            return Usage(0, 0.0, 0)
        return self._meter.sample()

    # The end

    async def wait(self) -> Exit:
        """Wait for the end; all output has been delivered then."""
        return await asyncio.shield(self._done)

    async def stop(self) -> Exit:
        """Interrupt, then terminate, then kill the program and all it started. Always ends; may be called twice."""
        if self._stop is None and not self._done.done():
            self._stop = self._loop.create_task(self._escalate())
        if self._stop is not None:
            await asyncio.shield(self._stop)
        return await self.wait()

    async def _escalate(self) -> None:
        assert self.pid is not None
        self._stopped = not self._over
        steps = zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), self._patience, strict=True)
        for number, patience in steps:
            if not self._over:
                signal_group(self.pid, number)
                if number is not signal.SIGINT:
                    signal_session(self.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._done), patience)
                return
        # Not even SIGKILL ends a process that hangs in the kernel; the app must not hang with it.
        self._finish()

    def _finish(self) -> None:
        if self._done.done():
            return
        self._deliver(final=True)
        self._close()
        code = self._child.poll() if self._child is not None else None
        self.exit = Exit(
            code=code if code is not None and code >= 0 else None,
            signal=-code if code is not None and code < 0 else None,
            seconds=time.monotonic() - self._started,
            stopped=self._stopped,
        )
        self._done.set_result(self.exit)
        self._call(self.on_exit, self.exit)

    def _close(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
        if self._master >= 0:
            self._pause()
            self._loop.remove_writer(self._master)
            os.close(self._master)
        self._pidfd = self._master = -1
        self.log.close()


def _resize(terminal: int, size: tuple[int, int]) -> None:
    columns, rows = size
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
