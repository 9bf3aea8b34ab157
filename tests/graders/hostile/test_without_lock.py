"""Where nothing holds a model's code, nothing that can reach code is opened: children at level none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold, Verdict
from tests.graders.child import hostile_configurations as hostile

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

# Code that ran at this level before there were rules, by functions, by another class than Lambda, and by a file.
CASES = {
    "op-keras.models.model_from_json": ("lambda",),
    "op-io.write_file": ("foreign-function",),
    "op-load_op_library": ("foreign-function",),
    "bytecode-residual": ("foreign-layer",),
}


class Submitted(NamedTuple):
    """What was submitted, and the folder of what it may leave behind."""

    folder: Path
    waiting: dict[str, Future[Verdict]]


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Submitted]:
    """All of them, where the problem allows Lambda layers: below level full it can't."""
    folder = tmp_path_factory.mktemp("unlocked")
    hidden = folder / "hidden.npz"
    np.savez(hidden, inputs=np.zeros((8, 4), np.float32), labels=np.zeros((8, 4), np.float32))
    task = Task(
        contract=Contract(input_shape=(4,), output_shape=(4,), lambda_allowed=True),
        scoring=Scoring(thresholds=(Threshold(metric="mae", at_most=1e9),), draw_size=8),
        hidden=str(hidden),
        limits=Limits(wall_seconds=60.0),
    )
    models = {
        name: hostile.written(case, "2.9.0", folder / f"{name}.h5")
        for name, case in hostile.cases(folder / "marker").items()
        if name in CASES
    }
    models["lambda"] = hostile.written(hostile.lambda_case(folder / "marker"), "2.9.0", folder / "lambda.h5")
    models["graph"] = folder / "graph"
    (models["graph"] / "variables").mkdir(parents=True)
    (models["graph"] / "saved_model.pb").write_bytes(b"\x08\x01")
    service = Service(cold=True)
    try:
        yield Submitted(folder, {name: service.submit(model, task, key="k") for name, model in models.items()})
    finally:
        service.stop()


@pytest.mark.parametrize(("name", "codes"), [*CASES.items(), ("lambda", ("lambda",)), ("graph", ("isolation",))])
def test_what_can_reach_code_is_refused_and_has_no_effect(
    name: str, codes: tuple[str, ...], submitted: Submitted
) -> None:
    verdict = submitted.waiting[name].result(400)

    assert verdict.isolation == "none"
    assert verdict.outcome == "refused", verdict
    assert verdict.reason is not None
    assert verdict.reason.code in codes
    assert not (submitted.folder / "marker").exists()
