"""A person who takes a small exam in the real program, and goes on where they left off after it was killed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mockexam.workspace import layout
from tests.reliability.terminal import Terminal
from tests.sitting.fakes import write_pack

PRESSES = {1: ("bad", "good"), 2: ("good", "text"), 3: ("good",), 4: ("bad", "good"), 5: ("good",)}
"""What is submitted in each category, in turn: a model that passes, one that doesn't, a file that isn't a model."""

RESULT = (100.0, {1: 5, 2: 5, 3: 5, 4: 5, 5: 5})
"""The result of these submissions: total, tests passed by category."""

TRAINING = '''"""Trains for ever, with a helper."""
import os, signal, subprocess, sys, time

signal.signal(signal.SIGINT, signal.SIG_DFL)
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
for epoch in range(1, 100000):
    print(f"Epoch {epoch}/100000", flush=True)
    time.sleep(0.2)
'''

GENERATOR = '''"""Draws the data slowly enough to be killed at it."""
import time
import numpy as np

def generate(seed, public, hidden):
    """Points on a line."""
    time.sleep(1.0)
    x = np.random.default_rng(seed).permutation(np.linspace(0, 1, 80, dtype=np.float32)).reshape(-1, 1)
    np.savetxt(public / "points.csv", np.column_stack([x[:40], 2 * x[:40]]), "%.4f", ",", header="x,y", comments="")
    np.savez(hidden, inputs=x[40:], labels=2 * x[40:])
    return {}
'''

MAKE_MODELS = """
import sys
import numpy as np
import keras
for name, slope in (("good", 2.0), ("bad", -2.0)):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.layers[0].set_weights([np.array([[slope]], "float32"), np.zeros(1, "float32")])
    model.save(f"{sys.argv[1]}/{name}.h5")
"""

ENTER_AT = ("Next   Enter", "Start Exam   Enter", "Resume", "Continue the prepared", "Finish preparing")
"""Words on the screens that Enter leaves."""

PATIENCE = 60.0
"""Seconds for the screen to follow: keys typed into one that is only slow would be taken by what comes next."""

DOWN, RUN, SUBMIT, TO_EDITOR, END_OF_FILE, SEARCH = "\x1b[1;3B", "\x1b[15~", "\x1b[20~", "\x1b", "\x1b[1;5F", "\x10"


def make_models(folder: Path) -> Path:
    """The models to submit, saved by Keras."""
    command = [sys.executable, "-c", MAKE_MODELS, str(folder)]
    subprocess.run(
        command, check=True, capture_output=True, timeout=300, env=os.environ | {"KERAS_BACKEND": "tensorflow"}
    )
    (folder / "text.h5").write_text("not a model\n")
    return folder


def _draw_data(problem: Path) -> None:
    """Make a process of its own draw the problem's data when the exam is provisioned."""
    description = problem / "problem.toml"
    description.write_text(description.read_text("utf-8").replace('kind = "files"', 'kind = "generator"'), "utf-8")
    (problem / "generator.py").write_text(GENERATOR, "utf-8")
    for folder in ("data", "hidden"):
        shutil.rmtree(problem / folder)


def _together(folder: Path, *names: str) -> dict[str, bytes]:
    """The contents of files at one moment: else what the program moves between two could be in neither or in both."""

    def read() -> dict[str, bytes]:
        found = {}
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found[name] = (folder / name).read_bytes()
        return found

    before, now = None, read()
    while now != before:
        before, now = now, read()
    return now


