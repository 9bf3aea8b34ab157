"""Starters run as they are and stop with a clear sentence; reference solutions get 5/5 from the real grader."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import graders
from mockexam.packs.model import Problem

pytestmark = pytest.mark.slow
# The end-to-end exam trains and submits these.
CLASSIC = {"line", "fashion_mnist", "rock_paper_scissors", "glosses", "sunspots"}


@pytest.fixture(scope="module")
def service() -> Iterator[graders.Service]:
    """A warm grader for all problems."""
    service = graders.Service()
    service.start()
    yield service
    service.stop()


def run(script: Path) -> subprocess.CompletedProcess[str]:
    """Run a script from another folder than its own, as an editor may."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, str(script)], cwd="/", env=quiet, capture_output=True, text=True, timeout=900
    )


def test_the_untouched_starter_says_what_is_missing(
    problem: Problem, category_folder: Callable[[Problem], Path]
) -> None:
    folder = category_folder(problem)
    result = run(folder / "starter.py")
    assert result.returncode == 1, result.stderr[-2000:]
    assert "Traceback" not in result.stderr
    assert "YOUR CODE HERE" in result.stderr.strip().splitlines()[-1]
    assert not list(folder.glob("mymodel*"))


def test_the_reference_solution_gets_full_marks(
    problem: Problem, category_folder: Callable[[Problem], Path], service: graders.Service
) -> None:
    if problem.id in CLASSIC:
        pytest.skip("trained and submitted by tests/end_to_end")
    folder = category_folder(problem)
    script = folder / "solution.py"
    script.write_text(problem.solution_path.read_text("utf-8"), "utf-8")
    started = time.monotonic()
    result = run(script)
    assert result.returncode == 0, result.stderr[-3000:]
    assert time.monotonic() - started < 60 * problem.train_minutes
    task = graders.Task(
        contract=problem.contract,
        scoring=problem.scoring,
        hidden=str(folder.parent / "hidden.npz"),
        limits=problem.limits,
    )
    verdict = service.submit(folder / "mymodel.h5", task, key=problem.uuid).result(timeout=180)
    assert (verdict.outcome, verdict.passed, verdict.reason) == ("scored", 5, None)
    assert verdict.odds[5] >= 0.99
