"""The real program in a pseudo-terminal: what is on its screen, keys for it, and signals."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import psutil
import pyte

COLUMNS, ROWS = 120, 36
LAUNCHER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for name in ("LD_PRELOAD",):
    if os.environ.get("HARNESS_" + name):
        os.environ[name] = os.environ.pop("HARNESS_" + name)
os.execv(sys.argv[1], sys.argv[1:])
"""
ENTERED, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"  # the alternate screen, that of the program
PROGRAM = (sys.executable, "-m", "mockexam")


class Gone(Exception):  # noqa: N818 - what happened
    """The program has ended."""


class Terminal:
    """One life of `mockexam start`, or of another command, as the leader of a session with a terminal of its own."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], cwd: Path) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.master, other = os.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        # Including a size that a shell exported, which isn't the window's.
        variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **dict(environment), "COLUMNS": "80"}
        if "LD_PRELOAD" in variables:  # for the program, not for what starts it
            variables["HARNESS_LD_PRELOAD"] = variables.pop("LD_PRELOAD")
        command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *PROGRAM, *arguments]
        self.process = subprocess.Popen(
            command, cwd=cwd, env=variables, stdin=other, stdout=other, stderr=other, start_new_session=True
        )
        os.close(other)
        os.set_blocking(self.master, False)
        self._outside = b""
        self.family: dict[int, psutil.Process] = {}
        self._counted = 0.0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal's window."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def read(self, seconds: float) -> None:
        """Take in what is drawn during so many seconds; raises Gone at the end of the program."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                return
            try:
                data = os.read(self.master, 1 << 16)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                raise Gone
            self._stream.feed(data)
            self._listen(data)

    def _listen(self, data: bytes) -> None:
        outside, entered, inside = (self._outside + data).rpartition(ENTERED)
        if not entered:
            self._outside = inside
        elif LEFT in inside:
            self._outside = outside + inside.partition(LEFT)[2]
        else:  # of what it draws, only what may begin the closing sequence is kept
            self._outside = outside + ENTERED + inside[1 - len(LEFT) :]

    @property
    def outside(self) -> str:
        """What was written before the program's own screen was put up and after it was taken down."""
        return self._outside.replace(ENTERED, b"").decode(errors="replace")

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, condition: Callable[[], object], what: str, seconds: float = 90.0) -> None:
        """Read until something is true."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not so after {seconds:g} s: {what}; on the screen:\n{self.text}")
            self.read(0.05)

    def type(self, keys: str) -> None:
        """Type; control characters and escape sequences as a terminal sends them."""
        with contextlib.suppress(OSError):
            os.write(self.master, keys.encode())

    def count_family(self, *, now: bool = False) -> None:
        """Remember the processes below the program, so that one left behind is recognised; at most twice a second."""
        if not now and time.monotonic() - self._counted < 0.5:
            return
        self._counted = time.monotonic()
        with contextlib.suppress(psutil.Error):
            for one in psutil.Process(self.process.pid).children(recursive=True):
                self.family.setdefault(one.pid, one)

    def kill(self, number: int) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.count_family(now=True)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        return self.end()

    def end(self, seconds: float = 40.0) -> int:
        """Wait for the end, reading on so that the program can write; returns the exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running {seconds:g} s after its end was asked for:\n{self.text}")
            if self.master < 0:
                time.sleep(0.05)
                continue
            with contextlib.suppress(Gone):
                Terminal.read(self, 0.05)
                continue
            time.sleep(0.02)
        return self.process.returncode

    def orphans(self, seconds: float = 15.0) -> list[str]:
        """Those of the program's processes that are still alive after so many seconds."""
        deadline = time.monotonic() + seconds
        while alive := [one for one in self.family.values() if _alive(one)]:
            if time.monotonic() > deadline:
                return [f"{one.pid} {' '.join(one.cmdline())[:120]}" for one in alive]
            time.sleep(0.05)
        return []


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
