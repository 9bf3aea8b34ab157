"""What our own processes don't have, though it is installed."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from graders import boot

HERE = Path(__file__).parent


def modules_of(*names: str, folder: Path) -> set[str]:
    """The top-level modules of one of our processes that has imported `names`."""
    run = subprocess.run(
        boot.command("tests.graders.imported_modules", names),
        capture_output=True,
        text=True,
        timeout=200,
        env=boot.environment(folder),
        cwd=folder,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_packages_are_there_for_programs() -> None:
    missing = [name for name in boot.PACKAGES_OF_CANDIDATES if PathFinder.find_spec(name) is None]

    assert not missing


def test_they_look_absent_to_the_process_that_holds_the_labels(tmp_path: Path) -> None:
    loaded = modules_of("graders.trusted.supervisor", "graders.scoring.scores", folder=tmp_path)

    assert "numpy" in loaded
    assert not loaded & boot.PACKAGES_OF_CANDIDATES


@pytest.mark.slow
def test_keras_does_without_them(tmp_path: Path) -> None:
    (tmp_path / "keras").mkdir()

    loaded = modules_of("graders.child.warm_process", "tensorflow", "keras", "tf_keras", folder=tmp_path)

    assert {"keras", "tf_keras"} <= loaded
    assert not loaded & boot.PACKAGES_OF_CANDIDATES


@pytest.mark.parametrize("name", ["pandas", "pandas.io", "matplotlib.pyplot", "tensorflow_datasets"])
def test_an_import_of_one_says_so(name: str, tmp_path: Path) -> None:
    run = subprocess.run(
        boot.command("tests.graders.imported_modules", [name]),
        capture_output=True,
        text=True,
        env=os.environ | boot.environment(tmp_path),
    )

    assert run.returncode != 0
    assert f"ModuleNotFoundError: No module named {name.partition('.')[0]!r}" in run.stderr
