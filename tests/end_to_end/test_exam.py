"""Whole exams: real data, real models, the real grader. Only the clock is the test's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Hall

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

UNTRAINED = """
import sys
import tensorflow as tf
shape, units, activation, path = eval(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
layers = [tf.keras.Input(shape=shape), tf.keras.layers.Flatten()]
zeros = tf.keras.layers.Dense(units, activation=activation, kernel_initializer="zeros")
tf.keras.Sequential([*layers, zeros]).save(path)
"""


def do_nothing_model(path: Path, shape: tuple[int, ...], units: int, activation: str) -> Path:
    """A model of the right shape that always says the same."""
    arguments = [repr(shape), str(units), activation, str(path)]
    subprocess.run([sys.executable, "-c", UNTRAINED, *arguments], check=True, capture_output=True, timeout=120)
    return path


def test_the_five_reference_solutions_pass_with_100(
    hall: Hall, references: tuple[int, dict[int, Path]], tmp_path: Path
) -> None:
    seed, models = references
    attempt = hall.sit(tmp_path / "exam", seed=seed)
    for category, model in models.items():
        shutil.copy(model, attempt.project / f"Category{category}" / "mymodel.h5")
        hall.clock.advance(minutes=20)
        verdict = hall.submit(attempt, category)
        assert (category, verdict.outcome, verdict.passed, verdict.reason) == (category, "scored", 5, None)
    hall.exams.end(attempt.id)
    result = hall.exams.settle(attempt.id)
    assert result is not None
    assert result.total == 100
    assert result.passed
    assert [row.tests_passed for row in result.categories] == [5, 5, 5, 5, 5]


def test_good_and_bad_models_end_below_90(hall: Hall, references: tuple[int, dict[int, Path]], tmp_path: Path) -> None:
    seed, models = references
    attempt = hall.sit(tmp_path / "exam", seed=seed)
    assert hall.submit(attempt, 1, models[1]).passed == 5
    # Category 2 gets the model of category 3: refused, and the earlier 5/5 stands.
    assert hall.submit(attempt, 2, models[2]).passed == 5
    wrong = hall.submit(attempt, 2, models[3])
    assert wrong.outcome == "refused"
    assert wrong.reason is not None
    assert "4" in wrong.reason.expected
    assert "80" in wrong.reason.found
    # Category 3 gets a good model and then a useless one: the last counts.
    assert hall.submit(attempt, 3, models[3]).passed == 5
    assert hall.submit(attempt, 3, do_nothing_model(tmp_path / "same.h5", (80, 80, 3), 1, "sigmoid")).passed == 0
    # Category 4 gets half a file, category 5 nothing at all.
    half = tmp_path / "half.h5"
    half.write_bytes(models[4].read_bytes()[: models[4].stat().st_size // 2])
    assert hall.submit(attempt, 4, half).outcome == "refused"
    hall.exams.end(attempt.id)
    result = hall.exams.settle(attempt.id)
    assert result is not None
    assert {row.category: row.points for row in result.categories} == {1: 10, 2: 15, 3: 0, 4: 0, 5: 0}
    assert result.total == 25
    assert not result.passed


def test_the_same_file_always_scores_the_same(
    hall: Hall, references: tuple[int, dict[int, Path]], tmp_path: Path
) -> None:
    seed, models = references
    attempt = hall.sit(tmp_path / "exam", seed=seed)
    first, second = (hall.submit(attempt, 2, models[2]) for _ in range(2))
    assert first.tests == second.tests
    assert first.pass_probabilities == second.pass_probabilities


def test_time_runs_out_and_what_was_tested_counts(
    hall: Hall, references: tuple[int, dict[int, Path]], tmp_path: Path
) -> None:
    seed, models = references
    attempt = hall.sit(tmp_path / "exam", seed=seed)
    assert hall.submit(attempt, 5, models[5]).passed == 5
    hall.clock.advance(minutes=301)
    assert hall.exams.running() is None
    result = hall.exams.settle(attempt.id)
    assert result is not None
    assert result.end_reason == "time"
    assert (result.ended_at - result.started_at).total_seconds() == 300 * 60
    assert result.total == 30


def test_every_starter_runs_and_stops_with_a_sentence(hall: Hall, tmp_path: Path) -> None:
    from tests.end_to_end.conftest import form_seed

    attempt = hall.sit(tmp_path / "exam", seed=form_seed(hall.exams))
    for category in range(1, 6):
        starter = attempt.project / f"Category{category}" / "starter.py"
        run = subprocess.run([sys.executable, str(starter)], capture_output=True, text=True, timeout=180, cwd="/")
        assert run.returncode != 0
        assert "YOUR CODE HERE" in run.stderr.strip().splitlines()[-1]
        assert "Traceback" not in run.stderr
        assert not (starter.parent / "mymodel.h5").exists()


def test_no_hidden_row_reaches_the_project(hall: Hall, tmp_path: Path) -> None:
    from tests.end_to_end.conftest import form_seed

    attempt = hall.sit(tmp_path / "exam", seed=form_seed(hall.exams))
    hidden = {Path(hall.exams.task(attempt.id, category).hidden) for category in range(1, 6)}
    assert not any(path.is_relative_to(attempt.project) for path in hidden)
    contents = {path.read_bytes() for path in hidden}
    assert not [path for path in attempt.project.rglob("*") if path.is_file() and path.read_bytes() in contents]
    assert not [path for path in attempt.project.rglob("*") if "hidden" in path.name or path.name == "solution.py"]
