"""Calibration: what many trainings and draws say about a threshold."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import pytest

from graders import Scoring, Threshold
from graders.scoring import scores
from mockexam.packs.authoring import calibrating
from mockexam.packs.authoring.calibrating import Calibration, propose
from mockexam.packs.authoring.new import new_pack
from mockexam.packs.format.reading import read_pack
from mockexam.packs.workers import calibration


def runs(mean: float, between: float, noise: float, trainings: int = 40) -> list[list[list[float]]]:
    rng = np.random.default_rng(0)
    centres = rng.normal(mean, between, trainings)
    return [(centre + rng.normal(0, noise, (200, 5))).tolist() for centre in centres]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_proposed_threshold_is_passed_and_the_target_is_stricter(sign: int) -> None:
    threshold = Threshold(metric="mae", at_most=2.0) if sign == 1 else Threshold(metric="accuracy", at_least=0.5)
    drawn = runs(1.0, 0.02, 0.03)
    found = propose(threshold, drawn, 1.0, None)
    worst = [max(sign * value for value in tests) for run in drawn for tests in run]

    def chance(limit: float) -> float:
        return sum(value <= sign * limit for value in worst) / len(worst)

    assert chance(found.hardest) == pytest.approx(0.99, abs=0.001)
    assert chance(found.hardest - sign * 0.001) < 0.99
    assert sign * (found.threshold - found.hardest) == pytest.approx(0.03, abs=0.011)
    # The noise of five tests at once: the worst of five is Φ⁻¹(0.99^(1/5)) = 2.877 standard deviations out in 1 %.
    assert sign * (found.threshold - found.target) == pytest.approx(2.877 * 0.03, abs=0.011)
    assert found.between_draws == pytest.approx(0.03, rel=0.02)
    assert found.between_trainings == pytest.approx(0.02, rel=0.3)
    assert found.mean == pytest.approx(1.0, abs=0.02)
    assert found.current_chance == (1.0 if sign == 1 else pytest.approx(1.0))


def test_who_reaches_the_target_passes_every_test_in_99_percent() -> None:
    found = propose(Threshold(metric="mae", at_most=2.0), runs(1.0, 0.02, 0.03), 1.0, None)
    draws = np.random.default_rng(1).normal(found.target, 0.03, (20_000, 5))
    assert np.mean((draws <= found.threshold).all(axis=1)) >= 0.988


def test_chances_rise_with_easier_thresholds() -> None:
    for threshold in (Threshold(metric="rmse", at_most=2.0), Threshold(metric="macro_f1", at_least=0.5)):
        chances = [chance for _, chance in propose(threshold, runs(1.0, 0.02, 0.03), 1.0, None).chances]
        assert chances == sorted(chances)
        assert chances[0] < 0.05
        assert chances[-1] == 1.0


def test_a_metric_without_noise_is_no_stumbling_block() -> None:
    found = propose(Threshold(metric="mae", at_most=0.13), [[[0.1]], [[0.1]]], 2.0, ("always zero", 0.5))
    assert found.threshold == pytest.approx(0.1, abs=1e-5)
    assert found.target == pytest.approx(0.1, abs=1e-5)


def test_the_report_warns_of_cheap_models_and_targets_out_of_reach() -> None:
    def said(proposal: calibrating.Proposal) -> str:
        return calibrating.report(
            Calibration(problem="x", content="c", mockexam="0", trainings=2, sets=1, margin=0.0, proposals=(proposal,))
        )

    threshold, drawn = Threshold(metric="mae", at_most=2.0), runs(1.0, 0.02, 0.03)
    assert "always zero, 0.9: TOO CLOSE" in said(propose(threshold, drawn, 0.0, ("always zero", 0.9)))
    assert "always zero, 3\n" in said(propose(threshold, drawn, 0.0, ("always zero", 3.0)))
    assert "misses that target" in said(propose(threshold, runs(1.0, 0.0, 0.03), 0.0, None))
    assert "misses that target" not in said(propose(threshold, drawn, 4.0, None))


@pytest.mark.parametrize("metric", ["mae", "rmse", "accuracy", "macro_f1"])
def test_draws_are_those_of_the_grader(metric: str) -> None:
    rng = np.random.default_rng(3)
    labels: np.ndarray
    if metric in ("mae", "rmse"):
        predictions, labels = rng.normal(size=(300, 1)).astype(np.float32), rng.normal(size=(300, 1))
        rules = Scoring(thresholds=(Threshold(metric=metric, at_most=1.0),), draw_size=50)
    else:
        predictions, labels = rng.dirichlet([1, 1, 1], 300).astype(np.float32), rng.integers(0, 3, 300)
        rules = Scoring(thresholds=(Threshold(metric=metric, at_least=0.5),), draw_size=50)
    (ours,) = calibration.over_draws(predictions, labels, rules, 1, "k")[metric]
    tests = scores.score(predictions, labels, rules, "k/0").tests
    assert ours == pytest.approx([test.values[metric] for test in tests])


def test_graded_thresholds_take_the_whole_hidden_set() -> None:
    rules = Scoring(
        thresholds=(Threshold(metric="mae", at_most=0.1),), mode="ladder", tests=2, graded_thresholds=(0.2, 0.1)
    )
    zeros, values = np.zeros((4, 1), np.float32), np.array([[1.0], [2.0], [3.0], [4.0]])
    assert calibration.over_draws(zeros, values, rules, 9, "k") == {"mae": [[2.5]]}


@pytest.mark.slow
def test_a_new_pack_is_calibrated(tmp_path: Path) -> None:
    new_pack(tmp_path / "pack", [1], author="Ada")
    (problem,) = read_pack(tmp_path / "pack").problems
    found = calibrating.calibrate(
        problem, trainings=2, margin=1.0, seed=1, cache=tmp_path / "cache", progress=lambda *_: None
    )
    (proposal,) = found.proposals
    assert (found.trainings, found.sets) == (2, calibrating.SETS)
    assert proposal.current == 0.15
    assert proposal.current_chance == 1.0
    assert 0 < proposal.mean < proposal.threshold < 0.01
    assert statistics.fmean([proposal.threshold, proposal.target]) < 0.01
