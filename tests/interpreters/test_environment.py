"""What activating an environment gives to a program, whatever was active before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.environment import activated, read_scripts
from mockexam.interpreters.interpreter import Change, Interpreter, this_python
from mockexam.interpreters.named import named
from mockexam.preload.switches import FOLDER, Switches
from mockexam.running.environment import program, program_environment
from tests.interpreters import trees

SYSTEM = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def base(home: Path) -> Path:
    trees.installed(home / "base", "3.8", patch="3.8.18")
    return home / "base"


@pytest.fixture
def venv(home: Path, base: Path) -> Interpreter:
    trees.venv(home / "env", base, "3.8.18")
    return named(str(home / "env"))


@pytest.fixture
def conda(home: Path) -> Interpreter:
    trees.conda(home / "miniconda3/envs/tf", "3.8.18")
    return named(str(home / "miniconda3/envs/tf"))


def test_a_venv(venv: Interpreter) -> None:
    assert activated(venv, {"PATH": SYSTEM, "LANG": "C"}) == {
        "PATH": f"{venv.prefix / 'bin'}:{SYSTEM}",
        "LANG": "C",
        "VIRTUAL_ENV": str(venv.prefix),
    }


def test_it_is_what_its_own_script_gives(home: Path) -> None:
    root = home / "real"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    before = {"PATH": SYSTEM, "HOME": str(home), "PYTHONHOME": "/nowhere", "VIRTUAL_ENV_DISABLE_PROMPT": "1"}
    script = f". {root}/bin/activate; exec env -0"
    printed = subprocess.run(["bash", "-c", script], env=before, capture_output=True, check=True, text=True).stdout
    by_script = dict(line.split("=", 1) for line in printed.split("\0") if line)
    ours = activated(named(str(root)), before)
    for name in ("VIRTUAL_ENV_PROMPT", "_", "PWD", "SHLVL", "OLDPWD", "PS1"):
        by_script.pop(name, None)
    assert ours == by_script


def test_conda(conda: Interpreter, home: Path) -> None:
    given = activated(conda, {"PATH": SYSTEM})
    assert given == {
        "PATH": f"{conda.prefix / 'bin'}:{SYSTEM}",
        "CONDA_PREFIX": str(conda.prefix),
        "CONDA_DEFAULT_ENV": "tf",
        "CONDA_SHLVL": "1",
    }
    trees.conda(home / "miniconda3", "3.11.5")
    (home / "miniconda3/condabin").mkdir()
    assert activated(named(str(home / "miniconda3")), {})["CONDA_DEFAULT_ENV"] == "base"
    trees.conda(home / "elsewhere", "3.11.5")
    assert activated(named(str(home / "elsewhere")), {})["CONDA_DEFAULT_ENV"] == str(home / "elsewhere")


def test_another_python_has_only_its_folder(base: Path) -> None:
    assert activated(named(str(base)), {"PATH": SYSTEM}) == {"PATH": f"{base / 'bin'}:{SYSTEM}"}


def test_ours_and_whatever_was_active_are_gone(venv: Interpreter) -> None:
    ours = str(Path(sys.prefix, "bin"))
    before = {
        "PATH": f"/x/venv/bin:{ours}:/x/conda/condabin:/x/conda/bin:{SYSTEM}",
        "VIRTUAL_ENV": "/x/venv",
        "VIRTUAL_ENV_PROMPT": "x",
        "CONDA_PREFIX": "/x/conda",
        "CONDA_PREFIX_1": "/x",
        "CONDA_DEFAULT_ENV": "x",
        "CONDA_SHLVL": "2",
        "CONDA_EXE": "/x/conda/bin/conda",
        "PYTHONHOME": "/x",
        "__PYVENV_LAUNCHER__": "/x",
        "PYTHONPATH": "/my/own",
    }
    assert activated(venv, before) == {
        "PATH": f"{venv.prefix / 'bin'}:/x/conda/condabin:/x/conda/bin:{SYSTEM}",
        "VIRTUAL_ENV": str(venv.prefix),
        "CONDA_EXE": "/x/conda/bin/conda",
        "PYTHONPATH": "/my/own",
    }


def test_a_conda_environment_replaces_another(conda: Interpreter) -> None:
    before = {"PATH": f"/x/conda/bin:/x/conda/condabin:{SYSTEM}", "CONDA_PREFIX": "/x/conda", "CONDA_SHLVL": "1"}
    given = activated(conda, before)
    assert given["PATH"] == f"{conda.prefix / 'bin'}:/x/conda/condabin:{SYSTEM}"
    assert given["CONDA_PREFIX"] == str(conda.prefix)


def test_this_python_is_activated_too() -> None:
    given = activated(this_python(), {"PATH": SYSTEM})
    assert given["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_without_a_path_the_systems_own_stays_reachable(venv: Interpreter) -> None:
    assert activated(venv, {})["PATH"] == f"{venv.prefix / 'bin'}:{os.defpath}"


# Activation scripts


def script(conda: Interpreter, text: str, name: str = "a.sh") -> None:
    folder = conda.prefix / "etc/conda/activate.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_scripts_are_read_once_and_repeated(conda: Interpreter, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    script(
        conda,
        f"""
