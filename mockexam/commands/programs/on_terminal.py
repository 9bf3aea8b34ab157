"""Running a program on a terminal of its own, which ours passes everything on to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
from pathlib import Path
from typing import Any

from mockexam.running.environment import Program
from mockexam.running.process import Exit, Run
from mockexam.running.signals import signal_group

SUSPEND = b"\x1a"
CHUNK = 64 << 10
INPUT, OUTPUT, LOCAL, CHARACTERS = 0, 1, 3, 6  # of what tcgetattr gives
FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def run_on_terminal(program: Program, log: Path) -> int:
    """Run it to its end; its exit code, negative after a signal. Raises RunError."""
    return asyncio.run(_OnTerminal(program, log).run())


class _OnTerminal:
    """Our terminal passes everything on: what is typed goes to the program's own one, which makes signals of it."""

    def __init__(self, program: Program, log: Path) -> None:
        self._run = Run(
            program.command,
            program.folder,
            log,
            size=_size(),
            environment=program.environment,
            calm=0.0,
            on_output=_show,
        )
        self._before: list[Any] | None = None

    async def run(self) -> int:
        await self._run.start()
        loop = asyncio.get_running_loop()
        for number in FORWARDED:
            loop.add_signal_handler(number, self._forward, number)
        loop.add_signal_handler(signal.SIGWINCH, lambda: self._run.resize(_size()))
        loop.add_signal_handler(signal.SIGCONT, self._attach)
        self._attach()
        try:
            exit = await self._run.wait()
        finally:
            self._detach()
        return _of(exit)

    def _forward(self, number: signal.Signals) -> None:
        if self._run.pid is not None and self._run.exit is None:
            signal_group(self._run.pid, number)

    def _attach(self) -> None:
        """Take what is typed, bare; not while we are in the background, where that would stop us."""
        self._run.resize(_size())
        if self._before is not None or not _in_foreground():
            return
        self._before = termios.tcgetattr(0)
        bare = termios.tcgetattr(0)
        bare[INPUT] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.ISTRIP | termios.BRKINT)
        bare[LOCAL] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        bare[CHARACTERS][termios.VMIN], bare[CHARACTERS][termios.VTIME] = 1, 0
        termios.tcsetattr(0, termios.TCSADRAIN, bare)
        asyncio.get_running_loop().add_reader(0, self._typed)

    def _detach(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            asyncio.get_running_loop().remove_reader(0)
            with contextlib.suppress(termios.error):  # it is gone
                termios.tcsetattr(0, termios.TCSADRAIN, self._before)
            self._before = None

    def _typed(self) -> None:
        try:
            data = os.read(0, CHUNK)
        except OSError:
            data = b""
        if not data:  # nobody will type any more
            asyncio.get_running_loop().remove_reader(0)
        elif data == SUSPEND and self._run.suspends:
            self._suspend()
        else:
            self._run.write(data)

    def _suspend(self) -> None:
        """Ctrl+Z: stop the program, then ourselves, as a shell expects; both go on when the shell says so."""
        assert self._run.pid is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._run.pid, signal.SIGSTOP)
        self._detach()
        os.kill(0, signal.SIGTSTP)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._run.pid, signal.SIGCONT)
        self._attach()


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:  # the terminal is gone
        return False


def _of(exit: Exit) -> int:
    """The code of an end, negative after a signal."""
    if exit.signal is not None:
        return -exit.signal
    return exit.code if exit.code is not None else -signal.SIGKILL


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(OUTPUT)
    except OSError:
        return 120, 30
    return size.columns or 120, size.lines or 30


def _show(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # the terminal is gone
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
