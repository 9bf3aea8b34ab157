"""A fault of the server is a line on the owner's terminal, whatever it says and however often it comes."""

from __future__ import annotations

import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from mockexam.serving.faults import QUIET_SECONDS, FaultLines, told_in_lines


class Terminal:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.time = 0.0
        self.handler = FaultLines(lambda fault: self.lines.append(fault.english), lambda: self.time)

    def fail(self, error: Exception, message: str = "a request failed") -> None:
        record = logging.LogRecord("aiohttp", logging.ERROR, "", 0, message, (), (type(error), error, None))
        self.handler.handle(record)


def test_a_fault_is_one_plain_line() -> None:
    terminal = Terminal()
    terminal.fail(ValueError("first\nsecond\x1b]0;title\x07\x9b2J" + "x" * 5000), "odd\nTraceback")
    (line,) = terminal.lines
    assert line.startswith("A fault in the server: odd: ValueError: first second ]0;title")
    assert line.isprintable()
    assert len(line) < 400


def test_one_that_comes_again_is_counted_and_told_after_a_while() -> None:
    terminal = Terminal()
    for _ in range(1000):
        terminal.fail(OSError("too many open files"))
    assert len(terminal.lines) == 1
    terminal.fail(KeyError("another"))
    assert len(terminal.lines) == 2
    terminal.time = QUIET_SECONDS
    terminal.fail(OSError("too many open files"))
    assert "999 more times since it was told" in terminal.lines[-1]


@pytest.mark.parametrize("error", [BadStatusLine("odd"), ConnectionResetError("gone")])
def test_what_a_stranger_sends_is_no_fault(error: Exception) -> None:
    terminal = Terminal()
    terminal.fail(error)
    assert terminal.lines == []


def test_what_is_logged_in_the_block_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with told_in_lines(lambda fault: lines.append(fault.english)):
        logging.getLogger("asyncio").error("it failed")
    logging.getLogger("asyncio").warning("nobody listens now")
    assert lines == ["A fault in the server: it failed"]
