"""The variables that bring the parts in."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.preload.folder.mockexam_preload import PARTS
from mockexam.preload.folder.mockexam_preload import PREFIX as READ
from mockexam.preload.switches import DOES, FOLDER, PREFIX, Switches, parts, variables


def test_nothing_is_said_when_nothing_is_switched_on() -> None:
    assert variables(Switches(), {"PYTHONPATH": "/x"}) == {}
    assert variables(Switches(log=Path("/log")), {}) == {}


@pytest.mark.parametrize("switches", [Switches(keras_2=True), Switches(plots=Path("/p")), Switches(rescue=Path("/r"))])
def test_a_part_brings_the_folder(switches: Switches) -> None:
    assert variables(switches, {})["PYTHONPATH"] == str(FOLDER)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", []), ("/x", ["/x"]), ("/x:", ["/x", ""]), (f"{FOLDER}:/x", ["/x"]), (str(FOLDER), [])],
)
def test_the_path_of_the_user_is_kept_behind_it_once(before: str, after: list[str]) -> None:
    made = variables(Switches(keras_2=True), {"PYTHONPATH": before.replace(":", os.pathsep)})
    assert made["PYTHONPATH"].split(os.pathsep) == [str(FOLDER), *after]


def test_every_value_arrives_under_the_name_that_is_read() -> None:
    made = variables(Switches(keras_2=True, plots=Path("/p"), rescue=Path("/r"), log=Path("/l")), {})
    assert {name: value for name, value in made.items() if name.startswith(READ)} == {
        "MOCKEXAM_PRELOAD_KERAS_2": "1",
        "MOCKEXAM_PRELOAD_PLOTS": "/p",
        "MOCKEXAM_PRELOAD_RESCUE": "/r",
        "MOCKEXAM_PRELOAD_LOG": "/l",
    }
    assert PREFIX == READ
    assert tuple(DOES) == PARTS


def test_what_stands_before_a_program_can_be_shown() -> None:
    assert parts(Switches()) == ()
    way_in, keras_2 = parts(Switches(keras_2=True))
    assert way_in.files[0] == FOLDER / "sitecustomize.py"
    assert keras_2.switch == "keras_2"
    assert "tf_keras" in keras_2.does.english
    assert [file.name for file in keras_2.files] == ["keras_2.py", "keras_2_names.py"]
    assert [part.switch for part in parts(Switches(rescue=Path("/r"), plots=Path("/p")))] == ["", "plots", "rescue"]


def test_what_a_user_switches_off_is_off_and_the_keras_stays() -> None:
    switches = Switches(keras_2=True, plots=Path("/p"), rescue=Path("/r"))
    assert switches.without(["plots", "rescue", "keras_2"]) == Switches(keras_2=True)
    assert switches.without(()) == switches
    assert switches.without(["rescue"]).plots == Path("/p")


def test_every_file_of_the_folder_belongs_to_a_part() -> None:
    shown = {file for part in parts(Switches(keras_2=True, plots=Path("/p"), rescue=Path("/r"))) for file in part.files}
    assert {file for file in FOLDER.rglob("*.py") if file != FOLDER / "__init__.py"} - shown == set()
    assert not [file for file in shown if not file.is_file()]


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_file_before_programs_is_of_the_standard_library_and_python_3_7(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"), feature_version=(3, 7))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name for node in imports for alias in node.names} | {
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    }
    # The backend is imported by matplotlib, which the program has imported then.
    allowed = {"mockexam_preload", *(("matplotlib", "numpy") if file.name.startswith("plots") else ())}
    assert {name.partition(".")[0] for name in names} - sys.stdlib_module_names - allowed == set()


def test_starting_every_part_imports_little(tmp_path: Path) -> None:
    switches = Switches(keras_2=True, plots=tmp_path, rescue=tmp_path, log=tmp_path / "log")
    program = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    base = {"PATH": os.environ["PATH"]}
    plain, loaded = (
        set(subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout.split())
        for environment in (base, {**base, **variables(switches, base)})
    )
    assert {name for name in loaded - plain if not name.startswith("mockexam_preload")} <= {"__future__"}
    assert "mockexam_preload.keras_2" in loaded
