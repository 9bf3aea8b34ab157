"""Every way out of the app: quitting, the end of the exam, a closed terminal. Nothing is lost, nothing left running."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from graders.sentences import sentence
from mockexam.tui.host import Leavable

if TYPE_CHECKING:
    from textual.app import App

SIGNALS = (signal.SIGHUP, signal.SIGTERM)

LEAVE_SECONDS = 15.0
"""How long saving, and ending the programs that run, may take once the terminal is gone."""

RESTORE_SECONDS = 2.0
"""How long giving the terminal back may take. One that is gone blocks Textual's writer for good."""


class Shutdown:
    """Leaves the exam screen tidily, and the app; the ways to ask a question and to end the grader are passed in."""

    def __init__(self, app: App[int], ask: Callable[..., Awaitable[bool]], stop_service: Callable[[], None]) -> None:
        self.app = app
        self._question = ask
        self.stop_service = stop_service
        self.end_process_after: Callable[[float], None] = _end_process_after
        self._hurried = False
        self._closing = False

    def listen(self) -> None:
        """Leave, too, when the terminal closes or the machine shuts down."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            # Pilot tests may run in a thread, where signals can't be had.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.hurry)

    def exam_screen(self) -> Leavable | None:
        """The exam's screen, wherever it is in the stack."""
        return next((one for one in self.app.screen_stack if isinstance(one, Leavable)), None)

    async def leave_exam(self) -> None:
        """Let the exam's screen save files and stop programs; close what lies above it."""
        screen = self.exam_screen()
        if screen is None:
            return
        while not isinstance(self.app.screen, Leavable):
            await self.app.pop_screen()
        await screen.leave()

    def ask(self) -> None:
        """Quit; during an exam only once confirmed, since its clock doesn't stop. Called again, it asks again."""
        if self._closing:
            return
        self._do(self._ask)

    def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        # A function: Python warns of a coroutine that is replaced before it began.
        self.app.run_worker(work, group="shutdown", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        if self.exam_screen() is not None:
            sure = await self._question(
                sentence("Close mockexam?"),
                sentence(
                    "The exam goes on: its clock keeps running while the app is closed. Everything is saved; "
                    "`mockexam start` brings you back."
                ),
                yes=sentence("Close"),
                no=sentence("Stay"),
            )
            if not sure:
                return
        await self._close()

    def hurry(self) -> None:
        """Leave because the terminal closed: whatever still blocks, the process ends. Once, however often called."""
        if self._hurried:
            return
        self._hurried = True
        self.end_process_after(LEAVE_SECONDS)
        self.close(hurried=True)

    def close(self, *, hurried: bool = False) -> None:
        """Leave without a question."""
        self._do(partial(self._close, hurried))

    async def _close(self, hurried: bool = False) -> None:
        self._closing = True
        try:
            screen = self.exam_screen()
            if screen is not None:
                await screen.leave()
            await asyncio.to_thread(self.stop_service)
        finally:
            if hurried:
                self.end_process_after(RESTORE_SECONDS)
            # The grader may take seconds to end, and keys still reached the code meanwhile.
            if screen is not None:
                await screen.save_rest()
            self.app.exit(0)

    def watch_size(self, size: tuple[int, int], smallest: tuple[int, int]) -> None:
        """Cover the screen with a notice while the terminal is smaller than `smallest`, and uncover it after."""
        from mockexam.tui.pages.too_small import TooSmallScreen

        width, height = size
        small = width < smallest[0] or height < smallest[1]
        notice = next((one for one in self.app.screen_stack if isinstance(one, TooSmallScreen)), None)
        if small and notice is None:
            self.app.push_screen(TooSmallScreen(smallest))
        elif notice is not None and not small:
            notice.withdraw()


def _end_process_after(seconds: float) -> None:
    timer = threading.Timer(seconds, os._exit, [0])
    timer.daemon = True
    timer.start()
