"""A real Chromium in front of `mockexam serve`, and what is on its screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pyte
import pytest
from playwright.async_api import Page, ViewportSize, WebSocket, async_playwright

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")

SIZE: ViewportSize = {"width": 1440, "height": 900}


class Served:
    """`mockexam serve` as a process, and the address it printed."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockexam", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "MOCKEXAM_HOME": str(home)},
        )
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "")
        self.url = next((line.strip() for line in lines if "http://" in line), "")
        assert self.url, "serve ended before it printed an address"

    def end(self) -> int:
        """End it as Ctrl+C does; returns its exit code."""
        self.process.send_signal(2)
        return self.process.wait(timeout=40)


class Window:
    """A page and the terminal in it, read from what the server sent to the page's websocket."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        page.on("websocket", self._connected)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url}"))

    def _connected(self, socket: WebSocket) -> None:
        self._screen.reset()
        socket.on("framesent", self._sent)
        socket.on("framereceived", lambda data: self._stream.feed(data) if isinstance(data, bytes) else None)

    def _sent(self, data: bytes | str) -> None:
        import json

        kind, *rest = json.loads(data)
        if kind == "resize":
            self._screen.resize(rest[0]["height"], rest[0]["width"])

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._screen.display)

    async def until(self, good: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Wait for something to come true."""
        end = time.monotonic() + seconds
        while not good():
            assert time.monotonic() < end, f"{what} never came:\n{self.text}\n{self.problems}"
            await asyncio.sleep(0.05)

    async def shows(self, words: str, seconds: float = 60) -> None:
        """Wait for words on the screen."""
        await self.until(lambda: words in self.text, repr(words), seconds)

    async def press(self, *keys: str) -> None:
        """Press keys, named as in a browser."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def enter(self, words: str) -> None:
        """Press Enter until it leads to words: a key that comes before a new screen has its focus goes nowhere."""
        for _ in range(6):
            await self.press("Enter")
            with contextlib.suppress(AssertionError):
                return await self.shows(words, 10)
        await self.shows(words, 0)

    async def click(self, words: str) -> None:
        """Click on the first cell of some words."""
        row = next(row for row, line in enumerate(self._screen.display) if words in line)
        column = self._screen.display[row].index(words)
        box = await self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        wide, high = box["width"] / self._screen.columns, box["height"] / self._screen.lines
        await self.page.mouse.click(box["x"] + (column + 0.5) * wide, box["y"] + (row + 0.5) * high)


@asynccontextmanager
async def windows() -> AsyncIterator[Callable[[str], Awaitable[Window]]]:
    """Opens addresses, each in a window of its own, in one browser without a network."""
    async with async_playwright() as playwright:
        sandbox = os.geteuid() != 0  # Chromium refuses its own sandbox to root
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=sandbox)
        try:
            context = await browser.new_context(viewport=SIZE)

            async def opened(url: str) -> Window:
                window = Window(await context.new_page())
                await window.page.goto(url)
                return window

            yield opened
        finally:
            await browser.close()
