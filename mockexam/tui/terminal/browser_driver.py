"""The app's end of a browser window: textual-serve's protocol on standard input and output, and what that lacks.

A window may come back after a reload and find a blank terminal; the server may end, or be killed.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.drivers.web_driver import WebDriver

if TYPE_CHECKING:
    from mockexam.tui.terminal.driver import Owner

MODES = "\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?2004h"
"""Alternate screen, no cursor, mouse, bracketed paste: what a fresh terminal must be told."""


class BrowserDriver(WebDriver):
    """Redraws everything for a window that comes back, and lets the app leave tidily when the server does."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._write = partial(self._write_whole)
        # The window's size concerns only us; the candidate's programs have terminals of their own.
        for name in ("COLUMNS", "ROWS"):
            os.environ.pop(name, None)

    def _write_whole(self, data: bytes) -> int:
        """Write all of it; nobody reads what is written after the server has ended."""
        rest = memoryview(data)
        with contextlib.suppress(BrokenPipeError):
            while rest:
                rest = rest[os.write(self.fileno, rest) :]
        return len(data)

    def run_input_thread(self) -> None:
        """Take input until the app ends; if it ends earlier, the server has gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._leave()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Handle two messages that textual-serve lacks: a window came back, and leave as when a terminal closes."""
        if packet_type == "quit":
            self._leave()
            return
        if packet_type == "attach":
            self._loop.call_soon_threadsafe(self._draw_all)
        super().on_meta("resize" if packet_type == "attach" else packet_type, payload)

    def _draw_all(self) -> None:
        self.write(MODES)
        self._app.refresh(layout=True)

    def _leave(self) -> None:
        app = cast("Owner", self._app)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the app with it
            self._loop.call_soon_threadsafe(app.hung_up)
