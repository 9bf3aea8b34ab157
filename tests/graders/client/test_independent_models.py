"""Models that look at other rows are refused, those that answer at random are scored from rows predicted singly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold, Verdict
from graders.trusted.findings import SINGLY

pytestmark = [pytest.mark.real_time, pytest.mark.slow]

ROWS, LENGTH = 300, 20
LOOKING = ("neighbours", "with_noise", "kept", "remembered", "fixed")
DISGUISED = {"with_noise", "kept"}
"""They may be taken for models that answer at random or from memory, and then each row is asked by itself."""
HONEST = ("mean", "normalised.keras", "lstm.h5", "stateful.keras", "half.keras", "augmented.keras")
UNREPEATABLE = ("at_random", "from_memory", "dropout.h5", "statistics.h5")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, str(Path(__file__).with_name("independent_models.py")), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    hidden = tmp_path_factory.mktemp("hidden") / "hidden.npz"
    walk = np.cumsum(np.random.default_rng(1).normal(size=ROWS + LENGTH + 1)).astype(np.float32)
    inputs = np.lib.stride_tricks.sliding_window_view(walk, LENGTH)[:ROWS, :, None]
    np.savez(hidden, inputs=inputs, labels=walk[LENGTH : LENGTH + ROWS, None])
    scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=0.1),))
    contract = Contract(input_shape=(LENGTH, 1), output_shape=(1,))
    return Task(contract=contract, scoring=scoring, hidden=str(hidden), limits=Limits(wall_seconds=60.0))


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def _verdict(service: Service, model: Path, task: Task, **more: Any) -> Verdict:
    return service.submit(model, task, key="k", **more).result(300)


def _code(verdict: Verdict) -> str:
    assert verdict.reason is not None, verdict
    return verdict.reason.code


@pytest.mark.parametrize("name", LOOKING)
def test_a_model_that_looks_at_other_rows_is_refused(name: str, service: Service, models: Path, task: Task) -> None:
    verdict = _verdict(service, models / name, task)

    if name in DISGUISED and verdict.outcome == "scored":
        assert str(SINGLY) in verdict.notes
        assert verdict.passed == 0
        return
    assert (verdict.outcome, _code(verdict)) == ("refused", "depends-on-others"), verdict


@pytest.mark.parametrize("name", HONEST)
def test_a_model_that_answers_row_by_row_is_scored(name: str, service: Service, models: Path, task: Task) -> None:
    verdict = _verdict(service, models / name, task)

    assert verdict.outcome == "scored", verdict.reason
    assert str(SINGLY) not in verdict.notes


@pytest.mark.parametrize("name", UNREPEATABLE)
def test_a_model_that_answers_differently_each_time_is_scored_singly(
    name: str, service: Service, models: Path, task: Task
) -> None:
    verdicts = [_verdict(service, models / name, task) for _ in range(2)]

    assert {verdict.outcome for verdict in verdicts} == {"scored"}
    assert {verdict.notes for verdict in verdicts} == {(str(SINGLY),)}
    if name != "at_random":  # whose file asks for other random numbers in each process
        assert verdicts[0].tests == verdicts[1].tests


@pytest.mark.parametrize("name", UNREPEATABLE)
def test_a_pack_may_refuse_such_a_model(name: str, service: Service, models: Path, task: Task) -> None:
    contract = msgspec.structs.replace(task.contract, unrepeatable="refused")

    verdict = _verdict(service, models / name, msgspec.structs.replace(task, contract=contract))

    assert (verdict.outcome, _code(verdict)) == ("refused", "unrepeatable"), verdict


def test_what_a_model_says_of_the_rows_is_kept_back_where_an_order_says_so(
    service: Service, models: Path, task: Task
) -> None:
    told = _verdict(service, models / "complaining", task)
    kept_back = _verdict(service, models / "complaining", task, told="codes")

    assert _code(told) == _code(kept_back) == "call-failed"
    assert told.reason is not None
    assert kept_back.reason is not None
    assert "it saw" in told.reason.found
    assert kept_back.reason.found == "the model stopped with an error of type InvalidArgumentError"


@pytest.mark.parametrize("name", ["normalised.keras", "dropout.h5"])
def test_it_is_the_same_where_each_child_starts_anew(name: str, models: Path, task: Task) -> None:
    service = Service(cold=True)
    try:
        verdict = _verdict(service, models / name, task)
    finally:
        service.stop()

    assert verdict.outcome == "scored", verdict.reason
    assert verdict.notes == ((str(SINGLY),) if name == "dropout.h5" else ())
