"""What isn't a model's is refused before anything is built from a file, and without any lock nothing of it happens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child import hostile_configurations as hostile
from tests.graders.child.conftest import Examiner

CONTRACT = Contract(input_shape=(4,), output_shape=(1,), input_dtype="float32")
ROWS = np.zeros((3, 4), np.float32)
CASES = sorted(hostile.cases(Path("marker")))


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_by_rule_and_has_no_effect(examiner: Examiner, tmp_path: Path, name: str) -> None:
    marker = tmp_path / "marker"
    case = hostile.cases(marker)[name]
    files = [
        hostile.written(case, version, tmp_path / f"{version[0]}{suffix}")
        for suffix in (".h5", ".keras")
        for version in ("2.9.0", "3.15.1")
    ]

    refusals = {file.name: examiner.examine(file, CONTRACT, ROWS).refusal for file in files}

    assert {one.code in case.codes for one in refusals.values()} == {True}, refusals
    assert all(one.found and one.advice for one in refusals.values())
    assert not marker.exists()


def test_a_function_written_elsewhere_is_called_by_its_name(examiner: Examiner, tmp_path: Path) -> None:
    case = hostile.cases(tmp_path / "marker")["function-without-module"]

    refusal = examiner.examine(hostile.written(case, "3.15.1", tmp_path / "mymodel.keras"), CONTRACT, ROWS).refusal

    assert refusal.found == "mine, written elsewhere"


def test_there_are_many() -> None:
    assert len(CASES) >= 100
