"""Asking a Python about itself: bounded in time and output, with nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from mockexam.interpreters.asking import MOST, Answer, ask
from mockexam.interpreters.description import describe, refuse_unless_it_starts
from mockexam.interpreters.interpreter import Interpreter, this_python
from mockexam.interpreters.named import InterpreterError, named
from mockexam.interpreters.packages import search_path
from mockexam.preload.switches import Switches
from mockexam.running.environment import program_environment
from tests.interpreters import trees


@pytest.fixture
def environment(tmp_path: Path) -> Interpreter:
    """A real environment without packages."""
    root = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    return named(str(root))


def variables(interpreter: Interpreter) -> Mapping[str, str]:
    return program_environment(interpreter, Switches(keras_2=interpreter.legacy))


def at_start(interpreter: Interpreter, code: str) -> None:
    """Have it run `code` whenever it starts."""
    site = trees.site_of(interpreter.prefix, f"{sys.version_info[0]}.{sys.version_info[1]}")
    (site / "sitecustomize.py").write_text(code)


def test_one_that_starts_is_not_refused(environment: Interpreter) -> None:
    refuse_unless_it_starts(environment, variables(environment))


def test_noise_is_no_answer_and_does_no_harm(environment: Interpreter) -> None:
    at_start(environment, "print('{}' * 1000000)")
    refuse_unless_it_starts(environment, variables(environment))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os; os._exit(3)", "its end with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "its end by signal 9"),
        ("import time; time.sleep(60)", "none within 0.7 s"),
    ],
)
def test_one_that_doesnt_start_is_refused(
    environment: Interpreter, code: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockexam.interpreters.description.SECONDS_TO_START", 0.7)
    at_start(environment, f"print('last words', flush=True)\n{code}")
    with pytest.raises(InterpreterError) as caught:
        refuse_unless_it_starts(environment, variables(environment))
    assert str(caught.value.found) == found
    assert "last words" in caught.value.log


def test_one_of_another_version_is_refused(environment: Interpreter) -> None:
    mistaken = msgspec.structs.replace(environment, python="3.8.18")
    with pytest.raises(InterpreterError) as caught:
        refuse_unless_it_starts(mistaken, variables(environment))
    assert "when it was started" in str(caught.value.found)


def test_a_file_that_cant_be_run_is_refused(home: Path) -> None:
    trees.installed(home / "base", "3.8", patch="3.8.18")
    fake = named(str(home / "base"))
    with pytest.raises(InterpreterError) as caught:
        refuse_unless_it_starts(fake, variables(fake))
    assert "format" in str(caught.value.found)


def test_without_tensorflow_it_says_so(environment: Interpreter) -> None:
    said = describe(environment, variables(environment))
    assert said.python == environment.python
    assert (said.tensorflow, said.gpus) == (None, ())
    assert said.fault == "ModuleNotFoundError: No module named 'tensorflow'"


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_the_path_read_from_files_is_the_one_that_python_has(
    plain_python: Callable[[str], Path], version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = named(str(plain_python(version)))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    path = [Path(folder) for folder in describe(interpreter, variables(interpreter)).path if folder]
    there = [folder for folder in path if folder.exists()]
    assert search_path(interpreter.installation) == there


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_modules_read_from_files_are_those_that_python_finds(plain_python: Callable[[str], Path], version: str) -> None:
    interpreter = named(str(plain_python(version)))
    code = "import pkgutil, sys; print(*{one.name for one in pkgutil.iter_modules()} | set(sys.builtin_module_names))"
    run = subprocess.run([interpreter.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    names = {name for name in run.stdout.split() if name.isidentifier()}
    assert len(names) > 200
    assert names - interpreter.modules() == set()


@pytest.mark.slow
def test_versions_are_those_that_were_imported(other_python: Callable[[str], Path]) -> None:
    interpreter = named(str(other_python("py38-tf213")))
    said = describe(interpreter, variables(interpreter))
    assert (said.tensorflow, said.keras, said.fault) == (interpreter.tensorflow, "2.13.1", None)
    assert said.numpy == interpreter.versions["numpy"]


@pytest.mark.slow
def test_with_keras_2_it_is_asked_as_it_is_run() -> None:
    said = describe(this_python(2), variables(this_python(2)))
    assert said.keras == this_python().versions["tf-keras"]


# The process that asks


def python(code: str, seconds: float = 20.0) -> Answer:
    return ask([sys.executable, "-I", "-S", "-c", f"import os, sys, time; {code}"], os.environ, seconds)


def test_an_answer_and_what_was_printed_are_apart() -> None:
    answer = python("print('out'); os.write(int(sys.argv[1]), b'said'); sys.exit(5)")
    assert answer == (b"said", "out\n", 5)


def test_an_answer_without_end_is_cut() -> None:
    said, printed, code = python("os.write(int(sys.argv[1]), b'x' * 3000000); print('y' * 3000000)")
    assert (len(said), len(printed), code) == (MOST, MOST, 0)


def test_it_ends_at_its_time_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"os.fork(); open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    before = time.monotonic()
    assert python(code, 1.0).code is None
    assert time.monotonic() - before < 5
    running = [int(pid) for pid in pids.read_text().split()]
    assert len(running) == 2
    for pid in running:
        _wait_until_gone(pid)


def test_a_child_that_outlives_it_doesnt_hold_us_up(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"os.fork() and os._exit(0); open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    before = time.monotonic()
    assert python(code, 20.0).code == 0
    assert time.monotonic() - before < 10


def test_it_neither_reads_our_input_nor_runs_in_our_folder() -> None:
    said, _, _ = python("os.write(int(sys.argv[1]), (os.getcwd() + sys.stdin.read()).encode())")
    assert said == b"/"


def _wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"{pid} is still running")


@pytest.mark.skipif(not Path("/usr/bin/python3").is_file(), reason="this system has no Python of its own")
def test_the_path_of_the_systems_python_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    interpreter = named("/usr/bin/python3")
    said = describe(interpreter, variables(interpreter)).path
    assert interpreter.search_path() == [Path(folder) for folder in said if folder and Path(folder).exists()]
