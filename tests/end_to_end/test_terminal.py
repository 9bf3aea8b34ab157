"""The real program on a real terminal: keys and mouse as bytes, bad programs, a terminal that changes and goes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.sitting.service import Attempt
from mockexam.store.home import Home
from tests.end_to_end.tmux import Terminal, needs_tmux
from tests.running.programs import alive

pytestmark = [pytest.mark.slow, needs_tmux, pytest.mark.real_time]

DEAF = """
import signal, subprocess, sys, time
for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
open("child", "w").write(str(child.pid))
while True: print("deaf and", "loud", flush=True)
"""

ASKS = """
name = input("Who is " + "there? ")
raise ValueError(name)
"""

GONE = """
import tensorflow as tf
fast, slow = tf.keras.optimizers.Adam(lr=0.1), tf.keras.optimizers.SGD(lr=0.01)
"""

TALKS = """
import time
for number in range(80):
    print("x" * 8000, flush=True)
    time.sleep(0.05)
open("talked", "w").close()
print("talked", "enough", flush=True)
"""

LETTERS = "# abcdefghijklmnopqrstuvwxyz"

# Ends when the program behind the screen has talked more than a terminal holds that nobody reads.
EDITOR = """#!/bin/sh
echo "lent to the editor"
while [ ! -e "$(dirname "$1")/talked" ]; do sleep 0.1; done
echo "edited = True" > "$1"
"""


@pytest.fixture
def terminal(own_home: Home, tmp_path: Path) -> Iterator[Terminal]:
    editor = tmp_path / "my editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    terminal = Terminal(
        tmp_path,
        (120, 36),
        {"MOCKEXAM_HOME": str(own_home.data.parent), "VISUAL": f"'{editor}'", "TERM": "screen-256color"},
    )
    yield terminal
    terminal.close()


def test_an_exam_in_a_terminal(prepared: Attempt, terminal: Terminal) -> None:
    starter = prepared.project / "Category1" / "starter.py"

    def put(text: str, sign: str) -> None:
        """Have another editor write the starter, and wait until the screen shows it."""
        starter.write_text(text)
        terminal.shows(sign)

    terminal.shows("Continue the prepared exam")
    terminal.keys("Enter")
    terminal.shows("Start Exam")
    terminal.keys("Enter")
    terminal.shows("YOUR CODE HERE")

    put(DEAF, "deaf and")
    terminal.keys("F5")
    terminal.shows("deaf and loud")
    terminal.keys("S-F5")
    terminal.shows("stopped")
    terminal.until(lambda: not alive(int((starter.parent / "child").read_text())), "the end of the child")

    put(ASKS, "Who is")
    terminal.click("▷")
    terminal.shows("Who is there?")
    terminal.shows("waits for input")
    terminal.keys("M-4")
    terminal.type("Böse\r")
    terminal.shows("ValueError: Böse")
    terminal.keys("Escape")
    # The start of the link: a long path wraps, and what follows may stand in the next line.
    terminal.click('File "')
    terminal.shows(" 3:1 ")
    # The mouse moves while Alt+4 is pressed: nothing of that may get into the code.
    terminal.type("\x1b4\x1b[<35;60;10M\x1b4\x1b[<35;61;10M")

    put(GONE, "▲ 2")
    terminal.click("import tensorflow")
    terminal.keys("F2", "M-Enter")
    terminal.shows("in all 2 places")
    terminal.keys("Down", "Enter")
    terminal.shows("✓")
    terminal.until(lambda: starter.read_text() == GONE.replace("lr=", "learning_rate="), "both mended and saved")
    terminal.keys("C-z")
    terminal.shows("Adam(lr=0.1)")
    terminal.keys("F8")
    terminal.click("Write learning_rate")
    terminal.until(lambda: starter.read_text() == GONE.replace("lr=", "learning_rate=", 1), "one mended by mouse")

    put(TALKS, "range(80)")
    terminal.keys("F5")
    terminal.shows("xxxxxxxx")
    terminal.keys("C-p")
    terminal.shows("Search everywhere")
    terminal.type("open in $ed")
    terminal.shows("Open in $EDITOR")
    terminal.keys("Enter")
    terminal.shows("lent to the editor")
    terminal.shows("edited = True")
    terminal.shows("talked enough")

    for size in ((80, 24), (60, 15), (200, 50), (37, 9), (120, 36)):
        terminal.resize(*size)
    terminal.shows("edited = True")
    terminal.keys("Escape")
    terminal.click("edited = True")
    terminal.keys("C-Home")
    terminal.shows(" 1:1 ")
    terminal.type("typed = 'last'  # ")
    terminal.shows("typed = 'last'")

    # What a shell does when the program is stopped, and at `fg`.
    os.kill(terminal.pid, signal.SIGSTOP)
    terminal.make_sane()
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.shows("typed = 'last'")
    terminal.keys("C-End")
    for letter in LETTERS:
        terminal.type(letter)
    terminal.shows(LETTERS)
    terminal.close()
    terminal.until(lambda: not alive(terminal.pid), "the end of the program")
    assert starter.read_text() == f"typed = 'last'  # edited = True\n{LETTERS}"
