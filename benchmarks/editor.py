"""From a key press to the drawn screen, in files of 1,000 and 5,000 lines, as a terminal sees it.

Types, breaks lines, deletes and moves in the middle of the file, in bursts with pauses in which the exam saves and
looks for syntax errors: in an editor that is alone in its app, and in the exam with everything around it. The time
runs from the byte of the key to the last byte of the first frame in which the code looks different.
`python benchmarks/editor.py [--presses 400]`; exit code 1 when a target is missed
"""

from __future__ import annotations

import argparse
import os
import random
import re
import select
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from first_paint import EXAM, closed, opened, prepared, worked

BARS = {1_000: 16.0, 5_000: 33.0}

ALONE = """
import sys
from pathlib import Path
from textual.app import App
from mockexam.tui.look import theme
from mockexam.tui.terminal import compat
from mockexam.tui.code.editor import Editor

compat.apply()

class Alone(App):
    def __init__(self):
        super().__init__()
        for name in theme.LOOKS:
            self.register_theme(theme.app_theme(name))
        self.theme = theme.DEFAULT

    def get_theme_variable_defaults(self):
        return theme.variables(theme.DEFAULT)

    def compose(self):
        yield Editor(Path(sys.argv[1]).read_text(), language="python")

    def on_mount(self):
        self.query_one(Editor).go_to(int(sys.argv[3]))

Alone().run()
"""

BLOCK = '''
def block_{n}(values, scale=1.0):
    """Return the scaled values."""
    total = 0.0
    for index, value in enumerate(values):
        if value is None:
            raise ValueError("no value at %d" % index)
        total += value * scale  # kept as a float
    return [value / total for value in values], {{"name": "block {n}", "total": total}}

'''

RIGHT, LEFT, UP, DOWN, ENTER, BACKSPACE = b"\x1b[C", b"\x1b[D", b"\x1b[A", b"\x1b[B", b"\r", b"\x7f"
END, UNDO = b"\x1b[F", b"\x1a"
BURST = (
    *(bytes([char]) for char in b"model = tf.keras.Sequential(["),
    *(END, ENTER),
    *(bytes([char]) for char in b"x = 1"),
    *(BACKSPACE, LEFT, DOWN, UP, END, ENTER, LEFT, UNDO, UNDO),
)

# As fast as a key that is held down, and never in step with the screen's own clock; between bursts the exam saves and
# checks.
BETWEEN, AFTER_BURST = (0.02, 0.06), 1.6

SYNC_ASKED, SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
FRAME_END = b"\x1b[?2026l"
_MOVE = re.compile(rb"\x1b\[(\d+);\d+H")


def source(lines: int) -> str:
    """Python source of so many lines."""
    count = lines // BLOCK.count("\n") + 1
    text = "import tensorflow as tf\n" + "".join(BLOCK.format(n=n) for n in range(count))
    return "\n".join(text.split("\n")[:lines])


@dataclass
class Screen:
    """The other end of a program's terminal, which claims to support synchronized output: whole frames."""

    terminal: int
    _read: bytes = field(default=b"", repr=False)

    def frame(self, limit: float) -> bytes | None:
        """The next whole frame; None when none comes before the moment `limit`."""
        while FRAME_END not in self._read:
            left = limit - time.perf_counter()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                return None
            got = os.read(self.terminal, 65536)
            if SYNC_ASKED in got:
                os.write(self.terminal, SYNC_ANSWER)
            self._read += got
        frame, _, self._read = self._read.partition(FRAME_END)
        return frame

    def rest(self, seconds: float) -> None:
        """Read for so many seconds and ignore what comes."""
        limit = time.perf_counter() + seconds
        while self.frame(limit) is not None:
            pass

    def await_words(self, words: bytes, limit: float = 60.0) -> None:
        """Wait until words appear."""
        until = time.perf_counter() + limit
        while (frame := self.frame(until)) is not None:
            if words in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", frame):
                return
        raise SystemExit(f"{words!r} did not appear within {limit:g} s")

    def press(self, key: bytes) -> float:
        """Press a key; seconds until the code looks different."""
        began = time.perf_counter()
        os.write(self.terminal, key)
        while (frame := self.frame(began + 5)) is not None:
            # The last move puts the terminal's own cursor in its place: on the row that the key changed.
            *drawn, cursor = _MOVE.findall(frame)
            if cursor in drawn:
                return time.perf_counter() - began
        raise SystemExit(f"the key {key!r} changed nothing within 5 s")


def measure(code: str, lines: int, presses: int) -> tuple[list[float], list[float]]:
    """Seconds for each key: by the clock, and of processor time of the program's main thread."""
    draw = random.Random(1)
    taken: list[float] = []
    spent: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        attempt, starter = prepared(Path(folder))
        starter.write_text(source(lines))
        pid, terminal = opened(code, (str(starter), attempt, str(lines // 2)), folder)
        try:
            screen = Screen(terminal)
            screen.await_words(b"grader ready" if code is EXAM else b"block_")
            if code is EXAM:
                go_to_line(screen, lines // 2)
            make_room(screen)
            for press in range(presses):
                key = BURST[press % len(BURST)]
                before = worked(pid)
                taken.append(screen.press(key))
                spent.append(worked(pid) - before)
                screen.rest(draw.uniform(*BETWEEN) if (press + 1) % len(BURST) else AFTER_BURST)
        finally:
            closed(pid, terminal)
    return taken, spent


def go_to_line(screen: Screen, line: int) -> None:
    """Go to a line with the key for it."""
    for keys in (b"\x07", str(line).encode(), ENTER):
        os.write(screen.terminal, keys)
        screen.rest(0.5)


def make_room(screen: Screen) -> None:
    """Open an empty line to type in."""
    os.write(screen.terminal, END)
    screen.rest(0.5)
    os.write(screen.terminal, ENTER)
    screen.rest(2)


def quantile(values: list[float], share: float) -> float:
    """A quantile of seconds, in milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def main() -> int:
    """Print the percentiles; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=400)
    presses = parser.parse_args().presses
    missed = False
    for name, code in (("editor alone", ALONE), ("in the exam", EXAM)):
        for lines, bar in BARS.items():
            taken, spent = measure(code, lines, presses)
            p99 = quantile(taken, 0.99)
            missed |= p99 > bar
            print(
                f"{name}, {lines:>5} lines: median {statistics.median(taken) * 1000:.1f} ms, p99 {p99:.1f} ms, "
                f"most {max(taken) * 1000:.1f} ms (p99 at most {bar:.0f}: {'no' if p99 > bar else 'yes'}); "
                f"processor median {statistics.median(spent) * 1000:.1f} ms, p99 {quantile(spent, 0.99):.1f} ms",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
