"""Today's code writes files of the same names and forms as 0.1.0 did; test_old_release.py has 0.1.0 read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compatibility import entry_points, machines, writing
from tests.compatibility.forms import forms_below

FIXTURES = Path(__file__).with_name("v0_1_0")
MACHINES = ("running", "moved", "ended")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    writing.write(folder, entry_points.clock_at("2026-03-28T12:00:00+00:00", "boot-1", 1000.0))
    return folder


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_holds_files_of_the_same_form(written: Path, tmp_path: Path, name: str) -> None:
    for folder, place in ((FIXTURES, "before"), (written, "today")):
        machines.unpack(folder / f"{name}.tar.gz", tmp_path / place)
    assert forms_below(tmp_path / "today") == forms_below(tmp_path / "before")


@pytest.mark.parametrize("name", machines.FILES)
def test_a_file_has_the_same_form(written: Path, tmp_path: Path, name: str) -> None:
    for folder, place in ((FIXTURES, "before"), (written, "today")):
        (tmp_path / place).mkdir()
        (tmp_path / place / name).write_bytes((folder / name).read_bytes())
    assert forms_below(tmp_path / "today") == forms_below(tmp_path / "before")
