"""How long until the first screen stands in a terminal, beside a bare Textual app's, in one run (at most 2 ×)."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

RUNS = 7
WANTED = 2.0
SIZE = (36, 120)
DEADLINE = 30.0

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("Take the certificate exam")
Bare().run()
"""
OURS = "import sys; sys.argv[1:] = ['start']; from mockexam.cli import main; sys.exit(main())"
MARK = b"Take the certificate exam"


def first_paint(code: str, home: str) -> tuple[float, int]:
    """Seconds from the start of the interpreter until MARK is on the terminal, and the process's memory (kB) then."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", MOCKEXAM_HOME=home)
        os.execv(sys.executable, [sys.executable, "-c", code])
    begun = time.perf_counter()
    try:
        painted = _await_mark(terminal) - begun
        # A second later everything that is loaded lazily is loaded.
        _drain(terminal, 1.0)
        return painted, _resident(pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)


def _await_mark(terminal: int) -> float:
    seen = b""
    limit = time.perf_counter() + DEADLINE
    while time.perf_counter() < limit:
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536)
            # Style changes may stand between the words.
            if MARK in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen):
                return time.perf_counter()
    raise SystemExit(f"nothing was painted within {DEADLINE:g} s; the terminal shows {seen[-400:]!r}")


def _drain(terminal: int, seconds: float) -> None:
    limit = time.perf_counter() + seconds
    while (left := limit - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 65536)


def _resident(pid: int) -> int:
    try:
        with Path(f"/proc/{pid}/status").open() as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    except OSError:
        return 0


def main() -> int:
    """Print both times, their ratio and the memory; 1 when the ratio is above what is wanted."""
    with tempfile.TemporaryDirectory() as home:
        bare, ours = [], []
        for _ in range(RUNS):
            bare.append(first_paint(BARE, home))
            ours.append(first_paint(OURS, home))
    best_bare, best_ours = min(bare)[0], min(ours)[0]
    ratio = best_ours / best_bare
    print(f"bare Textual app   {best_bare * 1000:7.0f} ms   {max(kb for _, kb in bare) / 1000:5.0f} MB")
    print(f"mockexam           {best_ours * 1000:7.0f} ms   {max(kb for _, kb in ours) / 1000:5.0f} MB")
    print(f"ratio              {ratio:7.2f}      wanted: at most {WANTED:g}; best of {RUNS}")
    return 0 if ratio <= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
