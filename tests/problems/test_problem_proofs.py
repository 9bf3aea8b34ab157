"""The reports that are committed beside the problems say what holds now, and nothing that is wrong."""

from __future__ import annotations

import msgspec
import pytest

from mockexam.packs.authoring import proving
from mockexam.packs.authoring.calibrating import Calibration
from mockexam.packs.format.model import Pack, Problem

SEED = 1


def test_a_committed_proof_is_current_and_right(problem: Problem, pack: Pack) -> None:
    if not (problem.folder / "proof.json").is_file():
        pytest.skip("no proof is committed")
    proof = proving.earlier(problem, SEED, pack.form)
    assert proof is not None, "run `mockexam pack prove` and commit the reports"
    assert proof.right, [proof.lacking, [finding.name for finding in proof.findings if not finding.right]]


def test_a_committed_calibration_speaks_for_the_bar(problem: Problem) -> None:
    path = problem.folder / "calibration.json"
    if not path.is_file():
        pytest.skip("no calibration is committed")
    calibration = msgspec.json.decode(path.read_bytes(), type=Calibration)
    threshold = problem.scoring.thresholds[0]
    (proposal,) = calibration.proposals
    assert (proposal.metric, proposal.current) == (
        threshold.metric,
        threshold.at_most if threshold.at_most is not None else threshold.at_least,
    )
    assert proposal.current_chance is not None
    assert proposal.current_chance >= 0.99
