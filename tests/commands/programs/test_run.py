"""`mockexam run`: which file, which Python, and what a shell gets from it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mockexam.cli import main
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.interpreter import this_python
from mockexam.interpreters.named import named
from mockexam.running.environment import program
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.workspace import layout
from tests.interpreters import trees

TELL = """
import json, os, sys
print(json.dumps([os.getcwd(), sys.argv, sys.executable, dict(os.environ)]))
"""
VARYING = {"_", "SHLVL", "PWD", "OLDPWD", "LC_CTYPE", "MOCKEXAM_PRELOAD_PLOTS", "MOCKEXAM_PRELOAD_LOG"}
VARYING |= {"MOCKEXAM_PRELOAD_FIRST"}  # what stands before the program sets it there
Output = pytest.CaptureFixture[str]


@pytest.fixture
def attempt(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada Lovelace", tmp_path / "exam", "small", seed=7)
    exams.provision(attempt.id)
    attempt = exams.start(attempt.id)
    for category in attempt.problems:
        layout.starter(attempt.project, category).write_text(TELL + f"sys.exit({category})\n")
    return attempt


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment of the candidate's own, without packages."""
    root = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    return root


def told(output: pytest.CaptureFixture[str]) -> tuple[str, list[str], str, dict[str, str]]:
    """What a program that tells everything has told: folder, arguments, executable, variables."""
    folder, arguments, executable, variables = json.loads(output.readouterr().out)
    return folder, arguments, executable, variables


def logs(attempt: Attempt) -> list[str]:
    return sorted(path.name for path in (attempt.project / ".mockexam/runs").glob("*[0-9].log"))


# Which file


@pytest.mark.parametrize("text", ["3", "Category3", "category3/"])
def test_a_category_runs_its_starter_and_passes_the_code_on(attempt: Attempt, text: str, capfd: Output) -> None:
    assert main(["run", text]) == 3
    folder, arguments, executable, _ = told(capfd)
    assert Path(folder) == attempt.project / "Category3"
    assert arguments == ["starter.py"]
    assert executable == sys.executable
    assert logs(attempt) == ["Category3-001.log"]
    assert "starter.py" in (attempt.project / ".mockexam/runs/Category3-001.log").read_text()


