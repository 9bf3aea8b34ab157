"""Kill the real program anywhere (screen in a terminal, locked grader, real models), start it again, miss nothing.

One exam with a few kills is part of CI. Hundreds by hand, MOCKEXAM_EXAMS exams of them from seed MOCKEXAM_SEED on:

    python -m pytest -m soak tests/reliability/test_real_kills.py
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.reliability import disk
from tests.reliability.candidate import PRESSES, RESULT, Candidate, Ledger, make_models
from tests.reliability.terminal import Gone, Terminal

pytestmark = pytest.mark.real_time

EXAMS = int(os.environ.get("MOCKEXAM_EXAMS", "25"))
SEED = int(os.environ.get("MOCKEXAM_SEED", "1"))
MOST_KILLS = 14
TEXT_SECONDS = 1.0
"""What was on the screen for so long is never lost, not even by SIGKILL."""

WAYS = ("KILL", "KILL", "KILL", "TERM", "HUP", "hang up", "all at once")
AIMS = ("time", "time", "change", "change", "grading", "grading", "end")
ROLES = ("graders.trusted.supervisor", "warm", "child")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_models(tmp_path_factory.mktemp("models"))


class Killer:
    """Ends one life of the program, in one way, at a moment chosen beforehand.

    The moment is so many seconds after the start, or after a submission has come to be tested, or after the exam's end
    was asked for; or it is before the n-th change that the program makes to the disk. While something is tested, one of
    the grader's processes may be killed instead of the program.
    """

    def __init__(self, rng: random.Random, first: bool) -> None:
        self.aim = rng.choice(AIMS)
        self.way = rng.choice(WAYS)
        if self.aim == "change":
            self.way = rng.choice(("KILL", "TERM", "HUP"))
        elif self.aim == "grading" and rng.random() < 0.5:
            self.way = rng.choice(ROLES)
        self.change = rng.randint(1, 330 if first else 120) if self.aim == "change" else 0
        self.seconds = rng.uniform(0.1, 3.0) if rng.random() < 0.4 else rng.uniform(2.0, 22.0)
        if self.aim in ("grading", "end"):
            self.seconds = rng.uniform(0.0, 1.5)
        self.latest = 60.0 if self.aim != "time" else self.seconds
        """Seconds after which it strikes even if that moment never comes."""

    def variables(self, shared: Path, root: Path) -> dict[str, str]:
        """What makes the program kill itself at a change of the disk."""
        if not self.change:
            return {}
        wanted = disk.environment(shared, root, kill_at=self.change, signal=int(getattr(signal, f"SIG{self.way}")))
        return {name: value for name, value in wanted.items() if name.startswith(("DISK_", "LD_PRELOAD"))}

    def __str__(self) -> str:
        when = f"at change {self.change}" if self.change else f"{self.seconds:.2f} s after {self.aim}"
        return f"{self.way} {when}"


class Timed(Terminal):
    """A terminal whose program is ended when its time has come."""

    killer: Killer | None = None
    home = Path()
    began = 0.0
    struck = 0.0
    hit = False
    _came = 0.0

    def read(self, seconds: float) -> None:
        """Read, and strike when it is time."""
        killer = self.killer
        if killer is not None and not self.struck and self._is_time(killer):
            self.strike(killer)
        super().read(seconds)

    def _is_time(self, killer: Killer) -> bool:
        now = time.monotonic()
        if not self._came and self._has_come(killer.aim):
            self._came = now
        return now - self.began > killer.latest or (self._came > 0 and now - self._came > killer.seconds)

    def _has_come(self, aim: str) -> bool:
        if aim == "end":
            return "End the exam?" in self.text
        if aim == "grading":
            return any(row["state"] != "done" for row in Ledger.of(self.home).submissions)
        return False

    def strike(self, killer: Killer) -> None:
        """End the program, or what grades for it; raises Gone when it was the program."""
        self.count_family(now=True)
        self.struck = time.monotonic()
        way = killer.way
        if way in ROLES:
            for one in [one for one in self.family.values() if _role(one) == way][-1:]:
                with contextlib.suppress(psutil.Error):
                    one.kill()
                    self.hit = True
            return
        if way == "hang up":
            self.hang_up()
        elif way == "all at once":
            for one in [psutil.Process(self.process.pid), *self.family.values()]:
                with contextlib.suppress(psutil.Error):
                    one.kill()
        else:
            os.kill(self.process.pid, getattr(signal, f"SIG{way}"))
        raise Gone


def _role(process: psutil.Process) -> str:
    """What a process does for the grader: its supervisor, the warm process, or the child that opens one model."""
    try:
        words = " ".join(process.cmdline())
        if "graders.trusted.supervisor" in words:
            return "graders.trusted.supervisor"
        if "graders.child." not in words or not process.is_running():
            return ""
        return "child" if "graders.child." in " ".join(process.parent().cmdline()) else "warm"
    except (psutil.Error, AttributeError):
        return ""


@dataclass
class Tally:
    """What was tried."""

    kills: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    exams: int = 0

    def write(self) -> None:
        """Print it, and add it to the file that MOCKEXAM_TALLY names."""
        line = {"exams": self.exams, "kills": dict(self.kills), "states": dict(self.states)}
        print(json.dumps(line))
        if place := os.environ.get("MOCKEXAM_TALLY"):
            with Path(place).open("a") as file:
                file.write(json.dumps(line) + "\n")


def live(candidate: Candidate, killer: Killer | None, shared: Path, tally: Tally) -> bool:
    """One life; whether the result was reached."""
    variables = killer.variables(shared, candidate.folder) if killer else {}
    before = scratch(candidate)
    with candidate.start(Timed, **variables) as terminal:
        assert isinstance(terminal, Timed)
        terminal.began, terminal.home = time.monotonic(), candidate.home
        terminal.killer = killer
        done = False
        try:
            candidate.sit(terminal)
            done = True
        except Gone:
            terminal.struck = terminal.struck or time.monotonic()
        if done:
            terminal.kill(signal.SIGTERM)
        else:
            by_itself = killer is None or killer.way in ROLES
            assert not by_itself, f"it ended by itself:\n{terminal.text}"
            assert killer is not None
            terminal.end()
            tally.kills[f"{killer.way}, {killer.aim}"] += 1
            tally.states[Ledger.of(candidate.home).state or "nothing yet"] += 1
        if terminal.hit:
            tally.kills[f"{killer.way if killer else ''}, grading"] += 1
        # What stands in the window of the candidate's own program is none of ours.
        assert "Traceback" not in terminal.outside
        assert terminal.orphans() == []
        check_text(candidate, terminal.struck, gentle=killer is not None and killer.way in ("TERM", "HUP", "hang up"))
        if killer is None or not (killer.way == "all at once" or (killer.change and killer.way == "KILL")):
            assert tidied(candidate, before)
    return done


def scratch(candidate: Candidate) -> set[Path]:
    """The grader's folders. A later start removes those that nobody was left to remove.

    That is so when all was killed at once, and when the program was before it had started the one who would.
    """
    return set((candidate.folder / "tmp").glob("mockexam-grader-*"))


def tidied(candidate: Candidate, before: set[Path], seconds: float = 15.0) -> bool:
    """Whether nothing of the grader's is left after some patience."""
    deadline = time.monotonic() + seconds
    while not scratch(candidate) <= before and time.monotonic() < deadline:
        time.sleep(0.1)
    return scratch(candidate) <= before


