"""How long until a screen is up in a terminal, compared with a bare Textual app with one code editor in the same run.

The welcome screen from the start of the program, and the exam screen from the key that resumes an exam: each at most
1.5 × the bare app; the exam's tree and statement at most 150 ms after its first paint. Prints the best of several runs,
since a busy machine only ever adds. `python benchmarks/first_paint.py`
"""

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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home

RUNS = 5
WANTED, FILLED_MS = 1.5, 150.0
SIZE = (36, 120)
DEADLINE = 30.0

# Nobody reads a screen and presses a key faster than this.
READING = 1.5

BARE = """
import sys
from pathlib import Path
from textual.app import App
from textual.widgets import TextArea
class Bare(App):
    def compose(self):
        yield TextArea.code_editor(Path(sys.argv[1]).read_text(), language="python")
Bare().run()
"""
WELCOME = "import sys; sys.argv[1:] = ['start']; from mockexam.cli import main; sys.exit(main())"
# Goes straight to the exam, as after Resume.
EXAM = """
import sys
from mockexam.tui.launch_options import LaunchOptions
from mockexam.tui.opening import run
run(LaunchOptions(attempt=sys.argv[2]))
"""


@dataclass(frozen=True)
class Way:
    """A program, what its first paint shows, and what is there when everything is filled in.

    `after` is what an earlier screen shows, which Enter leaves: then the time counts from that key.
    """

    name: str
    code: str
    first: bytes
    filled: tuple[bytes, ...] = ()
    after: bytes = b""


# In the tree; in the statement's head and in its text; in the code; the standing. None of them is anywhere else.
FILLED = (b"README.md", b"no Lambda", b"device gives", b"np.loadtxt", b"0 of 100 points")
WAYS = (
    Way("bare app with an editor", BARE, b"def "),
    Way("welcome screen", WELCOME, b"Take the certificate exam"),
    Way("exam screen", WELCOME, b"End Exam", FILLED, after=b"Resume"),
)


def prepared(home: Path) -> tuple[str, Path]:
    """Start an exam of the built-in pack in a home of its own; returns the attempt's id and a starter to edit."""
    exams = ExamService(Home.under(home), SystemClock())
    attempt = exams.create("Ada Lovelace", home / "mock-exam", None, 7)
    exams.provision(attempt.id)
    exams.start(attempt.id)
    exams.close()
    return attempt.id, home / "mock-exam" / "Category1" / "starter.py"


def opened(code: str, arguments: Sequence[str], home: str) -> tuple[int, int]:
    """Start a program in a terminal of its own; returns its process and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", MOCKEXAM_HOME=home)
        os.execv(sys.executable, [sys.executable, "-c", code, *arguments])
    return pid, terminal


def paint(way: Way, arguments: Sequence[str], home: str) -> tuple[float, float, float, float]:
    """Seconds from the start of the interpreter to the first paint, and from there until all is filled in.

    First by the clock, then the processor time of the program's main thread, which a busy machine touches less.
    """
    begun, before = time.perf_counter(), 0.0
    pid, terminal = opened(way.code, arguments, home)
    try:
        if way.after:
            awaited(terminal, b"", (way.after,))
            drained(terminal, READING)
            begun, before = time.perf_counter(), worked(pid)
            os.write(terminal, b"\r")
        seen, first = awaited(terminal, b"", (way.first,))
        work = worked(pid)
        _, last = awaited(terminal, seen, way.filled)
        return first - begun, last - first, work - before, worked(pid) - work
    finally:
        closed(pid, terminal)


def worked(pid: int) -> float:
    """Processor seconds of a process's main thread so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def closed(pid: int, terminal: int) -> None:
    """End a program by force, and wait until nothing of it is left to disturb the next one."""
    os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    os.waitpid(pid, 0)
    time.sleep(0.5)


def drained(terminal: int, seconds: float) -> int:
    """Read what a program draws for so many seconds; returns the number of bytes."""
    limit, count = time.perf_counter() + seconds, 0
    while (left := limit - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 65536))
    return count


def awaited(terminal: int, seen: bytes, marks: Sequence[bytes]) -> tuple[bytes, float]:
    """Read on until all marks have appeared; returns what was read, and when."""
    limit = time.perf_counter() + DEADLINE
    # Style changes may come between the words.
    while not all(mark in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen) for mark in marks):
        if time.perf_counter() > limit:
            raise SystemExit(f"{marks} did not appear within {DEADLINE:g} s; the terminal shows {seen[-400:]!r}")
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536)
    return seen, time.perf_counter()


def main() -> int:
    """Print the times and their ratios; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        attempt, starter = prepared(Path(folder) / "exam")
        # The welcome screen of somebody who has no exam running.
        homes = {"welcome screen": str(Path(folder) / "new")}
        times: dict[str, list[tuple[float, float, float, float]]] = {way.name: [] for way in WAYS}
        for _ in range(RUNS):
            for way in WAYS:
                home = homes.get(way.name, str(Path(folder) / "exam"))
                times[way.name].append(paint(way, (str(starter), attempt), home))
    best = {name: [1000 * min(column) for column in zip(*taken, strict=True)] for name, taken in times.items()}
    bare, bare_worked = best[WAYS[0].name][0], best[WAYS[0].name][2]
    missed = False
    for name, (first, filled, worked, filling) in best.items():
        missed |= first / bare > WANTED or filled > FILLED_MS
        print(
            f"{name:<24}{first:6.0f} ms {first / bare:5.2f} ×, filled {filled:4.0f} ms later; "
            f"processor {worked:4.0f} ms {worked / bare_worked:5.2f} ×, {filling:4.0f} ms"
        )
    print(f"wanted: at most {WANTED:g} ×, filled at most {FILLED_MS:.0f} ms later; best of {RUNS}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
