"""How many threads a model may have depends on how many there are."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from graders import threads

UNLIMITED = resource.RLIM_INFINITY


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An ordinary user on two processors, without limits and control groups."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (UNLIMITED, UNLIMITED))
    monkeypatch.setattr(threads, "CGROUPS", tmp_path)
    return monkeypatch


def test_without_limits_there_are_as_many_as_any_model_needs(limited: pytest.MonkeyPatch) -> None:
    assert threads.available() is None
    assert threads.most_for_a_model() == threads.OF_ANY_MODEL
    limited.setattr(os, "cpu_count", lambda: 200)  # TensorFlow starts hundreds by itself
    assert threads.most_for_a_model() > 4 * 200


@pytest.mark.parametrize(("most", "allowed"), [(60, 24 + 15), (600, 24 + 150), (100_000, 24 + threads.OF_ANY_MODEL)])
def test_two_models_never_take_all_that_a_user_may_have(most: int, allowed: int, limited: pytest.MonkeyPatch) -> None:
    limited.setattr(resource, "getrlimit", lambda _: (most, UNLIMITED))

    assert threads.most_for_a_model() == allowed
    limited.setattr(os, "geteuid", lambda: 0)
    assert threads.available() is None


@pytest.mark.parametrize(("line", "folder"), [("0::/a/b", "a"), ("7:pids:/a/b", "pids/a/b"), ("7:pids:/a/b", "pids")])
def test_a_control_group_above_counts_too(line: str, folder: str, limited: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "pids.max").write_text("12\n")
    (tmp_path / "pids.max").write_text("max\n")
    read = Path.read_text
    limited.setattr(
        Path, "read_text", lambda path, *a: f"1:cpu:/x\n{line}\n" if path.name == "cgroup" else read(path, *a)
    )

    assert threads.available() == 12
