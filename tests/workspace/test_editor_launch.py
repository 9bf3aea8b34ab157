"""Editors run programs with the environment of the Run window, and with nothing of the user's own in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.interpreter import Change, this_python
from mockexam.preload.switches import FOLDER
from mockexam.workspace.editor_launch import launch_of


def test_keras_2_of_this_python(tmp_path: Path) -> None:
    launch = launch_of(this_python(2), tmp_path, (1, 2), ProgramRules())
    assert (launch.executable, launch.name.endswith("Keras 2")) == (sys.executable, True)
    variables = launch.variables[2]
    assert variables["TF_USE_LEGACY_KERAS"] == "1"
    assert variables["PYTHONPATH"] == str(FOLDER)
    assert variables["MOCKEXAM_PRELOAD_RESCUE"] == str(tmp_path / "Category2")
    assert not variables.keys() & {"PATH", "TERM", "MOCKEXAM_PRELOAD_PLOTS"}
    assert launch.first[0] == str(Path(sys.executable).parent)


def test_a_pack_may_forbid_the_rescue(tmp_path: Path) -> None:
    launch = launch_of(this_python(), tmp_path, (1,), ProgramRules(rescue=False))
    assert not launch.variables[1].keys() & {"PYTHONPATH", "MOCKEXAM_PRELOAD_RESCUE", "TF_USE_LEGACY_KERAS"}


def test_what_is_switched_off_is_off_in_editors_too(tmp_path: Path) -> None:
    launch = launch_of(this_python(2), tmp_path, (1,), ProgramRules(), off=("rescue",))
    assert "MOCKEXAM_PRELOAD_RESCUE" not in launch.variables[1]
    assert launch.variables[1]["MOCKEXAM_PRELOAD_KERAS_2"] == "1"


def test_nothing_of_the_users_own_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "secret-1")
    monkeypatch.setenv("PYTHONPATH", "/secret-2")
    conda = replace(
        this_python(), ours=False, kind="conda", prefix=tmp_path, variables={"TOKEN": Change(value="secret-3")}
    )
    launch = launch_of(conda, tmp_path, (1,), ProgramRules())
    assert "secret" not in repr(launch)
    assert launch.variables[1]["CONDA_PREFIX"] == str(tmp_path)
