"""Which Pythons are asked about first: those in the project, and those that others can change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.interpreter import Interpreter, this_python
from mockexam.interpreters.named import named
from tests.interpreters import trees

STRANGER = 12345


@pytest.fixture
def project(home: Path) -> Path:
    (home / "exam").mkdir()
    return home / "exam"


@pytest.fixture
def python(home: Path) -> Interpreter:
    trees.installed(home / "base", "3.8", patch="3.8.18")
    return named(str(home / "base"))


def told(interpreter: Interpreter, project: Path | None = None) -> list[str]:
    return [doubt.english for doubt in doubts(interpreter, project)]


def test_what_only_this_user_can_change_raises_none(python: Interpreter, project: Path) -> None:
    assert told(python, project) == []


def test_the_python_that_runs_us_raises_none(project: Path) -> None:
    assert told(this_python(), Path("/")) == []


@pytest.mark.parametrize("place", [".venv", "Category1/deep/env"])
def test_one_inside_the_project_is_asked_about(python: Interpreter, project: Path, place: str) -> None:
    trees.venv(project / place, python.prefix, "3.8.18")
    (doubt,) = told(named(str(project / place)), project)
    assert doubt == f"It lies inside the project: {project / place / 'bin/python'}. Did you put it there?"


def test_a_link_to_one_inside_the_project_is_asked_about(python: Interpreter, project: Path, home: Path) -> None:
    trees.venv(project / "env", python.prefix, "3.8.18")
    (home / "innocent").symlink_to(project / "env")
    assert len(told(named(str(home / "innocent")), project)) == 1
    (home / "same-project").symlink_to(project)
    assert len(told(named(str(project / "env")), home / "same-project")) == 1


def test_a_base_inside_the_project_is_asked_about(home: Path, project: Path) -> None:
    trees.installed(project / "base", "3.8", patch="3.8.18")
    trees.venv(home / "env", project / "base", "3.8.18")
    assert len(told(named(str(home / "env")), project)) == 1


@pytest.mark.parametrize(
    "place",
    ["", "bin", "bin/python3.8", "lib/python3.8/site-packages", "lib/python3.8", "lib/python3.8/site-packages/x.pth"],
)
def test_what_everybody_can_change_is_asked_about(python: Interpreter, place: str) -> None:
    path = python.prefix / place
    if not path.exists():
        path.touch()
    path.chmod(0o777)
    assert told(python) == [f"{path} can be changed by everybody on this machine."]


def test_a_folder_above_counts_too(python: Interpreter, home: Path) -> None:
    home.chmod(0o757)
    assert told(python) == [f"{home} can be changed by everybody on this machine."]


def test_in_a_folder_like_tmp_others_can_change_nothing_of_ours(python: Interpreter, home: Path) -> None:
    home.chmod(0o1777)
    assert told(python) == []


def test_but_a_package_folder_like_tmp_takes_files_of_others(python: Interpreter) -> None:
    site = trees.site_of(python.prefix, "3.8")
    site.chmod(0o1777)
    assert len(told(python)) == 1


def test_a_group_that_has_only_this_user_is_no_others(python: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    python.prefix.chmod(0o775)
    monkeypatch.setattr("mockexam.interpreters.doubts._has_others", lambda gid: False)
    assert told(python) == []
    monkeypatch.setattr("mockexam.interpreters.doubts._has_others", lambda gid: True)
    (doubt,) = told(python)
    assert f"{python.prefix} can be changed by the group" in doubt


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to somebody else needs root")
def test_what_belongs_to_somebody_else_is_asked_about(python: Interpreter, home: Path) -> None:
    os.chown(python.prefix / "bin", STRANGER, -1)
    assert told(python) == [f"{python.prefix / 'bin'} belongs to {STRANGER}, who can change it."]


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to somebody else needs root")
def test_a_stranger_s_folder_in_tmp_is_asked_about(python: Interpreter, home: Path) -> None:
    home.chmod(0o1777)
    os.chown(python.prefix, STRANGER, -1)
    assert len(told(python)) == 1


def test_no_more_are_told_than_anybody_reads(python: Interpreter) -> None:
    for folder in (python.prefix, python.prefix / "bin", python.prefix / "lib", python.prefix / "lib/python3.8"):
        folder.chmod(0o777)
    assert len(told(python)) == 3


def test_a_folder_that_a_pth_file_adds_counts_too(python: Interpreter, home: Path) -> None:
    (home / "shared").mkdir()
    (trees.site_of(python.prefix, "3.8") / "more.pth").write_text(f"{home / 'shared'}\n")
    assert told(python) == []
    (home / "shared").chmod(0o777)
    assert told(python) == [f"{home / 'shared'} can be changed by everybody on this machine."]
