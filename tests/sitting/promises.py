"""What the kill tests and the power cuts hold the program to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.workspace import layout
from tests.sitting.exam_driver import EDITS, PRESSES


@dataclass
class Told:
    """What the program has told a person over all its lives."""

    deadlines: set[str] = field(default_factory=set)
    submitted: dict[str, str] = field(default_factory=dict)
    graded: dict[str, str] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)
    saved: int = 0
    ended: bool = False
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
            elif kind == "ended":
                self.ended = True
            elif kind == "state":
                assert rest == "ended" or not self.ended
                assert rest in ("running", "ended") or not self.deadlines
            elif kind == "present":
                assert self.submitted.items() <= dict(one.split("=") for one in rest.split()).items()
            elif kind == "judged":
                assert self.graded.items() <= dict(one.split("=") for one in rest.split()).items()
            elif kind == "saved":
                self.saved = int(rest)
            elif kind == "found":
                assert int(rest) >= self.saved
            elif kind == "steps":
                self.steps = int(rest)


def check(folder: Path, packs: Path, told: Told, results: set[str]) -> None:
    """Nothing acknowledged is missing, nothing is counted twice, and the result is that of an undisturbed run."""
    assert len(told.deadlines) == 1
    assert told.results == results
    exams = ExamService(Home.under(folder / "home"), SystemClock(), Catalogue(packs))
    assert exams.notices == ()
    (attempt,) = exams.attempts()
    known = {one.id: one for one in exams.submissions(attempt.id)}
    assert len(known) == sum(map(len, PRESSES.values()))
    for submission, sha256 in told.submitted.items():
        assert known[submission].sha256 == sha256
    assert all(exams.is_whole(one) and one.verdict is not None for one in known.values())
    for submission, passed in told.graded.items():
        verdict = known[submission].verdict
        assert verdict is not None
        assert str(verdict.passed) == passed
    kinds = [event.kind for event in exams.journal(attempt.id)]
    assert {kind: kinds.count(kind) for kind in ("started", "submitted", "graded", "ended")} == {
        "started": 1,
        "submitted": len(known),
        "graded": len(known),
        "ended": 1,
    }
    check_files(exams, folder)
    exams.close()


def check_files(exams: ExamService, folder: Path) -> None:
    """The ledger is sound and the project is whole."""
    connection = sqlite3.connect(exams.home.ledger)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    for category in PRESSES:
        starter = (folder / "project" / f"Category{category}" / "starter.py").read_text("utf-8")
        assert starter == layout.stub(folder / "project", category).read_text("utf-8") + "".join(EDITS) * (
            category == 1
        )
        assert (folder / "project" / f"Category{category}" / "data" / "points.csv").stat().st_size
    assert not list((folder / "project").glob(".mockexam-unfinished"))
