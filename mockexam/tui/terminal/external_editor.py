"""The candidate's own editor on this terminal, while the app steps aside and the exam goes on behind it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from typing import Any

from textual.app import App, SuspendNotSupported

from graders.sentences import sentence
from mockexam.language.catalogue import shown

NO_TERMINAL = sentence(
    "There is no terminal in a browser for $EDITOR. "
    "Edit the file with any editor beside it; what is saved appears here."
)


class NoTerminalError(Exception):
    """The app isn't on a terminal that it could lend."""


async def lend_terminal(app: App[Any], command: Sequence[str]) -> int:
    """Run a program on the app's terminal; its exit code. Raises NoTerminalError, or OSError when it can't be started.

    The event loop runs on, since programs in training wait for somebody to read what they print; nothing is drawn.
    """
    try:
        with app.batch_update(), app.suspend(), _deaf_to_interrupts():
            process = await asyncio.create_subprocess_exec(*command)
            return await process.wait()
    except SuspendNotSupported:
        raise NoTerminalError(shown(NO_TERMINAL)) from None


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl+C on the lent terminal is meant for the editor; a handler, unlike ignoring, isn't inherited by it."""
    loop = asyncio.get_running_loop()
    heard = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, heard)
