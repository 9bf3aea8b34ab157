"""Kill a whole exam at any step, start it again, and look whether anything was lost.

The seeded sample here is small. All points, with repeated kills, by hand:

    python -m pytest -m soak tests/sitting/test_kill_anywhere.py
"""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.office import Office
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.exam_driver import PRESSES
from tests.sitting.fakes import write_pack

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
SAMPLE = 24
ROOT = Path(__file__).parents[2]


@dataclass
class Told:
    """What the program has told a person over all its lives."""

    deadlines: set[str] = field(default_factory=set)
    submitted: dict[str, str] = field(default_factory=dict)
    graded: dict[str, str] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)
    steps: int = 0

    def add(self, output: str) -> None:
        for line in output.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "deadline":
                self.deadlines.add(rest)
            elif kind == "submitted":
                submission, sha256 = rest.split()
                assert self.submitted.setdefault(submission, sha256) == sha256
            elif kind == "graded":
                submission, passed = rest.split()
                assert self.graded.setdefault(submission, passed) == passed
            elif kind == "result":
                self.results.add(rest)
            elif kind == "steps":
                self.steps = int(rest)


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_pack(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(packs: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("undisturbed")
    told = Told()
    assert live(folder, packs, told, 0) == 0
    assert told.steps > 300
    return told


def live(folder: Path, packs: Path, told: Told, kill_at: int, number: int = signal.SIGKILL) -> int:
    """One life of the program; its exit code."""
    command = [sys.executable, "-m", "tests.sitting.exam_driver", str(folder / "home"), str(packs)]
    command += [str(folder / "project"), str(kill_at), str(int(number))]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    told.add(run.stdout)
    assert run.returncode in (0, -number), run.stderr
    assert "Traceback" not in run.stderr
    return run.returncode


def check(folder: Path, packs: Path, told: Told, undisturbed: Told) -> None:
    """Nothing acknowledged is missing, nothing is counted twice, and the result is that of an undisturbed run."""
    assert len(told.deadlines) == 1
    assert told.results == undisturbed.results
    office = Office(Home.under(folder / "home"), SystemClock(), Catalogue(packs))
    assert office.notices == ()
    (attempt,) = office.attempts()
    known = {one.id: one for one in office.submissions(attempt.id)}
    assert len(known) == sum(map(len, PRESSES.values()))
    for submission, sha256 in told.submitted.items():
        assert known[submission].sha256 == sha256
    assert all(office.is_whole(one) and one.verdict is not None for one in known.values())
    for submission, passed in told.graded.items():
        verdict = known[submission].verdict
        assert verdict is not None
        assert str(verdict.passed) == passed
    kinds = [event.kind for event in office.journal(attempt.id)]
    assert {kind: kinds.count(kind) for kind in ("started", "submitted", "graded", "ended")} == {
        "started": 1,
        "submitted": len(known),
        "graded": len(known),
        "ended": 1,
    }
    check_files(office, folder)
    office.close()


def check_files(office: Office, folder: Path) -> None:
    """The ledger is sound and the project is whole."""
    connection = sqlite3.connect(office.home.ledger)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    for category in PRESSES:
        assert (folder / "project" / f"Category{category}" / "starter.py").read_text("utf-8").startswith('"""Stub."""')
        assert (folder / "project" / f"Category{category}" / "data" / "points.csv").stat().st_size
    assert not list((folder / "project").glob(".mockexam-unfinished"))


def points(steps: int) -> list[tuple[int, int]]:
    """A seeded sample of (step, signal), one in each of equally long stretches of the exam."""
    rng = random.Random(20260328)
    stretch = steps / SAMPLE
    return [(1 + int((place + rng.random()) * stretch), rng.choice(SIGNALS)) for place in range(SAMPLE)]


@pytest.mark.slow
def test_killed_at_any_step_it_goes_on_and_loses_nothing(packs: Path, undisturbed: Told, tmp_path: Path) -> None:
    for place, (step, number) in enumerate(points(undisturbed.steps)):
        folder, told = tmp_path / f"{place}", Told()
        folder.mkdir()
        assert live(folder, packs, told, step, number) == -number, f"step {step}"
        assert live(folder, packs, told, 0) == 0, f"after step {step}"
        check(folder, packs, told, undisturbed)


@pytest.mark.slow
def test_killed_again_and_again_it_still_arrives(packs: Path, undisturbed: Told, tmp_path: Path) -> None:
    rng, told = random.Random(7), Told()
    for _ in range(30):
        if live(tmp_path, packs, told, rng.randrange(40, 200)) == 0:
            break
    else:
        assert live(tmp_path, packs, told, 0) == 0
    check(tmp_path, packs, told, undisturbed)


@pytest.mark.soak
def test_killed_at_every_step(packs: Path, undisturbed: Told, tmp_path: Path) -> None:
    for step in range(1, undisturbed.steps + 1):
        folder, told, number = tmp_path / f"{step}", Told(), SIGNALS[step % len(SIGNALS)]
        folder.mkdir()
        if live(folder, packs, told, step, number) != 0:
            assert live(folder, packs, told, 0) == 0, f"after step {step}"
        check(folder, packs, told, undisturbed)