def check_text(candidate: Candidate, struck: float, *, gentle: bool) -> None:
    """What was on the screen for a while is in the file or beside it; in no place is there half a line."""
    if not candidate.told.lines:
        return
    kept = "".join(starters(candidate))
    for rescued in (candidate.project / ".mockexam" / "unsaved").glob("*.json"):
        with contextlib.suppress(ValueError):  # the one that is being written is not the one that counts
            kept += json.loads(rescued.read_text("utf-8"))["text"]
    for line, at in list(candidate.told.lines):
        if line not in kept:
            assert not gentle, f"lost by a polite signal: {line}"
            assert not struck or struck - at < TEXT_SECONDS, f"lost {struck - at:.2f} s after it was typed: {line}"
            candidate.told.lines.remove((line, at))


def starters(candidate: Candidate) -> list[str]:
    """The texts of all starters: a life goes on in the file that was open last."""
    return [path.read_text("utf-8") for path in sorted(candidate.project.glob("Category*/starter.py"))]


def check_ledger(candidate: Candidate) -> None:
    """Everything told is there, and everything there is whole."""
    ledger, told = Ledger.of(candidate.home), candidate.told
    assert len(told.deadlines) <= 1
    if told.deadlines:
        assert {row["deadline"] for row in ledger.attempts} == told.deadlines
    present = {(row["category"], row["number"]): row for row in ledger.submissions}
    assert told.presses <= set(present)
    for press, score in told.scores.items():
        verdict = json.loads(present[press]["verdict_json"])
        assert f"{sum(test['passed'] for test in verdict['tests'])}/5" == score
    for row in ledger.submissions:
        sha256 = row["sha256"]
        assert (candidate.home / "data" / "snapshots" / sha256[:2] / sha256).is_file()


