"""Input from a terminal: it arrives, nobody is woken without it, and a terminal that goes is noticed."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import threading
import time
import tty
from collections.abc import Callable
from selectors import SelectorKey, SelectSelector

import pytest
from textual import events

from mockexam.tui.terminal import compat, driver
from mockexam.tui.terminal.driver import TerminalDriver
from mockexam.tui.terminal.graphics import Graphics
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
        app.graphics_found = self._found  # type: ignore[method-assign]
        self.graphics: list[Graphics] = []
        self.driver = TerminalDriver(app)
        self.driver.fileno = near
        self.driver.process_message = self._take  # type: ignore[method-assign]
        self.written = ""
        self.driver.write = self._note  # type: ignore[method-assign]
        self.driver.flush = lambda: None  # type: ignore[method-assign]
        self.driver.input_tty = True
        self.driver._get_terminal_size = lambda: (100, 30)  # type: ignore[method-assign]

    def _take(self, message: object) -> None:
        if isinstance(message, events.Key):
            self.keys.append(message.key)

    def _note(self, data: str) -> None:
        self.written += data

    def _found(self, graphics: Graphics) -> None:
        self.graphics.append(graphics)

    def listen(self) -> threading.Thread:
        thread = threading.Thread(target=self.driver.run_input_thread, daemon=True)
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


async def test_answers_to_our_questions_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    typed = Typed()
    typed.listen()
    typed.driver.ask_graphics()
    assert typed.written == "\x1b[>q\x1b[c"
    typed.press(b"a\x1bP>|XTerm(3")
    await typed.until("a")
    typed.press(b"79)\x1b\\b\x1b[?64;4")
    await typed.until("a", "b")
    typed.press(b"c")
    await asyncio.to_thread(_until, lambda: typed.written.endswith("S\x1b[c"))
    assert "\x1b_Gi=31" in typed.written
    assert "\x1b[16t" in typed.written
    typed.press(b"c\x1b[6;20;10tx\x1b[?64;4cd")
    await typed.until("a", "b", "c", "x", "d")
    async with asyncio.timeout(20):
        while not typed.graphics:
            await asyncio.sleep(0.01)
    assert typed.graphics[0] == Graphics("sixel", (10, 20))
    typed.press(b"\x1b")
    await typed.until("a", "b", "c", "x", "d", "escape")
    # Asked again, it is only the cell's size that may have changed.
    before = typed.written
    typed.driver.ask_graphics()
    assert typed.written == before + "\x1b[16t"
    typed.press(b"\x1b[6;30;15t\x1b[4~")
    await typed.until("a", "b", "c", "x", "d", "escape", "end")
    async with asyncio.timeout(20):
        while len(typed.graphics) < 2:
            await asyncio.sleep(0.01)
    assert typed.graphics[-1].cell == (15, 30)
    typed.driver.disable_input()
    typed.close()


async def test_a_terminal_that_never_answers_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    typed = Typed()
    typed.listen()
    typed.driver.ask_graphics()
    typed.press(b"\x1b[A\x1bOPq\x1b")
    await typed.until("up", "f1", "q", "escape")
    assert typed.graphics == []
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


def _until(condition: Callable[[], bool]) -> None:
    ending = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ending
        time.sleep(0.01)


@pytest.mark.parametrize("sent", [b"\x1b\r", b"\x1b[13;3u"], ids=["ESC CR", "kitty"])
async def test_alt_enter_is_one_key_however_it_is_sent(sent: bytes) -> None:
    compat.apply("linux")
    typed = Typed()
    typed.listen()
    typed.press(b"a" + sent + b"b")
    await typed.until("a", "alt+enter", "b")
    typed.driver.disable_input()
    typed.close()


async def test_escape_and_then_enter_are_two_keys_for_who_is_no_machine() -> None:
    compat.apply("linux")
    typed = Typed()
    typed.listen()
    typed.press(b"\x1b")
    await typed.until("escape")
    typed.press(b"\r")
    await typed.until("escape", "enter")
    typed.driver.disable_input()
    typed.close()


async def test_after_a_stop_that_nothing_announced_one_thread_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = Typed()
    first = typed.listen()
    monkeypatch.setattr(typed.driver, "_in_foreground", lambda: True)
    monkeypatch.setattr(typed.driver, "close", lambda: None)
    monkeypatch.setattr(typed.driver, "start_application_mode", typed.listen)
    typed.driver._sigcont_application()
    readers = [thread for thread in threading.enumerate() if thread is first or thread is typed.driver._key_thread]
    assert len(readers) == 1
    typed.press(b"abc")
    await typed.until("a", "b", "c")
    typed.driver.disable_input()
    assert not first.is_alive()
    typed.close()


async def test_in_the_background_it_stays_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = Typed()
    thread = typed.listen()
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(typed.driver, "_in_foreground", lambda: False)
    monkeypatch.setattr(os, "kill", lambda process, number: signals.append((process, number)))
    typed.driver._sigcont_application()
    assert signals == [(os.getpid(), signal.SIGSTOP)]
    assert typed.driver._key_thread is thread
    typed.driver.disable_input()
    typed.close()
