"""Hours of work on one exam: nothing grows, nothing is left open, nothing is left running.

A short stretch is part of CI. The whole five hours with a clock that is moved on, and twenty minutes of the real
program at real speed (MOCKEXAM_MINUTES), by hand:

    python -m pytest -m soak -s tests/reliability/test_long_runs.py
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from graders.verdict import Verdict
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.workspace import layout
from tests.reliability.candidate import RUN, SUBMIT, TO_EDITOR, Candidate, Ledger, make_models
from tests.reliability.terminal import Terminal
from tests.sitting.fakes import FakeClock, FakeService, scored, write_pack
from tests.tui.exam_room import Room, sitting

pytestmark = pytest.mark.real_time

LEDGER_BYTES = 20_000_000
GROWTH = 1.10
MINUTES = float(os.environ.get("MOCKEXAM_MINUTES", "20"))
PROGRAM = 'for epoch in range(1, 4):\n    print(f"Epoch {epoch}/3\\nloss: {1 / epoch}", flush=True)\n'


@dataclass(frozen=True)
class Use:
    """What a process and those below it hold: bytes of memory of its own, open files, threads, processes."""

    memory: int
    files: int
    threads: int
    processes: int

    @classmethod
    def of(cls, process: psutil.Process) -> Use:
        below = process.children(recursive=True)
        gc.collect()
        return cls(process.memory_info().rss, process.num_fds(), process.num_threads(), len(below))

    def __str__(self) -> str:
        held = f"{self.files} files, {self.threads} threads, {self.processes} processes below"
        return f"{self.memory / 1e6:.1f} MB, {held}"


def ledger_bytes(home: Path) -> int:
    return sum(path.stat().st_size for path in (home / "data").glob("ledger.sqlite3*"))


# ── five hours, with a clock that is moved on ──


@dataclass
class Day:
    """How much is done, evenly over the hours."""

    submissions: int
    runs: int
    edits: int

    def acts(self, seed: int) -> list[str]:
        """What is done, in an order drawn by the seed."""
        acts = ["submit"] * self.submissions + ["run"] * self.runs + ["edit"] * self.edits
        random.Random(seed).shuffle(acts)
        return acts


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def exams(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExamService]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    pack = write_pack(tmp_path / "packs")
    for starter in pack.glob("*/starter.py"):
        starter.write_text(PROGRAM, "utf-8")
    exams = ExamService(Home.under(tmp_path / "home"), clock, Catalogue(tmp_path / "packs"))
    yield exams
    exams.close()


@pytest.fixture
def attempt(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id)
    return exams.start(attempt.id)


async def work(room: Room, act: str, category: int, rng: random.Random) -> None:
    """One act of a candidate, to its end."""
    screen = room.screen
    if act == "submit":
        room.model(category, content=rng.randbytes(2_000))
        await screen.submissions.press(category)
    elif act == "run":
        await screen.runs.run(room.starter(category))
        await room.until(lambda: not screen.runs.running, "the end of the program")
    elif rng.random() < 0.5:
        await room.press("end", "enter")
    else:
        await room.press("ctrl+z")


class Forgetful(FakeService):
    """Keeps no list of what it was asked: it would count as the program's memory."""

    def submit(self, *model_and_task: Any, **more: Any) -> Future[Verdict]:
        coming = super().submit(*model_and_task, **more)
        self.asked.clear()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return coming


async def sit(
    exams: ExamService, attempt: Attempt, clock: FakeClock, day: Day, minutes: float, growth: float = GROWTH
) -> None:
    """Work through a day, and look what the process holds a quarter into it and at the end."""
    service = Forgetful(lambda asked: scored(asked.press % 6))
    app = MockExamApp(lambda: exams, clock, lambda: service, Settings(None))  # type: ignore[arg-type,return-value]
    acts, rng, me = day.acts(1), random.Random(2), psutil.Process()
    first: Use | None = None
    async with sitting(app, attempt) as room:
        await room.inspected()  # by a process that stays
        start = Use.of(me)
        for number, act in enumerate(acts):
            await work(room, act, 1 + number % 5, rng)
            clock.advance(minutes=minutes / len(acts))
            if number == len(acts) // 4:
                first = Use.of(me)
        await room.until(lambda: not room.screen.submissions.phases, "the last verdict")
        # The last edit is being looked through for syntax errors by a process of its own.
        await room.until(lambda: len(me.children()) <= start.processes, "the end of what the last acts started")
        last = Use.of(me)
    assert first is not None
    office_bytes = ledger_bytes(exams.home.data.parent)
    print(f"\nstart {start}\nfirst quarter {first}\nend {last}\nledger {office_bytes / 1e6:.2f} MB")
    assert last.memory <= growth * first.memory
    assert last.files <= first.files + 2
    assert last.processes <= start.processes
    assert last.threads <= first.threads + 2
    assert office_bytes < LEDGER_BYTES
    kinds = [event.kind for event in exams.journal(attempt.id)]
    assert kinds.count("submitted") == kinds.count("graded") == day.submissions
    assert len(list((attempt.project / layout.OWN / "runs").glob("*.log"))) == day.runs


