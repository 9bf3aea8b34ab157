"""Cut the power at any moment of an exam, start the program on what the disk may hold then, and miss nothing.

disk.py says what a disk may hold. A seeded sample of the moments is part of CI; all of them, in more ways, by hand:

    python -m pytest -m soak tests/reliability/test_power_cuts.py
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockexam.exam.clock import Reading
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from tests.reliability import disk
from tests.reliability.planted import FAULTS, Fault, plant
from tests.sitting.exam_driver import sit
from tests.sitting.fakes import write_pack
from tests.sitting.promises import Told, check
from tests.sitting.unsynced import leave_out_syncs

ROOT = Path(__file__).parents[2]
SAMPLE = 40
PARTS = 8
"""The soak's tests share the states among them, so that one can be run by itself."""
MIXED = 6
"""How many drawn states are tried at each moment, when all are."""


class AfterReboot:
    """The machine's clocks once the power is back."""

    def reading(self) -> Reading:
        return Reading(utc=datetime.now(UTC), boot="after the power cut", uptime=time.monotonic())


@dataclass(frozen=True)
class Recording:
    """A whole exam as the disk saw it."""

    changes: list[disk.Change]
    root: Path
    packs: Path
    told: Told


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Recording:
    return record(tmp_path_factory.mktemp("recorded"), shared, ROOT)


def record(folder: Path, shared: Path, program: Path) -> Recording:
    """An undisturbed exam in a process of its own."""
    packs, root, log = folder / "packs", folder / "root", folder / "log"
    write_pack(packs)
    root.mkdir()
    command = [sys.executable, "-m", "tests.sitting.exam_driver", str(root / "home"), str(packs)]
    command += [str(root / "project"), "0", "0"]
    environment = disk.environment(shared, root, log=log, tell=1)
    run = subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    told = Told()
    told.add(run.stdout)
    return Recording(disk.read(log), root, packs, told)


@dataclass(frozen=True)
class Cut:
    """What a disk holds after a power cut at a moment, and what a person had been told by then."""

    place: int
    way: disk.Way
    left: dict[str, bytes | None]
    said: str


def cuts(recording: Recording, ways: tuple[disk.Way, ...], seed: int) -> Iterator[Cut]:
    """Each different state of the disk before each sync, and after each thing told."""
    played, said, known = disk.Disk(recording.root), "", set()
    for place, change in enumerate([*recording.changes, disk.Change("B", 0, 0, b"", b"")]):
        if change.kind == "A":
            said += change.first.decode()
        played.apply(change)
        if change.kind not in "BA":
            continue
        for number, way in enumerate(ways):
            left = played.left(way, random.Random(f"{seed} {place} {number}"))
            state = disk.fingerprint(left) + said
            if state not in known:
                known.add(state)
                yield Cut(place, way, left, said)


def goes_on(cut: Cut, recording: Recording) -> None:
    """Start on what is left, do the rest of the exam, and look whether anything that was told is missing."""
    folder = recording.root  # the ledger knows the project by its path
    shutil.rmtree(folder)
    folder.mkdir()
    disk.lay_out(cut.left, folder)
    told = Told()
    lines: list[str] = []
    told.add(cut.said)
    exams = ExamService(Home.under(folder / "home"), AfterReboot(), Catalogue(recording.packs))
    try:
        sit(exams, folder / "project", lines.append)
    finally:
        exams.close()
    told.add("\n".join(lines))
    check(folder, recording.packs, told, recording.told.results)


def try_all(found: Iterable[Cut], recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on after each of them. Raises what went wrong first, with the place of the cut."""
    leave_out_syncs(monkeypatch.setattr)  # only the recorded run has to write through
    for cut in found:
        try:
            goes_on(cut, recording)
        except Exception as error:
            error.add_note(f"power cut at change {cut.place} of {len(recording.changes)}, {cut.way} survives")
            raise


@pytest.mark.slow
def test_power_cuts_lose_nothing(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(cuts(recording, (*disk.WAYS, "mixed"), seed=1))
    assert len(found) > 300
    step = len(found) / SAMPLE
    rng = random.Random(20260328)
    sample = [found[int((place + rng.random()) * step)] for place in range(SAMPLE)]
    try_all(sample, recording, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_power_cuts_at_every_sync(recording: Recording, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    mixed: list[disk.Way] = ["mixed"] * MIXED
    found = list(cuts(recording, (*disk.WAYS, *mixed), seed=2))
    mine = found[part::PARTS]
    print(f"{len(mine)} of {len(found)} different states of the disk, {len({one.place for one in found})} moments")
    try_all(mine, recording, monkeypatch)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name, marks=[] if fault is FAULTS[1] else [pytest.mark.soak]) for fault in FAULTS],
)
def test_planted_faults_are_found(fault: Fault, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = record(tmp_path, shared, plant(fault, tmp_path / "program"))
    states = list(cuts(recorded, (*disk.WAYS, "mixed", "mixed"), seed=3))
    random.Random(fault.name).shuffle(states)  # one that many of them show is found soon
    with pytest.raises((AssertionError, OSError, ValueError)) as found:
        try_all(states, recorded, monkeypatch)
    print(fault.name, found.value.__notes__)
