"""Damaged models, seeded: always one verdict, never a fault of ours, and the grader lives on."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from graders import Service
from tests.graders.hostile.conftest import Arsenal

SOURCES = {"honest.h5": "", "honest.keras": "", "honest-saved": "saved_model.pb"}


def _damage(data: bytearray, dice: random.Random) -> bytearray:
    """Flip bits, overwrite, cut, repeat or insert at random places."""
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(data)) if data else 0
        kind = dice.choice(("flip", "flip", "overwrite", "cut", "repeat", "extreme"))
        if kind == "flip" and data:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == "overwrite":
            data[at : at + 8] = dice.randbytes(8)
        elif kind == "cut":
            del data[at : at + dice.choice((1, 64, 100_000))]
        elif kind == "repeat":
            data[at:at] = data[at : at + 64]
        else:
            data[at : at + 8] = dice.choice((b"\xff" * 8, b"\0" * 8, b"\xff" * 7 + b"\x7f"))
    return data


def _mutant(source: Path, inner: str, into: Path, dice: random.Random) -> Path:
    target = into / source.name
    if not inner:
        target.write_bytes(_damage(bytearray(source.read_bytes()), dice))
        return target
    shutil.copytree(source, target)
    path = target / inner
    path.write_bytes(_damage(bytearray(path.read_bytes()), dice))
    return target


@pytest.mark.parametrize(
    "cases", [pytest.param(150, marks=pytest.mark.slow), pytest.param(5000, marks=pytest.mark.soak)]
)
def test_damaged_models_get_verdicts(cases: int, service: Service, arsenal: Arsenal, tmp_path: Path) -> None:
    task = arsenal.task(wall_seconds=4.0, resident_bytes=1 << 30)
    names = sorted(SOURCES)
    futures = []
    for seed in range(cases):
        folder = tmp_path / str(seed)
        folder.mkdir()
        name = names[seed % len(names)]
        mutant = _mutant(arsenal.folder / name, SOURCES[name], folder, random.Random(seed))
        futures.append((seed, service.submit(mutant, task, key="k")))

    for seed, future in futures:
        verdict = future.result(900)
        assert verdict.outcome in ("scored", "refused", "failed"), (seed, verdict)
    after = service.submit(arsenal.folder / "honest.h5", task, key="k").result(60)
    assert after.outcome == "scored"
    assert arsenal.traces == []
