"""No file that a stranger changed makes a parser fail, hang, fill memory, write elsewhere or steer a terminal.

A seeded part runs always. Many more by hand: python -m pytest -m soak -s tests/fuzzing
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing.targets import TARGETS
from tests.fuzzing.worker import findings_of

ROOT = Path(__file__).parents[2]
IN_CI = {
    "bundles": 25, "imports": 25, "ledger": 25, "sidecar-records": 20, "pack-archives": 40, "pack-installing": 40,
    "pack-files": 60, "inspections": 60,
}  # fmt: skip
"""Cases of the targets that take long; of all others there are a hundred."""
IN_SOAK = 40
"""So many times as much is done by hand, in blocks."""


def cases(target: str, first: int, count: int) -> list[dict[str, Any]]:
    """What went wrong in some cases, each in the limits of the worker."""
    command = [sys.executable, "-m", "tests.fuzzing.worker", target, str(first), str(count)]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, text=True, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line for line in told if "finding" in line]
    if not told or "done" not in told[-1]:
        last = told[-1] if told else {}
        found.append({"finding": f"ended with {done.returncode}: {done.stderr[-2000:]}", "case": last.get("at", first)})
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_a_parser_takes_whatever_it_is_given(target: str) -> None:
    assert cases(target, 0, IN_CI.get(target, 100)) == []


@pytest.mark.soak
@pytest.mark.parametrize("block", range(IN_SOAK))
@pytest.mark.parametrize("target", TARGETS)
def test_a_parser_takes_whatever_it_is_given_for_hours(target: str, block: int) -> None:
    count = IN_CI.get(target, 100)
    assert cases(target, 10_000 + block * count, count) == []


@pytest.mark.parametrize(
    ("told", "finding"),
    [
        ("a\x1b[2J", "obeys"),
        ("a\x9b", "obeys"),
        ("\u202e", "obeys"),
        ("x" * 200_000, "characters"),
        ("a\nb: forged", "stranger's"),
    ],
)
def test_what_is_told_is_looked_at(told: str, finding: str) -> None:
    (found,) = findings_of(lambda dice: told, "self", 0)
    assert finding in found


def test_an_exception_memory_and_colours_are_told_apart() -> None:
    def fails(dice: random.Random) -> str:
        raise KeyError("x")

    (found,) = findings_of(fails, "self", 0)
    assert found.startswith("raised KeyError")
    assert findings_of(lambda dice: "\x1b[31mred\x1b[0m\n한\n", "self", 0) == []


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        ("while True: pass", "ended with -"),
        ("bytearray(2 << 30)", "MemoryError"),
        ("bytearray(600 << 20)", "MiB"),
        ("(Path(os.environ['HOME']).parent / 'stray').touch()", "wrote outside"),
    ],
)
def test_a_worker_bounds_what_a_parser_does(harm: str, finding: str) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.fuzzing import targets, worker\n"
        "class Harm:\n    def __init__(self, folder): pass\n    def run(self, dice):\n        "
        + harm
        + "\n        return ''\n"
        "targets.TARGETS = {'harm': Harm}\nworker.KILL_SECONDS = 1\nworker.main(['harm', '0', '1'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=ROOT, text=True, check=False)
    assert finding in f"{done.stdout} ended with {done.returncode}"
