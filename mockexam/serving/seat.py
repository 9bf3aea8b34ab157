"""The app as a process, and the browser window that shows it.

textual-serve starts an app for each connection and ends it with the connection. An exam must survive a reload: here
one process serves one window after the other, and goes on training while there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

DRIVER = "mockexam.tui.terminal.browser_driver:BrowserDriver"

SEND_SECONDS = 10.0
"""A window that accepts nothing for so long is given up: it would hold up the app, its clock and its programs."""

LEAVE_SECONDS = 20.0
"""How long the app may take to save, stop programs and end; a little more than it allows itself."""


class Seat(AppService):
    """One app, started when it is first opened and again after it was quit, and at most one window."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__(
            "",
            write_bytes=self._send_bytes,
            write_str=self._send_text,
            close=self._close_window,
            download_manager=DownloadManager(),
        )
        self.arguments = list(command)
        self._window: web.WebSocketResponse | None = None
        self._changing = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the app is alive."""
        return self._task is not None and not self._task.done()

    async def sit(self, window: web.WebSocketResponse, width: int, height: int) -> None:
        """Show the app in a window, in place of the present one; start the app if it isn't running."""
        async with self._changing:
            await self._close_window()
            self._window = window
            if self.running:
                await self.send_meta({"type": "attach", "width": width, "height": height})
            else:
                await self.start(width, height)

    def rise(self, window: web.WebSocketResponse) -> None:
        """The window is gone; the app goes on."""
        if self._window is window:
            self._window = None

    async def stop(self) -> None:
        """Have the app save and end, and make sure that it does."""
        if self._task is None:
            return
        await self.send_meta({"type": "quit"})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), LEAVE_SECONDS)
        self.kill()
        await self._task

    def kill(self) -> None:
        """End the app now. What it started ends with it."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def run(self) -> None:
        """Pass what the app writes on to the window, until the app ends."""
        await super().run()
        if self._process is not None:
            await self._process.wait()
        await self._close_window()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return {**super()._build_environment(width, height), "TEXTUAL_DRIVER": DRIVER}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        # A session of its own: Ctrl+C in our terminal is for us, and we end the app tidily.
        self._process = await asyncio.create_subprocess_exec(
            *self.arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        self._stdin = self._process.stdin
        return self._process

    async def _send_bytes(self, data: bytes) -> None:
        await self._send(data)

    async def _send_text(self, data: str) -> None:
        await self._send(data)

    async def _send(self, data: bytes | str) -> None:
        window = self._window
        if window is None or window.closed:
            return
        sending = window.send_bytes(data) if isinstance(data, bytes) else window.send_str(data)
        try:
            await asyncio.wait_for(sending, SEND_SECONDS)
        except (TimeoutError, ConnectionError):
            self.rise(window)

    async def _close_window(self) -> None:
        window, self._window = self._window, None
        if window is not None and not window.closed:
            with contextlib.suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(window.close(), 1.0)
