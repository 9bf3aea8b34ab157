"""Input from a terminal: it arrives, nobody is woken without it, and a terminal that goes is noticed."""

from __future__ import annotations

import asyncio
import os
import pty
import threading
import tty
from selectors import SelectorKey, SelectSelector

import pytest
from textual import events

from mockexam.tui.terminal import driver
from mockexam.tui.terminal.driver import TerminalDriver
from mockexam.tui.terminal.terminal_app import TerminalApp

QUIET = 0.35  # seconds, in which Textual's own driver looks three times


class Typed:
    """A driver that reads one end of a pseudo-terminal, and what it hands on."""

    def __init__(self) -> None:
        self.far, near = pty.openpty()
        tty.setraw(near)
        self.keys: list[str] = []
        self.hung_up = asyncio.Event()
        app: TerminalApp[int] = TerminalApp()
        app.hung_up = self.hung_up.set  # type: ignore[method-assign]
        self.driver = TerminalDriver(app)
        self.driver.fileno = near
        self.driver.process_message = self._take  # type: ignore[method-assign]
        self.driver.write = lambda data: None  # type: ignore[method-assign]

    def _take(self, message: object) -> None:
        if isinstance(message, events.Key):
            self.keys.append(message.key)

    def listen(self) -> threading.Thread:
        thread = threading.Thread(target=self.driver.run_input_thread)
        self.driver._key_thread = thread
        thread.start()
        return thread

    def press(self, text: bytes) -> None:
        os.write(self.far, text)

    async def until(self, *keys: str) -> None:
        async with asyncio.timeout(20):
            while self.keys != list(keys):
                await asyncio.sleep(0.01)

    def close(self) -> None:
        os.close(self.far)
        os.close(self.driver.fileno)


async def test_keys_arrive_and_input_can_be_stopped_and_taken_up_again() -> None:
    typed = Typed()
    thread = typed.listen()
    typed.press("ä".encode()[:1])
    typed.press("ä".encode()[1:] + b"\x1b[A")
    await typed.until("ä", "up")
    typed.driver.disable_input()
    assert not thread.is_alive()
    thread = typed.listen()
    typed.press(b"b")
    await typed.until("ä", "up", "b")
    typed.driver.disable_input()
    assert not thread.is_alive()
    typed.close()


async def test_bytes_that_are_no_text_are_left_out() -> None:
    typed = Typed()
    typed.listen()
    typed.press(b"a\xff\xe4b")
    await typed.until("a", "b")
    typed.driver.disable_input()
    typed.close()


async def test_escape_alone_is_a_key_after_its_pause() -> None:
    typed = Typed()
    typed.listen()
    typed.press(b"\x1b")
    await typed.until("escape")
    typed.driver.disable_input()
    typed.close()


async def test_nobody_is_woken_while_nothing_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = []

    class Counting(SelectSelector):
        def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
            waits.append(timeout)
            return super().select(timeout)

    monkeypatch.setattr(driver, "SelectSelector", Counting)
    typed = Typed()
    typed.listen()
    typed.press(b"a")
    await typed.until("a")
    await asyncio.sleep(QUIET)
    assert waits == [None, None]
    typed.driver.disable_input()
    typed.close()


async def test_a_terminal_that_goes_without_a_signal_is_noticed() -> None:
    typed = Typed()
    thread = typed.listen()
    os.close(typed.far)
    async with asyncio.timeout(20):
        await typed.hung_up.wait()
    thread.join(20)
    assert not thread.is_alive()
    os.close(typed.driver.fileno)