def check_end(candidate: Candidate) -> None:
    """The result is that of an undisturbed exam, each submission was graded once, and the files are whole."""
    ledger = Ledger.of(candidate.home)
    (attempt,) = ledger.attempts
    result = json.loads(attempt["result_json"])
    assert (result["total"], {row["category"]: row["tests_passed"] for row in result["categories"]}) == RESULT
    presses = Counter(row["category"] for row in ledger.submissions)
    assert presses == {category: len(files) for category, files in PRESSES.items()}
    kinds = Counter(ledger.journal)
    count = sum(presses.values())
    assert (kinds["started"], kinds["submitted"], kinds["graded"], kinds["ended"]) == (1, count, count, 1)
    for category in PRESSES:
        folder = candidate.project / f"Category{category}"
        stub = (candidate.project / ".mockexam" / "stubs" / f"Category{category}.py").read_text("utf-8").splitlines()
        written = (folder / "starter.py").read_text("utf-8").splitlines()
        assert [line for line in written if not line.startswith("# line ")] == stub
        assert (folder / "data" / "points.csv").stat().st_size
    written = "".join(starters(candidate)).splitlines()
    for line, _ in candidate.told.lines:
        assert written.count(line) == 1, line
    assert not (candidate.project / ".mockexam-unfinished").exists()
    assert not list(candidate.project.rglob("*.tmp"))


def sit_with_kills(folder: Path, models: Path, shared: Path, seed: int, most: int, tally: Tally) -> None:
    """One exam, killed again and again and then left in peace."""
    rng = random.Random(seed)
    folder.mkdir()
    candidate = Candidate(folder, models, dict(os.environ))
    killed: list[str] = []
    try:
        for number in range(rng.randint(most // 2, most)):
            killer = Killer(rng, first=number == 0)
            killed.append(str(killer))
            if live(candidate, killer, shared, tally):
                break
            check_ledger(candidate)
        else:
            assert live(candidate, None, shared, tally)
        check_ledger(candidate)
        check_end(candidate)
    except BaseException as error:
        error.add_note(f"seed {seed}, kills: {'; '.join(killed)}")
        raise
    tally.exams += 1


@pytest.mark.slow
def test_killed_exam_goes_on_in_the_real_program(models: Path, shared: Path, tmp_path: Path) -> None:
    tally = Tally()
    sit_with_kills(tmp_path / "exam", models, shared, 34, 3, tally)
    assert sum(tally.kills.values()) >= 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SEED, SEED + EXAMS))
def test_killed_at_hundreds_of_moments(models: Path, shared: Path, tmp_path: Path, seed: int) -> None:
    tally = Tally()
    try:
        sit_with_kills(tmp_path / "exam", models, shared, seed, MOST_KILLS, tally)
    finally:
        tally.write()
