"""A candidate's program in a pseudo-terminal: its output in batches, and an end that always comes."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.running.environment import child_environment
from mockexam.running.log import RunLog
from mockexam.running.signals import (
    MARK,
    detached_processes,
    signal_each,
    signal_group,
    signal_session,
    sweep,
    sweep_everywhere,
)
from mockexam.running.terminal import CALM, Size, Terminal
from mockexam.running.usage import Meter, Usage

if TYPE_CHECKING:
    import psutil

T = TypeVar("T")

LAUNCHER = Path(__file__).with_name("launcher.py")
NICENESS = 5
GRACE = 0.5  # seconds to wait for output after the end, when a process that left the session keeps the terminal open
MAX_LATE = 128 << 10  # bytes that can still be on their way when a program ends; more comes from another process
EXIT_POLL = 0.05  # seconds between looks where no pidfd reports the end


class RunError(Error):
    """A run that can't start."""


class Exit(NamedTuple):
    """How a run ended. `code` is None after a signal; both are None when not even killing ended the program."""

    code: int | None
    signal: int | None
    seconds: float
    stopped: bool  # by us


class Run:
    """One program, started once, in the event loop of the main thread.

    On Linux the program is killed when the thread that started it ends, however it ends. `on_output` gets decoded
    text immediately, then at most 10 times a second (30 in a flood); `on_exit` is called once, last. What a program
    starts in a session of its own (a daemon) outlives a program that ends by itself, and ends with one that is stopped.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        log: Path,
        size: Size = (120, 30),
        *,
        environment: Mapping[str, str] | None = None,
        calm: float = CALM,
        on_output: Callable[[str], None] = lambda text: None,
        on_exit: Callable[[Exit], None] = lambda exit: None,
        patience: tuple[float, float, float] = (2.0, 3.0, 5.0),
    ) -> None:
        """`environment` has all variables, by default the user's own; `size` is (columns, rows).

        `patience` are seconds after INT, TERM, KILL; `calm` is seconds between two batches.
        """
        self.command = list(command)
        self.cwd = cwd
        self.log = RunLog(log)
        self.on_output = on_output
        self.on_exit = on_exit
        self.pid: int | None = None
        self.exit: Exit | None = None
        self._mark = uuid.uuid4().hex
        self._environment = {**(child_environment() if environment is None else environment), MARK: self._mark}
        self._patience = patience
        self._terminal = Terminal(size, self._receive, self._output_ended, calm=calm)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._started = 0.0
        self._child: subprocess.Popen[bytes] | None = None
        self._meter: Meter | None = None
        self._pidfd = -1
        self._over = False  # the program has ended; only its last output is missing
        self._late = 0
        self._stopping: asyncio.Task[None] | None = None
        self._stopped = False
        self._emigrants: list[psutil.Process] = []

    async def start(self) -> None:
        """Start the program. Raises RunError."""
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[Exit] = self._loop.create_future()
        try:
            self._child = self._spawn()
        except OSError as error:
            self._close()
            raise RunError(
                sentence("to run {program} in {folder}", program=Path(self.command[0]).name, folder=self.cwd),
                f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}",
                sentence("Check that the folder is still there and can be written to, or stop another run first."),
            ) from error
        self.pid = self._child.pid
        self._started = time.monotonic()
        self._meter = Meter(self.pid)
        self._terminal.start_reading()
        self._watch()

    def _spawn(self) -> subprocess.Popen[bytes]:
        self.log.open()
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(NICENESS)]
        other = self._terminal.open()
        try:
            return subprocess.Popen(
                [*launcher, *self.command],
                cwd=self.cwd,
                env=self._environment,
                stdin=other,
                stdout=other,
                stderr=other,
                start_new_session=True,
            )
        finally:
            os.close(other)

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

    def write(self, data: bytes) -> None:
        """Type something; b"\\x03" interrupts as Ctrl+C does."""
        self._terminal.write(data)

    @property
    def suspends(self) -> bool:
        """Whether Ctrl+Z, typed now, would be a signal to the program."""
        return self._terminal.suspends

    def resize(self, size: Size) -> None:
        """Tell the program its terminal's new (columns, rows)."""
        self._terminal.resize(size)

    def _receive(self, data: bytes, *, final: bool = False) -> None:
        self._late += len(data) if self._over else 0
        self.log.write(data)
        if text := self._decoder.decode(data, final):
            self._call(self.on_output, text)

    def _call(self, listener: Callable[[T], None], value: T) -> None:
        """Report a listener's fault and go on with the run: nobody else would collect the program."""
        try:
            listener(value)
        except Exception as error:
            # untranslated: for the log
            self._loop.call_exception_handler({"message": "a listener of a run failed", "exception": error})

    # The end

    def _watch(self) -> None:
        """Notice the program's end without reaping it: its pid stays taken until we have swept."""
        assert self.pid is not None
        try:
            self._pidfd = os.pidfd_open(self.pid)
        except (AttributeError, OSError):  # not Linux
            self._loop.call_later(EXIT_POLL, self._poll_exit)
        else:
            self._loop.add_reader(self._pidfd, self._ended)

    def _poll_exit(self) -> None:
        if self._done.done() or self._child is None:
            return
        if self._child.poll() is not None:
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
        if self._stopping is not None:
            sweep_everywhere(self._emigrants, self.pid, self._mark)
        if self._terminal.ended:
            self._finish()
        else:
            self._loop.call_later(GRACE, self._give_up_output)

    def _output_ended(self) -> None:
        if self._over:
            self._finish()

    def _give_up_output(self) -> None:
        """Finish although the terminal is still open somewhere, once the program's own output has arrived."""
        if self._terminal.pending and self._late <= MAX_LATE:
            self._loop.call_later(GRACE, self._give_up_output)
        else:
            self._finish()

    def _finish(self) -> None:
        if self._done.done():
            return
        self._terminal.flush()
        self._receive(b"", final=True)
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
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self._terminal.close()
        self.log.close()

    async def wait(self) -> Exit:
        """Wait for the end; all output has been delivered then."""
        return await asyncio.shield(self._done)

    async def stop(self) -> Exit:
        """Interrupt, then terminate, then kill the program and all it started. Always ends; may be called twice."""
        if self._child is None:
            return Exit(None, None, 0.0, stopped=True)  # it never started
        if self._stopping is None and not self._done.done():
            self._stopping = self._loop.create_task(self._escalate())
        if self._stopping is not None:
            await asyncio.shield(self._stopping)
        return await self.wait()

    def kill(self) -> None:
        """Kill the program and all it started, without waiting: for the end of the application."""
        if self.pid is not None and not self._over:
            self._stopped = True
            signal_each(detached_processes(self.pid, self._mark), signal.SIGKILL)
            signal_session(self.pid, signal.SIGKILL)

    async def _escalate(self) -> None:
        assert self.pid is not None
        self._stopped = not self._over
        steps = zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), self._patience, strict=True)
        for number, patience in steps:
            if not self._over:
                self._emigrants = detached_processes(self.pid, self._mark)
                # As with Ctrl+C, the interrupt goes to the program's group; the later signals go to everything.
                if number is signal.SIGINT:
                    signal_group(self.pid, number)
                else:
                    signal_each(self._emigrants, number)
                    signal_session(self.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._done), patience)
                return
        # Not even SIGKILL ends a process that hangs in the kernel; the app must not hang with it.
        self._finish()
