"""A terminal's driver that sleeps until something is typed.

Textual's own polls ten times a second: a sixth of all that an idle exam costs. And Escape, which may be the start of a
longer sequence, waits for the poll after its pause. Unnecessary once Textual does neither.
"""

from __future__ import annotations

import contextlib
import os
from codecs import getincrementaldecoder
from selectors import EVENT_READ, SelectSelector
from typing import Any, Protocol, cast

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

CHUNK = 4096


class Owner(Protocol):
    """The app that a driver works for."""

    def hung_up(self) -> None:
        """Leave: the terminal is gone."""


class TerminalDriver(LinuxDriver):
    """Waits in its thread for input, for the end of Escape's pause, or to be woken because input ends."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        # Open as long as the process: `close` is called each time the terminal is lent.
        self._woken, self._wake = os.pipe()

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
                    for event in parser.feed(text) if (text := decode(data)) else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, CHUNK)
        except OSError:  # how a pseudo-terminal reports that its other end was closed
            return b""

    def _tell_hung_up(self) -> None:
        app = cast("Owner", self._app)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the app with it
            self._loop.call_soon_threadsafe(app.hung_up)

    @staticmethod
    def _patience(parser: XTermParser) -> float | None:
        """Seconds until the input so far must be taken as it is; None when no sequence is incomplete."""
        due: float | None = parser._timeout_time
        return None if due is None else max(0.0, due - get_time())

    def disable_input(self) -> None:
        """Have the thread end immediately; it may be started again."""
        os.write(self._wake, b"\0")
        if self._key_thread is not None and self._key_thread.is_alive():
            self._key_thread.join()
        os.read(self._woken, CHUNK)
        super().disable_input()
