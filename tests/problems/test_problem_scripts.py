"""Starters run as they are and stop with a clear sentence; reference solutions get 5/5 from the real grader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import graders
from mockexam.packs.format.model import Problem

pytestmark = pytest.mark.slow
# The end-to-end exam trains and submits these.
IN_AN_EXAM = {"line", "penguins", "horses_people", "deeds", "sunspots"}
# Quick ones, trained every time: a library may change under a proof. The others are left to their proofs, which
# test_problem_proofs.py keeps current.
QUICK = {"fuel", "sunspots_raw"}


@pytest.fixture(scope="module")
def service() -> Iterator[graders.Service]:
    """A warm grader for all problems."""
    service = graders.Service()
    service.start()
    yield service
    service.stop()


# Whether a training gets full marks by a margin depends on its seed; the proofs try several.
SEEDED = """
import runpy, sys
import keras
keras.utils.set_random_seed(1)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def train(script: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with a fixed seed, from another folder than its own, as an editor may."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, "-c", SEEDED, str(script)], cwd="/", env=quiet, capture_output=True, text=True, timeout=900
    )


@pytest.fixture(scope="module")
def run_starter() -> Iterator[Callable[[Path], tuple[int, str]]]:
    """run_starter(script): exit code and what it said; a starter takes no time but for importing TensorFlow."""
    command = [sys.executable, str(Path(__file__).with_name("script_runner.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        asked, answers = runner.stdin, runner.stdout

        def run(script: Path) -> tuple[int, str]:
            print(script, file=asked, flush=True)
            code, said = json.loads(answers.readline())
            return code, said

        yield run
        asked.close()


def test_the_untouched_starter_says_what_is_missing(
    problem: Problem, category_folder: Callable[[Problem], Path], run_starter: Callable[[Path], tuple[int, str]]
) -> None:
    folder = category_folder(problem)
    code, said = run_starter(folder / "starter.py")
    assert code == 1, said[-2000:]
    assert "Traceback" not in said
    assert "YOUR CODE HERE" in said.strip().splitlines()[-1]
    assert not list(folder.glob("mymodel*"))


def test_the_reference_solution_gets_full_marks(
    problem: Problem, category_folder: Callable[[Problem], Path], service: graders.Service
) -> None:
    if problem.id in IN_AN_EXAM:
        pytest.skip("trained and submitted by tests/end_to_end")
    if problem.id not in QUICK and (problem.folder / "proof.json").is_file():
        pytest.skip("trained and submitted by its proof")
    folder = category_folder(problem)
    script = folder / "solution.py"
    script.write_text(problem.solution_path.read_text("utf-8"), "utf-8")
    result = train(script)
    assert result.returncode == 0, result.stderr[-3000:]
    task = graders.Task(
        contract=problem.contract,
        scoring=problem.scoring,
        hidden=str(folder.parent / "hidden.npz"),
        limits=problem.limits,
    )
    verdict = service.submit(folder / "mymodel.h5", task, key=problem.uuid).result(timeout=180)
    assert (verdict.outcome, verdict.passed, verdict.reason) == ("scored", 5, None)
    assert verdict.pass_probabilities[5] >= 0.99, verdict.pass_probabilities
