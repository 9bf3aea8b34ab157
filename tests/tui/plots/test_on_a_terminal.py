"""A figure on terminals: those a pseudo-terminal plays, which answer or don't, and tmux itself."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.plots.pictures import put

pytestmark = pytest.mark.real_time

COLUMNS, ROWS = 60, 20
KITTY = [
    ("\x1b[>q", "\x1bP>|kitty(0.35.2)\x1b\\"),
    ("\x1b_Gi=31", "\x1b_Gi=31;OK\x1b\\"),
    ("\x1b[16t", "\x1b[6;20;10t"),
]
KITTY += [("\x1b[c", "\x1b[?62;c")]
SIXEL = [("\x1b[>q", "\x1bP>|XTerm(379)\x1b\\"), ("\x1b[16t", "\x1b[6;20;10t"), ("\x1b[?1;1;0S", "\x1b[?1;0;256S")]
SIXEL += [("\x1b[?2;1;0S", "\x1b[?2;0;1000;1000S"), ("\x1b[c", "\x1b[?63;1;4c")]


class Terminal:
    """Plays a terminal: answers what it is asked, a byte or two at a time when `slowly`."""

    def __init__(self, folder: Path, answers: list[tuple[str, str]], *, slowly: bool = False) -> None:
        self._answers, self._slowly = answers, slowly
        self.text = ""
        self.fd, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        without = ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "NO_COLOR")
        base = {name: value for name, value in os.environ.items() if name not in without}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.plots.small_app", str(folder)],
            stdin=other,
            stdout=other,
            stderr=other,
            env=base | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(other)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def read(self, seconds: float = 0.05) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return False
        start = len(self.text)
        self.text += data.decode("utf-8", "replace")
        found = [(at, answer) for question, answer in self._answers if (at := self.text.find(question, start)) >= 0]
        for _, answer in sorted(found):
            for piece in re.findall("..?", answer, re.DOTALL) if self._slowly else [answer]:
                self.type(piece)
                time.sleep(0.002 if self._slowly else 0)
        return bool(data)

    def until(self, condition: Callable[[], object]) -> None:
        ending = time.monotonic() + 15
        while not condition():
            if time.monotonic() > ending:
                self.process.kill()
                self.process.wait(20)
                raise AssertionError(f"{self.typed!r} {self.text[-2000:]!r}")
            self.read()

    @property
    def typed(self) -> str:
        """What the app says it was typed, on a screen that knows nothing of pictures."""
        screen = pyte.Screen(COLUMNS, ROWS)
        plain = re.sub(r"\x1b[P_].*?\x1b\\|\x1b\].*?\x07|\x1b\[[>=<][^a-zA-Z]*[a-zA-Z]", "", self.text, flags=re.DOTALL)
        pyte.Stream(screen).feed(plain)
        line = next((line for line in reversed(screen.display) if "typed:" in line), "")
        return line.partition("typed:")[2].partition(" end")[0].strip()

    def close(self) -> None:
        self.type("q")
        while self.read(5):
            if self.process.poll() is not None:
                break
        self.process.wait(20)
        os.close(self.fd)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, 1)
    return tmp_path


@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "in pieces"])
def test_sixels(folder: Path, slowly: bool) -> None:
    terminal = Terminal(folder, SIXEL, slowly=slowly)
    terminal.until(lambda: '\x1bP0;1;0q"1;1;80;60' in terminal.text)
    terminal.type("a\x1b[A")
    terminal.until(lambda: terminal.typed == "a up")
    terminal.close()


def test_kittys_images(folder: Path) -> None:
    terminal = Terminal(folder, KITTY)
    terminal.until(lambda: "\U0010eeee" in terminal.text)
    assert terminal.text.index("a=T,U=1,q=2,f=100,i=5064024,c=8,r=3") < terminal.text.index("\U0010eeee")
    terminal.type("x")
    terminal.until(lambda: terminal.typed == "x")
    terminal.close()
    assert "a=d,d=I,i=5064024" in terminal.text


def test_a_terminal_that_does_not_answer(folder: Path) -> None:
    terminal = Terminal(folder, [])
    terminal.until(lambda: "48;2;255;0;0m" in terminal.text)
    terminal.type("\x1b")
    terminal.until(lambda: terminal.typed == "escape")
    # An answer long after is no key either.
    terminal.type("\x1bP>|late\x1b\\\x1b[?62;4cz")
    terminal.until(lambda: terminal.typed == "escape z")
    terminal.close()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here")

    def call(*arguments: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    yield call
    call("kill-server")


def test_tmux(folder: Path, tmux: Callable[..., str]) -> None:
    program = f"{sys.executable} -m tests.tui.plots.small_app {folder}"
    tmux("new-session", "-d", "-x", "60", "-y", "20", program)
    title = tmux("display-message", "-p", "#{pane_title}")

    def until(text: str) -> str:
        ending = time.monotonic() + 30
        while text not in (shown := tmux("capture-pane", "-p")):
            assert time.monotonic() < ending, shown
            time.sleep(0.1)
        return shown

    until("▀")
    tmux("send-keys", "b", "Escape")
    assert "typed: b escape end" in until("escape end")
    # Kitty's question would have become the title.
    assert tmux("display-message", "-p", "#{pane_title}") == title
    tmux("send-keys", "q")
