"""A real terminal, tmux, with the program in it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux: apt-get install tmux")


class Terminal:
    """`mockexam start` in a terminal of its own; `pid` is the program's."""

    def __init__(self, folder: Path, size: tuple[int, int], environment: dict[str, str]) -> None:
        self._folder = folder
        given = [f"{name}={value}" for name, value in environment.items()]
        command = shlex.join(["env", *given, sys.executable, "-m", "mockexam", "start"])
        width, height = map(str, size)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "exam", "-x", width, "-y", height, f"exec {command}")
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def _tmux(self, *arguments: str) -> str:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        # The socket is named from its folder: a socket's path may have 107 characters, a test's folder has more.
        command = ["tmux", "-S", "tmux", *arguments]
        return subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, env=environment, check=False
        ).stdout

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    def keys(self, *names: str) -> None:
        """Press keys, as tmux names them, a moment apart."""
        for name in names:
            self._tmux("send-keys", name)
            time.sleep(0.05)

    def type(self, text: str) -> None:
        """Send text, or any bytes, in one go."""
        self._tmux("send-keys", "-l", text)

    def click(self, words: str) -> None:
        """Press and release the mouse on the first cell of some words, once they are there."""
        self.shows(words)
        lines = self.text.split("\n")
        row = next(row for row, line in enumerate(lines) if words in line)
        place = f"{lines[row].index(words) + 1};{row + 1}"
        self.type(f"\x1b[<0;{place}M")
        time.sleep(0.1)
        self.type(f"\x1b[<0;{place}m")

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def make_sane(self) -> None:
        """Set the terminal's modes as a shell does that takes it back."""
        subprocess.run(["stty", "sane", "-F", self._tmux("display-message", "-p", "#{pane_tty}").strip()], check=True)

    def until(self, good: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Wait for something to come true."""
        end = time.monotonic() + seconds
        while not good():
            assert time.monotonic() < end, f"{what} never came; on screen:\n{self.text}"
            time.sleep(0.1)

    def shows(self, words: str) -> None:
        """Wait for words on the screen."""
        self.until(lambda: words in self.text, repr(words))

    def close(self) -> None:
        """Close the window, as people close a terminal."""
        self._tmux("kill-server")