async def test_a_stretch_of_work_leaves_nothing_open(exams: ExamService, attempt: Attempt, clock: FakeClock) -> None:
    # So short a time is still warming up: caches fill.
    await sit(exams, attempt, clock, Day(submissions=12, runs=3, edits=25), minutes=30, growth=1.25)


@pytest.mark.soak
async def test_five_hours(exams: ExamService, attempt: Attempt, clock: FakeClock) -> None:
    await sit(exams, attempt, clock, Day(submissions=500, runs=200, edits=2000), minutes=299)
    clock.advance(minutes=2)
    assert exams.running() is None
    result = exams.settle(attempt.id)
    assert result is not None
    assert result.end_reason == "time"
    assert sum(row.submissions for row in result.categories) == 500


# ── twenty minutes of the real program ──


class Watched(Candidate):
    """Works without a pause, and notes what each process of the program holds."""

    def work(self, terminal: Terminal, minutes: float, wanted: Day) -> dict[str, list[tuple[float, int, int]]]:
        """Work for so long; process → (minutes since the start, bytes of memory, open files)."""
        began, done = time.monotonic(), Day(0, 0, 0)
        seen: dict[str, list[tuple[float, int, int]]] = {}
        models = [self.models / "good.h5", self.models / "bad.h5"]
        while (passed := (time.monotonic() - began) / 60) < minutes:
            share = passed / minutes
            if done.submissions <= share * wanted.submissions:
                self._submit(terminal, models[done.submissions % 2])
                done.submissions += 1
            elif done.runs <= share * wanted.runs:
                terminal.type(RUN)
                terminal.read(0.3)
                done.runs += 1
            elif done.edits <= share * wanted.edits:
                terminal.type(TO_EDITOR)
                terminal.read(0.1)
                terminal.type("\r" if done.edits % 2 else "\x1a")  # a line, and undo
                done.edits += 1
            else:
                terminal.read(0.2)
            if not seen or passed - next(reversed(next(iter(seen.values()))))[0] > minutes / 40:
                self._note(terminal, passed, seen)
        print(f"\n{done}")
        return seen

    def _submit(self, terminal: Terminal, model: Path) -> None:
        before = self._graded()
        shutil.copyfile(model, layout.category_folder(self.project, 1) / "mymodel.h5")
        terminal.type(SUBMIT)
        deadline = time.monotonic() + 30
        while self._graded() == before and time.monotonic() < deadline:
            terminal.read(0.1)

    def _graded(self) -> int:
        return Ledger.of(self.home).journal.count("graded")

    def _note(self, terminal: Terminal, passed: float, seen: dict[str, list[tuple[float, int, int]]]) -> None:
        program = psutil.Process(terminal.process.pid)
        below = program.children(recursive=True)
        named = {"program": program}
        for one in below:
            with contextlib.suppress(psutil.Error):  # it may just have ended
                line = " ".join(one.cmdline())
                found = [name for name in ("graders.trusted.supervisor", "graders.child.warm_process") if name in line]
                named = dict.fromkeys(found, one) | named
        for name, process in named.items():
            seen.setdefault(name, []).append((passed, process.memory_info().rss, process.num_fds()))
        seen.setdefault("processes", []).append((passed, len(below), 0))


@pytest.mark.soak
def test_twenty_minutes_of_the_real_program(tmp_path: Path) -> None:
    candidate = Watched(tmp_path, make_models(tmp_path), dict(os.environ))
    for starter in (candidate.home / "data" / "packs").rglob("starter.py"):
        starter.write_text(PROGRAM, "utf-8")
    share = MINUTES / 20
    with candidate.start() as terminal:
        candidate._reach_exam(terminal)
        terminal.until(lambda: "grader ready" in terminal.text, "a warm grader")
        seen = candidate.work(terminal, MINUTES, Day(int(500 * share), int(200 * share), int(2000 * share)))
        assert terminal.kill(signal.SIGTERM) == 0
        assert terminal.orphans() == []
    print(f"ledger {ledger_bytes(candidate.home) / 1e6:.2f} MB, {candidate._graded()} verdicts")
    for name, notes in seen.items():
        tenth = max(1, len(notes) // 10)
        early, late = notes[tenth : 2 * tenth + 1], notes[-tenth:]
        memory = [sum(note[1] for note in some) / len(some) for some in (early, late)]
        files = [max(note[2] for note in some) for some in (early, late)]
        print(f"{name}: {memory[0]:,.0f} → {memory[1]:,.0f}, open files {files[0]} → {files[1]}")
        if name != "processes":
            assert memory[1] <= GROWTH * memory[0], name
            assert files[1] <= files[0] + 3, name
    assert ledger_bytes(candidate.home) < LEDGER_BYTES
