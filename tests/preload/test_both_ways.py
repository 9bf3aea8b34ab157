"""A program is the same program with our folder before it: whatever it can see or say is as in a shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.preload.switches import FOLDER, Switches, variables
from tests.preload.programs import PROGRAMS, WHERE, Outcome, Program, outcome, starter

# What a program finds in `sys.modules` beside its own: our package, and what any module may import.
OURS = ("mockexam_preload", "__future__")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_without(name: str, python: Path, packages: Path, tmp_path: Path) -> None:
    log, kept = tmp_path / "log", tmp_path / "kept"
    kept.mkdir()
    switches = Switches(keras_2=True, plots=kept, rescue=kept, log=log)
    plain = outcome(python, PROGRAMS[name], tmp_path / "project", Switches(), path=packages)
    preloaded = outcome(python, PROGRAMS[name], tmp_path / "project", switches, path=packages)
    out = "".join(line for line in preloaded.out.splitlines(True) if not line.startswith(OURS))
    assert preloaded._replace(out=out) == plain
    assert not log.exists(), log.read_text("utf-8")
    assert not list(kept.iterdir())


def test_a_virtual_environment_has_its_own_sitecustomize(python: Path, packages: Path, tmp_path: Path) -> None:
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    inside = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    (inside / "sitecustomize.py").write_text("import sys\nsys.said = __name__, __file__, list(sys.path)", "utf-8")
    (inside / "before.pth").write_text("import sys; sys.before = 'sitecustomize' in sys.modules", "utf-8")
    program = starter(WHERE + "print(sys.said, sys.before, sys.prefix, sys.modules['sitecustomize'])")
    own = tmp_path / "venv" / "bin" / "python"
    plain = outcome(own, program, tmp_path / "project", Switches(), path=packages)
    assert str(inside / "sitecustomize.py") in plain.out
    assert outcome(own, program, tmp_path / "project", Switches(keras_2=True), path=packages) == plain


def test_a_sitecustomize_that_exits_ends_it_with_the_same_words(python: Path, packages: Path, tmp_path: Path) -> None:
    """Python tells of a start-up that breaks with a traceback, in which our frame can't be hidden."""
    files = {"starter.py": "print('never')", "lib/sitecustomize.py": "import sys\nsys.exit(8)"}
    program = Program(("starter.py",), files, {"PYTHONPATH": "lib"})
    plain = outcome(python, program, tmp_path / "project", Switches(), path=packages)
    preloaded = outcome(python, program, tmp_path / "project", Switches(keras_2=True), path=packages)
    assert (preloaded.code, preloaded.out) == (plain.code, plain.out)
    assert preloaded.err.splitlines()[-1] == plain.err.splitlines()[-1]


def test_without_site_nothing_starts_and_the_folder_stays_on_the_path(
    python: Path, packages: Path, tmp_path: Path
) -> None:
    program = Program(("-S", "-c", "import sys; print(sys.path, *sys.modules)"), {})
    preloaded = outcome(python, program, tmp_path / "project", Switches(keras_2=True), path=packages)
    assert str(FOLDER) in preloaded.out
    assert "mockexam_preload" not in preloaded.out


def test_python_2_is_left_alone(tmp_path: Path) -> None:
    python = next(Path.home().glob(".pyenv/versions/2.7.*/bin/python"), None)
    if python is None:
        pytest.skip("no Python 2.7 on this machine")
    program = Program(("-c", "import sys; print(sys.path, 'sitecustomize' in sys.modules)"), {})
    plain = outcome(python, program, tmp_path / "project", Switches())
    assert outcome(python, program, tmp_path / "project", Switches(keras_2=True)) == plain
    assert plain.code == 0


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("mockexam_preload/keras_2.py", "raise ValueError('our fault')"),
        ("mockexam_preload/keras_2.py", "def start(settings):\n    raise ValueError('our fault')"),
        ("mockexam_preload/keras_2.py", "def start(settings:\n"),
        ("mockexam_preload/keras_2.py", None),
    ],
)
def test_a_fault_of_ours_is_told_in_the_log_alone(
    broken: str, text: str | None, packages: Path, tmp_path: Path
) -> None:
    folder, log = tmp_path / "folder", tmp_path / "log"
    run = _with_a_fault(folder, broken, text, packages, log)
    assert run == Outcome(0, "well\n", "")
    told = log.read_text("utf-8")
    assert "our fault" in told or "SyntaxError" in told or "ModuleNotFoundError" in told
    assert told.count("Traceback") == 1


@pytest.mark.parametrize("log", ["nowhere/log", "."])
def test_a_log_that_cant_be_written_is_silent(log: str, packages: Path, tmp_path: Path) -> None:
    run = _with_a_fault(tmp_path / "folder", "mockexam_preload/keras_2.py", "1 / 0", packages, tmp_path / log)
    assert run == Outcome(0, "well\n", "")


def test_a_package_that_is_broken_is_silent(packages: Path, tmp_path: Path) -> None:
    broken = "mockexam_preload/__init__.py"
    run = _with_a_fault(tmp_path / "folder", broken, "1 / 0", packages, tmp_path / "log")
    assert run == Outcome(0, "well\n", "")


def _with_a_fault(folder: Path, broken: str, text: str | None, packages: Path, log: Path) -> Outcome:
    """What a program says with a copy of our folder of which one file is wrong, or missing."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / broken).unlink() if text is None else (folder / broken).write_text(text, "utf-8")
    ours = variables(Switches(keras_2=True, log=log), {"PYTHONPATH": str(packages)})
    environment = {**ours, "PYTHONPATH": ours["PYTHONPATH"].replace(str(FOLDER), str(folder))}
    text = "import sys\nassert not [e for e in sys.path if e.endswith('folder')]\nprint('well')"
    return outcome(
        Path(sys.executable), starter(text)._replace(environment=environment), folder.parent / "project", Switches()
    )
