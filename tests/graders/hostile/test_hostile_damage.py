"""Damaged models, seeded: always one verdict, never a fault of ours, and the grader lives on."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from graders import Service
from tests.graders.hostile.conftest import Arsenal
from tests.graders.hostile.mutants import mutant

WALL = 4.0
IN_HAND = 8
CHUNK = 500


@pytest.mark.parametrize(
    ("first", "cases"),
    [
        pytest.param(0, 150, marks=pytest.mark.slow),
        *(pytest.param(first, CHUNK, marks=pytest.mark.soak) for first in range(1000, 11_000, CHUNK)),
    ],
)
def test_damaged_models_get_verdicts(
    first: int, cases: int, service: Service, arsenal: Arsenal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = arsenal.task(wall_seconds=WALL, resident_bytes=1 << 30)
    outcomes: Counter[str] = Counter()
    began = time.monotonic()
    waiting = []
    for seed in range(first, first + cases):
        folder = tmp_path / str(seed)
        folder.mkdir()
        waiting.append((seed, service.submit(mutant(arsenal.folder, folder, seed), task, key="k")))
        while len(waiting) > (IN_HAND if seed + 1 < first + cases else 0):
            number, future = waiting.pop(0)
            verdict = future.result(IN_HAND * (WALL + 60))
            assert verdict.outcome in ("scored", "refused", "failed"), (number, verdict)
            assert verdict.reason is None or (verdict.reason.found and verdict.reason.advice), (number, verdict)
            outcomes[f"{verdict.outcome} {verdict.reason.code if verdict.reason else ''}"] += 1

    after = service.submit(arsenal.folder / "honest.h5", task, key="k").result(60)
    assert after.outcome == "scored"
    assert arsenal.traces == []
    with capsys.disabled():  # the figures in docs/security.md
        if cases >= CHUNK:
            print(f"\n{first}: {time.monotonic() - began:.0f} s", dict(outcomes.most_common()))