echo noise; echo >&2 more; echo x >> {mark}
export XLA_FLAGS="--data=$CONDA_PREFIX/lib" LD_LIBRARY_PATH="$CONDA_PREFIX/lib:$LD_LIBRARY_PATH"
export PATH="$CONDA_PREFIX/more:$PATH" WORDS="two
lines"
unset GONE
LOCAL=1
""",
    )
    script(conda, "export SECOND=$XLA_FLAGS", "b.sh")
    before = {"PATH": SYSTEM, "LD_LIBRARY_PATH": "/old", "GONE": "1", "BASH_ENV": "/nowhere"}
    changes = read_scripts(conda, before)
    prefix = str(conda.prefix)
    assert changes == {
        "GONE": Change(),
        "LD_LIBRARY_PATH": Change(before=f"{prefix}/lib:"),
        "PATH": Change(before=f"{prefix}/more:"),
        "SECOND": Change(value=f"--data={prefix}/lib"),
        "WORDS": Change(value="two\nlines"),
        "XLA_FLAGS": Change(value=f"--data={prefix}/lib"),
    }
    chosen = msgspec.structs.replace(conda, variables=changes)
    later = activated(chosen, {"PATH": "/bin", "LD_LIBRARY_PATH": "/new", "GONE": "2"})
    assert later["PATH"] == f"{prefix}/more:{prefix}/bin:/bin"
    assert later["LD_LIBRARY_PATH"] == f"{prefix}/lib:/new"
    assert "GONE" not in later
    assert activated(chosen, {})["LD_LIBRARY_PATH"] == f"{prefix}/lib"
    assert mark.read_text() == "x\n"


def test_scripts_that_hang_or_fail_give_nothing(conda: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockexam.interpreters.environment.SECONDS_FOR_SCRIPTS", 0.5)
    for text in ("sleep 60 & sleep 60", "exit 3", "kill -9 $$", "exec 3>&- 4>&- 5>&- 6>&- 7>&-; yes"):
        script(conda, text)
        before = time.monotonic()
        assert read_scripts(conda, {"PATH": SYSTEM}) == {}
        assert time.monotonic() - before < 5


def test_only_conda_has_scripts(venv: Interpreter) -> None:
    script(venv, "export X=1")
    assert read_scripts(venv, {"PATH": SYSTEM}) == {}


# The whole environment of a program


def test_legacy_keras_is_asked_for_and_an_exported_one_is_not_believed(venv: Interpreter) -> None:
    base = {"PATH": SYSTEM, "TF_USE_LEGACY_KERAS": "1"}
    assert program_environment(this_python(2), Switches(keras_2=True), {})["TF_USE_LEGACY_KERAS"] == "1"
    for other in (this_python(3), venv):
        assert "TF_USE_LEGACY_KERAS" not in program_environment(other, Switches(), base)


def test_our_folder_stands_before_the_users_own_path(venv: Interpreter) -> None:
    base = {"PATH": SYSTEM, "PYTHONPATH": "/own", "MOCKEXAM_SECRET": "1", "MOCKEXAM_HOME": "/h", "COLUMNS": "80"}
    given = program_environment(venv, Switches(keras_2=True), base)
    assert given["PYTHONPATH"] == f"{FOLDER}{os.pathsep}/own"
    assert given["MOCKEXAM_HOME"] == "/h"
    assert not given.keys() & {"MOCKEXAM_SECRET", "COLUMNS"}
    assert program_environment(venv, Switches(), base)["PYTHONPATH"] == "/own"


def test_a_program_runs_where_it_lies_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "Category1" / "starter.py"
    script.parent.mkdir()
    script.write_text("import os, sys; print(os.getcwd(), sys.argv, sys.executable)")
    log = tmp_path / ".mockexam/runs/Category1-001.log"
    monkeypatch.chdir(tmp_path)
    run = program(script.relative_to(tmp_path), this_python(), log, ProgramRules())
    printed = subprocess.run(
        run.command, cwd=run.folder, env=run.environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout == f"{script.parent} ['starter.py'] {sys.executable}\n"


def test_the_rules_may_switch_the_rescue_off(tmp_path: Path) -> None:
    log = tmp_path / "Category1-001.log"
    environments = [
        program(tmp_path / "starter.py", this_python(), log, ProgramRules(rescue=rescue)).environment
        for rescue in (True, False)
    ]
    assert environments[0]["MOCKEXAM_PRELOAD_RESCUE"] == str(tmp_path)
    assert "MOCKEXAM_PRELOAD_RESCUE" not in environments[1]
    assert environments[1]["MOCKEXAM_PRELOAD_PLOTS"] == str(tmp_path / "Category1-001.plots")