@dataclass
class Ledger:
    """What the ledger and the files say while no program runs, or beside one that does."""

    attempts: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, home: Path) -> Ledger:
        """Read from a copy: to open the real one would already repair it."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in _together(home / "data", "ledger.sqlite3", "ledger.sqlite3-wal").items():
                Path(folder, name).write_bytes(content)
            copy = sqlite3.connect(Path(folder, "ledger.sqlite3"))
            copy.row_factory = sqlite3.Row
            try:
                return cls(
                    [dict(row) for row in copy.execute("SELECT * FROM attempt")],
                    [dict(row) for row in copy.execute("SELECT * FROM submission")],
                    [row["kind"] for row in copy.execute("SELECT kind FROM event")],
                )
            except sqlite3.OperationalError:  # not made yet
                return cls()
            finally:
                copy.close()

    def of_category(self, category: int) -> list[dict[str, Any]]:
        return [row for row in self.submissions if row["category"] == category]

    @property
    def state(self) -> str:
        return self.attempts[0]["state"] if self.attempts else ""


@dataclass
class Told:
    """What this person was told on the screen, over all lives of the program."""

    deadlines: set[str] = field(default_factory=set)
    presses: set[tuple[int, int]] = field(default_factory=set)
    scores: dict[tuple[int, int], str] = field(default_factory=dict)
    lines: list[tuple[str, float]] = field(default_factory=list)
    """Lines typed into a starter, and when each appeared on the screen."""


class Candidate:
    """One exam in a folder of its own. `sit` is one life of the program, to the result or until the program is gone."""

    def __init__(self, folder: Path, models: Path, environment: dict[str, str]) -> None:
        self.folder, self.models = folder, models
        self.home, self.project = folder / "home", folder / "project"
        self.told = Told()
        self.lives = 0
        self._environment = environment
        pack = write_pack(self.home / "data" / "packs")
        for starter in pack.glob("*/starter.py"):
            starter.write_text(TRAINING, "utf-8")
        _draw_data(pack / "problem-5")
        (folder / "tmp").mkdir()

    def start(self, kind: type[Terminal] = Terminal, **more: str) -> Terminal:
        """Start the program as this person would."""
        self.lives += 1
        own = {"MOCKEXAM_HOME": str(self.home), "HOME": str(self.folder), "TMPDIR": str(self.folder / "tmp")}
        arguments = ["start"]
        if not Ledger.of(self.home).attempts:
            arguments += ["--name", "Ada", "--project", str(self.project), "--pack", "small"]
        return kind(arguments, self._environment | own | {"TZ": "UTC"} | more, self.folder)

    def sit(self, terminal: Terminal) -> None:
        """Do what is left to do, until the result is on the screen. Raises Gone when the program ends earlier."""
        self._reach_exam(terminal)
        if self._state() == "running":
            self._look(terminal)
            self._write_lines(terminal, 2)
            terminal.type(RUN)
            for category in PRESSES:
                self._choose(terminal, category)
                self._press_all(terminal, category)
            self._end(terminal)
        terminal.until(lambda: "100 of 100 points" in terminal.text and "Exam result" in terminal.text, "the result")

    def _state(self) -> str:
        return Ledger.of(self.home).state

    def _reach_exam(self, terminal: Terminal) -> None:
        """Through welcome, form, provisioning and instructions."""
        pressed, seen, deadline = 0.0, "", time.monotonic() + 240
        while time.monotonic() < deadline:
            terminal.read(0.1)
            text = terminal.text
            if "F9" in text and "End Exam" in text and "grader" in text:
                return
            if "Exam result" in text or ("being tested" in text and "Problem" not in text):
                return
            if "What earlier exams came to" in text and self._state() == "ended":
                self._look_up_result(terminal)
                return
            asked = next((words for words in ENTER_AT if words in text), "")
            # A second Enter on a screen that is only slow to go would be typed into the next one.
            waited = time.monotonic() - pressed
            if asked and waited > (10.0 if asked == seen else 1.0) and (asked != ENTER_AT[0] or "Ada" in text):
                terminal.type("\r")
                pressed, seen = time.monotonic(), asked
            terminal.count_family()
        raise AssertionError(f"the exam can't be reached:\n{terminal.text}")

    def _look_up_result(self, terminal: Terminal) -> None:
        """The program was killed after the result was recorded but before it was shown: it is among the results."""
        if self._follows(terminal, "\x1b[B\r", "  passed"):
            terminal.type("\r")

    def _look(self, terminal: Terminal) -> None:
        """Note what the screen says: time left, presses, scores."""
        terminal.count_family()
        text = terminal.text
        chosen = re.search(r"◆ Category(\d)", text)
        if chosen:
            for number, score in re.findall(r"#(\d+) +\d\d:\d\d +(?:[●○]+ +(\d/5))?", text):
                press = (int(chosen[1]), int(number))
                self.told.presses.add(press)
                if score:
                    assert self.told.scores.setdefault(press, score) == score
        left = re.search(r"◷ (\d):(\d\d):(\d\d) left", text)
        rows = Ledger.of(self.home).attempts
        if left and rows and rows[0]["deadline"]:
            self.told.deadlines.add(rows[0]["deadline"])
            right = datetime.fromisoformat(rows[0]["deadline"]).timestamp() - time.time()
            shown = int(left[1]) * 3600 + int(left[2]) * 60 + int(left[3])
            # The screen is drawn once a second, and a loaded machine draws late.
            assert -2 < shown - right < 10, f"{shown} s on the screen, {right:.1f} s in truth"

    def _write_lines(self, terminal: Terminal, count: int) -> None:
        for number in range(count):
            line = f"# line {len(self.told.lines)}, written in life {self.lives} ({number})"
            terminal.type(TO_EDITOR)
            terminal.read(0.15)  # an escape alone, not the first byte of a key
            terminal.type(f"{END_OF_FILE}{line}\r")
            try:
                terminal.until(lambda line=line: line in terminal.text, "the line typed", 20)  # type: ignore[misc]
            except AssertionError:
                continue  # another window had the keys
            self.told.lines.append((line, time.monotonic()))

    def _chosen(self, terminal: Terminal) -> int:
        found = re.search(r"◆ Category(\d) ▾", terminal.text)
        return int(found[1]) if found else 0

    def _choose(self, terminal: Terminal, category: int) -> None:
        """Go down to a category; the next key only once the screen has followed the last, however late it is."""
        pressed, seen, deadline = 0.0, -1, time.monotonic() + 120
        while time.monotonic() < deadline:
            terminal.read(0.1)
            chosen = self._chosen(terminal)
            if chosen == category and time.monotonic() - pressed > 1.0:
                return
            if chosen != category and (chosen != seen or time.monotonic() - pressed > 10):
                seen, pressed = chosen, time.monotonic()
                terminal.type(DOWN)
        raise AssertionError(f"category {category} can't be reached:\n{terminal.text}")

    def _press_all(self, terminal: Terminal, category: int) -> None:
        while len(done := Ledger.of(self.home).of_category(category)) < len(PRESSES[category]):
            if any(row["state"] != "done" for row in done):
                self._wait(terminal)
                continue
            self._choose(terminal, category)
            model = self.models / f"{PRESSES[category][len(done)]}.h5"
            shutil.copyfile(model, layout.category_folder(self.project, category) / "mymodel.h5")
            terminal.type(SUBMIT)
            deadline = time.monotonic() + 20
            while len(Ledger.of(self.home).of_category(category)) == len(done) and time.monotonic() < deadline:
                self._wait(terminal)
        while any(row["state"] != "done" for row in Ledger.of(self.home).of_category(category)):
            self._wait(terminal)
        for _ in range(3):
            self._wait(terminal)

    def _wait(self, terminal: Terminal) -> None:
        terminal.read(0.15)
        self._look(terminal)

    def _end(self, terminal: Terminal) -> None:
        steps = ((SEARCH, "Esc close"), ("end exam", "End Exam…  End"), ("\r", "End the exam?"))
        while self._state() == "running":
            terminal.type(TO_EDITOR)
            terminal.read(0.5)
            if all(self._follows(terminal, keys, words) for keys, words in steps):
                terminal.type("y")
                self._await_end(terminal)

    def _await_end(self, terminal: Terminal) -> None:
        """Wait until the end is recorded: the result's page is up a moment earlier, and more keys would leave it."""
        deadline = time.monotonic() + PATIENCE
        while self._state() == "running" and time.monotonic() < deadline:
            terminal.read(0.1)
            terminal.count_family()

    def _follows(self, terminal: Terminal, keys: str, words: str) -> bool:
        """Type, and wait for words on the screen."""
        terminal.type(keys)
        deadline = time.monotonic() + PATIENCE
        while words not in terminal.text and time.monotonic() < deadline:
            terminal.read(0.1)
            terminal.count_family()
        return words in terminal.text
