"""Damage a real ledger in thousands of ways and open it: the exam must be there, on time, with every submission.

A seeded sample runs always; all of it by hand: python -m pytest -m soak tests/store/test_ledger_damage.py
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockexam import __version__
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService, Submission
from mockexam.store.home import Home
from mockexam.store.ledger import LedgerError
from tests.sitting.fakes import FakeClock, FakeService, scored, write_pack


@dataclass(frozen=True)
class Sat:
    """A home with an exam that runs, as it is on the disk while a program has it open."""

    folder: Path
    packs: Path
    attempt: Attempt
    submissions: tuple[Submission, ...]


@pytest.fixture(scope="module")
def sat(tmp_path_factory: pytest.TempPathFactory) -> Sat:
    folder = tmp_path_factory.mktemp("sat")
    write_pack(folder / "packs")
    exams = ExamService(Home.under(folder / "open"), FakeClock(), Catalogue(folder / "packs"))
    attempt = exams.create("Ada", folder / "project", "small", seed=7)
    exams.provision(attempt.id)
    attempt = exams.start(attempt.id)
    service = FakeService([scored(number % 6) for number in range(40)])
    for number in range(40):
        model = attempt.project / f"Category{1 + number % 5}" / "mymodel.h5"
        model.write_bytes(b"model %d" % number)
        exams.grade(exams.submit(attempt.id, 1 + number % 5).id, service).result(5)
        if number == 20:
            exams._ledger.reading().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(folder / "open", folder / "home")
    submissions = exams.submissions(attempt.id)
    exams.close()
    return Sat(folder, folder / "packs", attempt, submissions)


Harm = Callable[[Path, random.Random], None]


def flip(path: Path, rng: random.Random, first: int, last: int) -> None:
    """Change one to eight bytes between the offsets."""
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 8)):
        content[rng.randrange(first, min(last, len(content)))] ^= rng.randint(1, 255)
    path.write_bytes(content)


def in_the_header(ledger: Path, rng: random.Random) -> None:
    flip(ledger, rng, 0, 100)


def in_the_pages(ledger: Path, rng: random.Random) -> None:
    flip(ledger, rng, 100, 1 << 30)


def in_the_schema(ledger: Path, rng: random.Random) -> None:
    flip(ledger, rng, 100, 4096)


def in_the_log(ledger: Path, rng: random.Random) -> None:
    flip(Path(f"{ledger}-wal"), rng, 0, 1 << 30)


def in_the_index_of_the_log(ledger: Path, rng: random.Random) -> None:
    flip(Path(f"{ledger}-shm"), rng, 0, 1 << 30)


def cut(ledger: Path, rng: random.Random) -> None:
    content = ledger.read_bytes()
    ledger.write_bytes(content[: rng.randrange(len(content))])


def cut_the_log(ledger: Path, rng: random.Random) -> None:
    log = Path(f"{ledger}-wal")
    log.write_bytes(log.read_bytes()[: rng.randrange(log.stat().st_size)])


def a_hole(ledger: Path, rng: random.Random) -> None:
    content = bytearray(ledger.read_bytes())
    start = rng.randrange(len(content))
    content[start : start + 4096] = bytes(len(content[start : start + 4096]))
    ledger.write_bytes(content)


HARMS: tuple[Harm, ...] = (
    in_the_header,
    in_the_pages,
    in_the_schema,
    in_the_log,
    in_the_index_of_the_log,
    cut,
    cut_the_log,
    a_hole,
)


def survives(sat: Sat, folder: Path, harm: Harm, seed: int) -> str:
    """Damage a copy and open it: how it went."""
    home = Home.under(folder)
    shutil.copytree(sat.folder / "home", folder)
    harm(home.ledger, random.Random(f"{harm.__name__} {seed}"))
    try:
        exams = ExamService(home, FakeClock(), Catalogue(sat.packs))
    except LedgerError as refusal:
        newer = harm is in_the_header and "If none has, the file is damaged" in str(refusal.advice)
        if not newer:
            raise
        return "taken for a newer one"
    try:
        found = exams.running()
        assert found is not None
        assert (found.id, found.deadline) == (sat.attempt.id, sat.attempt.deadline)
        known = exams.submissions(found.id)
        assert [one.id for one in known] == [one.id for one in sat.submissions]
        assert all(one.verdict is not None for one in known)
        assert exams.submit(found.id, 1).number == 9
        return ("restored" if exams.notices else "whole") + ("" if known == sat.submissions else ", a text changed")
    finally:
        exams.close()


def with_unknown_key(sat: Sat, folder: Path, where: str) -> Home:
    """A copy of the home in which the tasks have a key of a mockexam to come."""
    home = Home.under(folder)
    shutil.copytree(sat.folder / "home", folder)
    with closing(sqlite3.connect(home.ledger)) as ledger, ledger:
        ledger.execute(f"UPDATE problem SET task_json = json_set(task_json, '$.contract.most_rooms', 3) {where}")
    return home


def test_exams_that_a_newer_version_wrote_are_left_alone(sat: Sat, tmp_path: Path) -> None:
    home = with_unknown_key(sat, tmp_path / "home", "")
    with pytest.raises(LedgerError) as refused:
        ExamService(home, FakeClock(), Catalogue(sat.packs))
    assert "most_rooms" in str(refused.value)
    assert __version__ in str(refused.value)
    assert "newer mockexam" in str(refused.value)
    assert not list(home.data.glob("*damaged*"))


def test_a_single_key_that_is_unknown_is_damage(sat: Sat, tmp_path: Path) -> None:
    home = with_unknown_key(sat, tmp_path / "home", "WHERE category = 2")
    exams = ExamService(home, FakeClock(), Catalogue(sat.packs))
    try:
        assert exams.notices
        assert [one.id for one in exams.submissions(sat.attempt.id)] == [one.id for one in sat.submissions]
    finally:
        exams.close()


def campaign(sat: Sat, folder: Path, rounds: int) -> Counter[str]:
    """Every harm so many times; how often each ending came."""
    endings: Counter[str] = Counter()
    for harm in HARMS:
        for seed in range(rounds):
            endings[survives(sat, folder / "home", harm, seed)] += 1
            shutil.rmtree(folder / "home")
    return endings


def test_a_damaged_ledger_loses_no_submission(sat: Sat, tmp_path: Path) -> None:
    endings = campaign(sat, tmp_path, 5)
    assert endings["restored"] > 5


@pytest.mark.soak
def test_a_damaged_ledger_loses_no_submission_in_any_of_many_ways(sat: Sat, tmp_path: Path) -> None:
    endings = campaign(sat, tmp_path, 400)
    print(dict(endings))
    assert endings["restored"] > 500