def test_without_a_name_it_is_the_category_that_one_is_in(
    attempt: Attempt, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(attempt.project / "Category2")
    assert main(["run"]) == 2
    assert Path(told(capfd)[0]) == attempt.project / "Category2"


def test_a_file_of_the_project_runs_where_it_lies(
    attempt: Attempt, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = attempt.project / "Category1" / "other.py"
    other.write_text(TELL)
    monkeypatch.chdir(attempt.project)
    assert main(["run", "Category1/other.py"]) == 0
    folder, arguments, _, _ = told(capfd)
    assert (Path(folder), arguments) == (other.parent, ["other.py"])
    assert logs(attempt) == ["Category1-001.log"]


def test_outside_an_exam_a_file_runs_in_this_python(home: Home, tmp_path: Path, capfd: Output) -> None:
    script = tmp_path / "mine.py"
    script.write_text(TELL)
    assert main(["run", str(script)]) == 0
    folder, _, executable, variables = told(capfd)
    assert (Path(folder), executable) == (tmp_path, sys.executable)
    assert "TF_USE_LEGACY_KERAS" not in variables
    assert [path.name for path in (home.cache / "runs").glob("*[0-9].log")] == ["mine-001.log"]


@pytest.mark.parametrize(
    ("arguments", "code", "found"),
    [
        (["run", "9"], 2, "'9'"),
        (["run"], 2, "you are in no category's folder"),
        (["run", "nope.py"], 3, "no such file"),
        (["run", "Category1/"], 1, ""),
        (["run", "."], 2, "a folder"),
        (["run", "--keras", "4"], 2, "'4'"),
    ],
)
def test_what_isnt_there_is_said(
    attempt: Attempt, arguments: list[str], code: int, found: str, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(attempt.project)
    assert main(arguments) == code
    printed = capfd.readouterr()
    assert found in printed.err
    assert "Traceback" not in printed.err


def test_without_an_exam_there_is_no_category(home: Home, capfd: Output) -> None:
    assert main(["run", "3"]) == 3
    assert "mockexam start" in capfd.readouterr().err


# Which Python


def test_it_is_what_the_screen_runs(attempt: Attempt, capfd: Output) -> None:
    """The same command in the same environment as `program` makes for F5."""
    main(["run", "1"])
    folder, _, _, variables = told(capfd)
    log = attempt.project / ".mockexam/runs/Category1-001.log"
    made = program(layout.starter(attempt.project, 1), this_python(), log, attempt.rules.programs)
    assert Path(folder) == made.folder
    assert {name: value for name, value in variables.items() if name not in VARYING} == {
        name: value for name, value in made.environment.items() if name not in VARYING
    }
    assert variables["MOCKEXAM_PRELOAD_PLOTS"] == str(log.with_suffix(".plots"))


def test_the_chosen_python_runs_it_and_the_attempt_notes_that(
    attempt: Attempt, exams: ExamService, environment: Path, capfd: Output
) -> None:
    chosen = named(str(environment))
    Choices(exams.home).choose(attempt.id, chosen, attempt.rules.programs)
    main(["run", "1"])
    _, _, executable, variables = told(capfd)
    assert executable == str(environment / "bin/python")
    assert variables["VIRTUAL_ENV"] == str(environment)
    assert variables["PATH"].startswith(f"{environment / 'bin'}{os.pathsep}")
    assert exams.interpreters(attempt.id) == (chosen.record(),)


def test_keras_and_python_hold_for_one_run(
    attempt: Attempt, exams: ExamService, environment: Path, capfd: Output
) -> None:
    main(["run", "1", "--keras", "2"])
    assert told(capfd)[3]["TF_USE_LEGACY_KERAS"] == "1"
    main(["run", "1", "--python", str(environment)])
    assert told(capfd)[2] == str(environment / "bin/python")
    main(["run", "1"])
    _, _, executable, variables = told(capfd)
    assert executable == sys.executable
    assert "TF_USE_LEGACY_KERAS" not in variables
    assert [(one.kind, one.keras) for one in exams.interpreters(attempt.id)] == [
        ("this", 2),
        ("other", None),
        ("this", 3),
    ]


def test_a_python_that_fell_back_is_told(
    attempt: Attempt, exams: ExamService, environment: Path, capfd: Output
) -> None:
    Choices(exams.home).choose(attempt.id, named(str(environment)), attempt.rules.programs)
    (environment / "bin/python").unlink()
    assert main(["run", "1"]) == 1
    printed = capfd.readouterr()
    assert "It is gone" in printed.err
    assert json.loads(printed.out)[2] == sys.executable


@pytest.mark.parametrize(
    ("rules", "arguments"),
    [
        (ProgramRules(others=False), ["--python", "ENVIRONMENT"]),
        (ProgramRules(keras=3), ["--keras", "2"]),
        (ProgramRules(keras=2), ["--python", "this"]),
    ],
)
def test_the_rules_of_the_exam_hold(
    attempt: Attempt,
    environment: Path,
    rules: ProgramRules,
    arguments: list[str],
    capfd: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strict = replace(attempt, rules=msgspec.structs.replace(attempt.rules, programs=rules))
    monkeypatch.setattr("mockexam.commands.programs.run._attempt_of", lambda path, queries: strict)
    assert main(["run", "1", *[str(environment) if one == "ENVIRONMENT" else one for one in arguments]]) == 1
    printed = capfd.readouterr()
    assert "rules of this exam" in printed.err
    assert printed.out == ""


def test_of_two_kerases_of_one_python_that_is_meant_which_the_rules_allow(
    attempt: Attempt, environment: Path, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = next(environment.glob("lib/python*/site-packages"))
    for name in ("tensorflow-2.21.0", "keras-3.15.1", "tf_keras-2.21.0"):
        (packages / f"{name}.dist-info").mkdir()
    strict = replace(attempt, rules=msgspec.structs.replace(attempt.rules, programs=ProgramRules(keras=2)))
    monkeypatch.setattr("mockexam.commands.programs.run._attempt_of", lambda path, queries: strict)
    assert main(["run", "1", "--python", str(environment), "--parts"]) == 0
    assert "lead to tf_keras" in capfd.readouterr().out


def test_one_that_isnt_trusted_needs_a_yes(attempt: Attempt, environment: Path, capfd: Output) -> None:
    environment.chmod(0o777)
    assert main(["run", "1", "--python", str(environment)]) == 1
    printed = capfd.readouterr()
    assert "can be changed by everybody" in printed.err
    assert "--yes" in printed.err
    assert printed.out == ""
    assert main(["run", "1", "--python", str(environment), "--yes"]) == 1
    assert told(capfd)[2] == str(environment / "bin/python")


def test_a_python_that_is_none_is_said(attempt: Attempt, home: Home, tmp_path: Path, capfd: Output) -> None:
    assert main(["run", "1", "--python", str(tmp_path / "nope")]) == 2
    assert "no such file or folder" in capfd.readouterr().err
    trees.installed(tmp_path / "fake", "3.8", patch="3.8.18")
    assert main(["run", "1", "--python", str(tmp_path / "fake")]) == 1
    assert "Exec format error" in capfd.readouterr().err


# What is told afterwards

FAILS = "raise AttributeError(\"'Sequential' object has no attribute 'fit_generator'\")"


def test_a_failure_is_explained_as_far_as_the_rules_allow(
    attempt: Attempt, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = layout.starter(attempt.project, 1)
    script.write_text(FAILS)
    assert main(["run", "1"]) == 1
    printed = capfd.readouterr()
    assert printed.out == ""
    traceback, _, after = printed.err.partition("'fit_generator'\n")
    assert traceback.startswith("Traceback (most recent call last):")
    assert "they take generators" in after
    assert f"mockexam run {script} --keras 2" in after
    assert main(["run", "1", "--keras", "2"]) == 1
    assert "--keras 2" not in capfd.readouterr().err
    for rules, told in ((ProgramRules(advice="none"), ""), (ProgramRules(keras=3), "they take generators")):
        strict = replace(attempt, rules=msgspec.structs.replace(attempt.rules, programs=rules))
        monkeypatch.setattr("mockexam.commands.programs.run._attempt_of", lambda path, queries, one=strict: one)
        assert main(["run", "1"]) == 1
        after = capfd.readouterr().err.partition("'fit_generator'\n")[2]
        assert told in after
        assert "--keras 2" not in after
        assert bool(after) == bool(told)


def test_figures_are_counted(home: Home, tmp_path: Path, capfd: Output) -> None:
    (tmp_path / "mine.py").write_text(
        "import os, struct\n"
        "folder = os.environ['MOCKEXAM_PRELOAD_PLOTS']\n"
        "os.makedirs(folder)\n"
        "head = b'\\x89PNG\\r\\n\\x1a\\n\\x00\\x00\\x00\\rIHDR' + struct.pack('>II', 4, 3)\n"
        "for one in (1, 2):\n"
        "    open(os.path.join(folder, '%020d-1.png' % one), 'wb').write(head)\n"
    )
    assert main(["run", str(tmp_path / "mine.py")]) == 0
    assert capfd.readouterr().err == f"2 figures: {home.cache / 'runs/mine-001.plots'}\n"


# What a shell gets


@pytest.fixture
def shell(home: Home, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts `mockexam run` on a program of these lines, with pipes."""

    def start(code: str, **options: object) -> subprocess.Popen[bytes]:
        (tmp_path / "mine.py").write_text("import os, signal, sys, time\n" + code)
        command = [sys.executable, "-m", "mockexam", "run", str(tmp_path / "mine.py")]
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        # Whoever runs the tests in the background has Ctrl+C ignored, and so would the program.
        given["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
        return subprocess.Popen(command, **given)  # type: ignore[call-overload,no-any-return]

    return start


def test_output_and_errors_stay_apart_byte_by_byte(shell: Callable[..., subprocess.Popen[bytes]], home: Home) -> None:
    run = shell("os.write(1, b'a\\xff\\r\\n\\0'); os.write(2, b'e\\n'); sys.exit(9)")
    assert run.communicate(timeout=30) == (b"a\xff\r\n\0", b"e\n")
    assert run.returncode == 9
    log = (home.cache / "runs/mine-001.log").read_bytes()
    assert sorted(log) == sorted(b"a\xff\r\n\0e\n")


def test_output_that_nobody_waits_for_at_once_is_whole(shell: Callable[..., subprocess.Popen[bytes]]) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    run = shell("os.write(1, b'x' * 300000); os.write(1, b'end')", stdout=writing)
    os.close(writing)
    time.sleep(1.5)
    with os.fdopen(reading, "rb") as output:
        assert output.read() == b"x" * 300_000 + b"end"
    run.communicate(timeout=30)
    assert run.returncode == 0


def test_input_reaches_the_program(shell: Callable[..., subprocess.Popen[bytes]]) -> None:
    run = shell("print(sys.stdin.read().upper())", stdin=subprocess.PIPE)
    assert run.communicate(b"typed", timeout=30)[0] == b"TYPED\n"


def test_a_program_that_a_signal_ended_is_reported_as_by_a_shell(
    shell: Callable[..., subprocess.Popen[bytes]],
) -> None:
    run = shell("os.kill(os.getpid(), signal.SIGSEGV)")
    run.communicate(timeout=30)
    assert run.returncode == 128 + signal.SIGSEGV


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_the_program_and_what_it_started(
    shell: Callable[..., subprocess.Popen[bytes]], number: signal.Signals
) -> None:
    run = shell(
        """
def caught(number, frame):
    os.write(1, b"%d\\n" % number)
    os._exit(40)
for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(one, caught)
child = os.fork()
os.write(1, b"ready\\n")
time.sleep(30) if child == 0 else os.waitpid(child, 0)
"""
    )
    assert run.stdout is not None
    assert [run.stdout.readline(), run.stdout.readline()] == [b"ready\n"] * 2
    run.send_signal(number)
    rest, _ = run.communicate(timeout=30)
    assert rest.split() == [b"%d" % number] * 2
    assert run.returncode == 40


def test_a_reader_that_goes_away_ends_the_program_as_in_a_shell(
    shell: Callable[..., subprocess.Popen[bytes]],
) -> None:
    run = shell("while True: print('line')")
    assert run.stdout is not None
    assert run.stdout.readline() == b"line\n"
    run.stdout.close()
    assert run.stderr is not None
    assert b"BrokenPipeError" in run.stderr.read()
    run.stderr.close()
    assert run.wait(30) == 1


def test_what_the_program_leaves_running_doesnt_hold_the_shell_up(
    shell: Callable[..., subprocess.Popen[bytes]],
) -> None:
    before = time.monotonic()
    run = shell("child = os.fork()\nif child == 0:\n    time.sleep(20)\nelse:\n    print(child, flush=True)")
    assert run.stdout is not None
    child = int(run.stdout.readline())
    assert run.wait(15) == 0
    assert time.monotonic() - before < 15
    os.kill(child, signal.SIGKILL)
    run.communicate()
