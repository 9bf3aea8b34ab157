"""A whole exam in one process, which may be killed anywhere and started again: what the kill tests run.

    python -m tests.sitting.exam_driver HOME PACKS PROJECT KILL_AT SIGNAL

It does what is left to do (create, provision, start, edit a file, submit, have tested, end, settle) and
prints a line for everything that a person would have been told. It kills itself with SIGNAL at its step KILL_AT (never
when 0), where a step is an SQL statement, an fsync, a rename, a removal, a new file or folder, or a thread's start.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.verdict import Verdict
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.workspace import layout
from mockexam.workspace.open_file import OpenFile
from tests.sitting.fakes import Asked, FakeService, scored

PRESSES = {1: (b"one", b"uno"), 2: (b"two", b"due"), 3: (b"three", b"three"), 4: (b"four",), 5: (b"five", b"cinque")}
"""What is submitted in each category, in turn; in category 4 it is a SavedModel folder."""

EDITS = ("x = 1\n", "y = 2\n" * 2_000, "z = 3\n")
"""What is written at the end of the first starter, saved each time."""

EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "_thread.start_new_thread"})


class Steps:
    """Counts the steps, and kills the process at one of them."""

    def __init__(self, kill_at: int, number: int) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._signal = number
        self._fsync = os.fsync

    def watch(self) -> None:
        """Count every step from now on."""
        sys.addaudithook(self._audited)
        os.fsync = self._synced  # type: ignore[assignment]
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect

        def traced(*arguments: Any, **more: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **more)
            connection.set_trace_callback(lambda statement: self.step())
            return connection

        sqlite3.connect = traced  # type: ignore[assignment]

    def step(self) -> None:
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), self._signal)

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS and not (event == "open" and not self._writes(arguments)):
            self.step()

    @staticmethod
    def _writes(arguments: tuple[Any, ...]) -> bool:
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    def _synced(self, descriptor: int) -> None:
        self.step()
        self._fsync(descriptor)
        self.step()


def verdict_of(asked: Asked) -> Verdict:
    """A verdict as from a grader: the same file, the same score."""
    file = asked.model / "saved_model.pb" if asked.model.is_dir() else asked.model
    return scored(sum(file.read_bytes()) % 6)


def tell(line: str) -> None:
    """Print a line so that it is out even if the next step is the last."""
    os.write(1, f"{line}\n".encode())


def sit(exams: ExamService, project: Path, tell: Callable[[str], None] = tell) -> None:
    """Do what is left to do."""
    attempt = exams.running() or next(iter(exams.attempts()), None)
    if attempt is not None:
        tell_what_is_there(exams, attempt, tell)
    else:
        attempt = exams.create("Ada", project, "small", seed=7)
    if attempt.state == "provisioning":
        exams.provision(attempt.id)
        attempt = exams.attempt(attempt.id)
    if attempt.state == "ready":
        attempt = exams.start(attempt.id)
    tell(f"deadline {attempt.deadline}")
    service = FakeService(verdict_of)
    for submission in exams.pending():
        exams.grade(submission.id, service).result(20)
    if attempt.state == "running":
        edit(attempt, tell)
        press_all(exams, attempt, service, tell)
        exams.end(attempt.id)
        tell("ended")
    result = conclude(exams, attempt.id, lambda: service)
    assert result is not None
    tell(f"result {result.total} {result.end_reason}")


def tell_what_is_there(exams: ExamService, attempt: Attempt, tell: Callable[[str], None]) -> None:
    """Tell before anything is done again: what was told in an earlier life must be there already."""
    tell(f"state {attempt.state}")
    there = exams.submissions(attempt.id)
    graded = [f"{one.id}={one.verdict.passed}" for one in there if one.verdict is not None]
    tell(f"present {' '.join(f'{one.id}={one.sha256}' for one in there if exams.is_whole(one))}")
    tell(f"judged {' '.join(graded)}")


def edit(attempt: Attempt, tell: Callable[[str], None]) -> None:
    """Make the edits that are not in the file yet, as the editor saves them."""
    file = OpenFile(layout.starter(attempt.project, 1))
    original = layout.stub(attempt.project, 1).read_text("utf-8")
    states = [original + "".join(EDITS[:count]) for count in range(len(EDITS) + 1)]
    done = states.index(file.load())
    tell(f"found {done}")
    for count in range(done + 1, len(states)):
        file.save(states[count])
        tell(f"saved {count}")


def press_all(exams: ExamService, attempt: Attempt, service: FakeService, tell: Callable[[str], None]) -> None:
    """Submit what is not in the ledger yet; every second one is left untested until the next start or the end."""
    for category, contents in PRESSES.items():
        for content in contents[len(exams.submissions(attempt.id, category)) :]:
            save_model(layout.category_folder(attempt.project, category), content)
            submission = exams.submit(attempt.id, category)
            tell(f"submitted {submission.id} {submission.sha256}")
            if category % 2:
                verdict = exams.grade(submission.id, service).result(20)
                tell(f"graded {submission.id} {verdict.passed}")


def save_model(folder: Path, content: bytes) -> None:
    """Save as a training program does: a file, or a folder for the content "four"."""
    if content == b"four":
        (folder / "mymodel" / "variables").mkdir(parents=True, exist_ok=True)
        (folder / "mymodel" / "saved_model.pb").write_bytes(content)
        (folder / "mymodel" / "variables" / "variables.index").write_bytes(content * 2_000)
    else:
        (folder / "mymodel.h5").write_bytes(content)


def main(arguments: list[str]) -> None:
    """Run the exam once."""
    home, packs, project, kill_at, number = arguments
    steps = Steps(int(kill_at), int(number) or signal.SIGKILL)
    catalogue = Catalogue(Path(packs))
    catalogue.packs()
    steps.watch()
    exams = ExamService(Home.under(Path(home)), SystemClock(), catalogue)
    sit(exams, Path(project))
    exams.close()
    tell(f"steps {steps.count}")
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(5)


if __name__ == "__main__":
    main(sys.argv[1:])
