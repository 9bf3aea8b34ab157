"""What a rescue has saved is nobody's model until the candidate names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.errors import SubmissionError
from mockexam.preload.rescued import is_rescued
from mockexam.sitting.model_files import find_model
from mockexam.workspace.watch import ModelWatch

RESCUED = (
    "unsaved-20261130T141500.keras",
    "unsaved-20261130T141500-2.h5",
    "unsaved-20261130T141500.weights.h5",
    "unsaved-20261130T141500",
)


def test_names() -> None:
    assert all(map(is_rescued, (*RESCUED, ".unsaved-4711.partial")))
    assert not any(map(is_rescued, ("mymodel.keras", "unsaved.keras", "unsaved-2.h5", f"{RESCUED[0]}.bak", ".unsaved")))


def test_it_is_neither_found_nor_offered(tmp_path: Path) -> None:
    folder = tmp_path / "Category1"
    folder.mkdir()
    now = [0.0]
    watch = ModelWatch(folder, quiet=1.0, monotonic=lambda: now[0])
    for name in RESCUED[:-1]:
        (folder / name).write_bytes(b"PK model")
    (folder / RESCUED[-1]).mkdir()
    (folder / RESCUED[-1] / "saved_model.pb").write_bytes(b"model")
    for _ in range(3):
        assert watch.poll() == []
        now[0] += 2
    with pytest.raises(SubmissionError):
        find_model(tmp_path, 1)
    (folder / RESCUED[0]).rename(folder / "mymodel.keras")
    assert find_model(tmp_path, 1).path == folder / "mymodel.keras"
