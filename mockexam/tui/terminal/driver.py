"""A terminal's driver that sleeps until something is typed, and asks the terminal what it can draw.

Textual's own polls ten times a second: a sixth of all that an idle exam costs. And Escape, which may be the start of a
longer sequence, waits for the poll after its pause. Unnecessary once Textual does neither.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import termios
from codecs import getincrementaldecoder
from selectors import EVENT_READ, SelectSelector
from typing import Any, Protocol, cast

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from mockexam.tui.terminal.graphics import CELL, Asking, Graphics
from mockexam.tui.terminal.replies import Replies

CHUNK = 4096


class Owner(Protocol):
    """The app that a driver works for."""

    def hung_up(self) -> None:
        """Leave: the terminal is gone."""

    def graphics_found(self, graphics: Graphics) -> None:
        """Draw in this way from now on."""


class TerminalDriver(LinuxDriver):
    """Waits in its thread for input, for the end of Escape's pause, or to be woken because input ends."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        # Open as long as the process: `close` is called each time the terminal is lent.
        self._woken, self._wake = os.pipe()
        self._replies = Replies()
        self._asking: Asking | None = None

    # ── being stopped by the system ──

    def _sigcont_application(self, *signal_and_frame: object) -> None:
        """Take the terminal again after SIGSTOP too, which nothing can prepare for.

        Textual starts to read as after SIGTSTP: a second time then, and two readers swap letters.
        """
        reading = self._key_thread is not None and self._key_thread.is_alive()
        if self._auto_restart and reading:
            if not self._in_foreground():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application(*signal_and_frame)

    def _in_foreground(self) -> bool:
        """Whether the terminal would let this process read; where there is no job control, yes."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True

    # ── what the terminal can draw ──

    def ask_graphics(self) -> None:
        """Ask the terminal what it can draw, the first time; afterwards only how large its cells are by now."""
        if self._asking is None:
            self._asking = Asking(os.environ)
            questions = self._asking.begin() if self.input_tty else ""
            self._replies.awaited = bool(questions)
        else:
            questions = CELL if self._asking.complete and self._replies.awaited else ""
        if questions:
            self._put(questions)
        else:
            self._app.call_later(self._tell_graphics)

    def _take(self, answers: list[str]) -> None:
        """Note answers of the terminal, in the thread that reads them."""
        if self._asking is None or not answers:
            return
        for answer in answers:
            if questions := self._asking.take(answer):
                self._put(questions)
        if self._asking.complete:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the app with it
                self._loop.call_soon_threadsafe(self._tell_graphics)

    def _put(self, questions: str) -> None:
        with contextlib.suppress(AssertionError):  # the terminal was just lent to another program
            self.write(questions)
            self.flush()

    def _tell_graphics(self) -> None:
        if self._asking is not None:
            app = cast("Owner", self._app)
            app.graphics_found(self._asking.graphics(self._get_terminal_size(), self._pixels()))

    def _pixels(self) -> tuple[int, int]:
        """The width and height of the window as the system knows them; 0 where it doesn't."""
        try:
            _, _, width, height = struct.unpack("HHHH", fcntl.ioctl(self.fileno, termios.TIOCGWINSZ, bytes(8)))
        except OSError:
            return 0, 0
        return width, height

    # ── input ──

    def run_input_thread(self) -> None:
        """Pass on keys and mouse events until input is disabled, or the terminal is gone."""
        parser = XTermParser(self._debug)
        # A terminal of another encoding, or a line that drops bits, must not end the exam: Textual's own would.
        decode = getincrementaldecoder("utf-8")("ignore").decode
        with SelectSelector() as selector:
            selector.register(self.fileno, EVENT_READ)
            selector.register(self._woken, EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select(self._patience(parser))}
                if self._woken in ready:
                    break
                if self.fileno in ready:
                    if not (data := self._read()):
                        self._tell_hung_up()
                        break
                    self._feed(parser, decode(data))
                if late := self._replies.let_go(get_time()):
                    self._feed(parser, late, sift=False)
                    if parser._timeout_time is not None:  # it has waited for more already
                        parser._timeout_time = get_time()
                for event in parser.tick():
                    self.process_message(event)

    def _feed(self, parser: XTermParser, text: str, *, sift: bool = True) -> None:
        answers: list[str] = []
        if sift:
            text, answers = self._replies.sift(text, get_time())
        for event in parser.feed(text) if text else ():
            self.process_message(event)
        self._take(answers)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, CHUNK)
        except OSError:  # how a pseudo-terminal reports that its other end was closed
            return b""

    def _tell_hung_up(self) -> None:
        app = cast("Owner", self._app)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the app with it
            self._loop.call_soon_threadsafe(app.hung_up)

    def _patience(self, parser: XTermParser) -> float | None:
        """Seconds until the input so far must be taken as it is; None when no sequence is incomplete."""
        dues = [due for due in (parser._timeout_time, self._replies.deadline) if due is not None]
        return max(0.0, min(dues) - get_time()) if dues else None

    def disable_input(self) -> None:
        """Have the thread end immediately; it may be started again."""
        os.write(self._wake, b"\0")
        if self._key_thread is not None and self._key_thread.is_alive():
            self._key_thread.join()
        os.read(self._woken, CHUNK)
        super().disable_input()
