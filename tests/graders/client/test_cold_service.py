"""The way that systems other than Linux take, forced here: a process for each submission, level "none"."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold

pytestmark = pytest.mark.real_time


def _task(folder: Path) -> Task:
    hidden = folder / "hidden.npz"
    np.savez(hidden, inputs=np.zeros((8, 4), np.float32), labels=np.zeros((8, 1), np.float32))
    scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=9.0),), draw_size=8)
    contract = Contract(input_shape=(4,), output_shape=(1,))
    return Task(contract=contract, scoring=scoring, hidden=str(hidden), limits=Limits(wall_seconds=60.0))


def test_a_cold_child_opens_the_file_and_says_what_is_in_force(tmp_path: Path) -> None:
    model = tmp_path / "mymodel.h5"
    with h5py.File(model, "w") as file:
        file["nothing"] = [1, 2, 3]
    service = Service(cold=True)
    try:
        verdict = service.submit(model, _task(tmp_path), key="k").result(200)
        level = service.isolation_report()["level"]
    finally:
        service.stop()

    assert verdict.outcome == "refused", verdict.reason
    assert verdict.reason is not None
    assert verdict.reason.code == "weights-only"  # only who has opened the file can tell
    assert verdict.isolation == level == "none"
