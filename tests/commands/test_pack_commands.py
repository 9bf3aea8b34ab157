"""The `mockexam pack` commands: what they print, write and answer with."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mockexam.cli import main
from mockexam.packs.authoring import calibrating, proving
from mockexam.packs.authoring import proof as proofs
from mockexam.packs.authoring.proof import Finding, Proof
from mockexam.packs.format.reading import read_pack
from mockexam.store.home import Home

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["pack", *arguments])
        output, errors = capsys.readouterr()
        return code, output, errors

    return run


@pytest.fixture
def course(run: Run) -> Path:
    assert run("new", "course", "-c", "1", "-c", "2", "--author", "Ada")[0] == 0
    return Path("course")


def test_a_pack_goes_from_new_to_removed(run: Run, course: Path) -> None:
    code, output, errors = run("check", "course")
    assert (code, output, errors) == (0, "course 0.1.0: 2 problems, no errors\n", "")
    code, output, _ = run("build", "course")
    assert code == 0
    assert output.startswith("Wrote course-0.1.0.zip (")
    assert run("install", "course-0.1.0.zip")[0] == 0
    assert "course" in run("list")[1]
    code, output, _ = run("info", "course")
    assert "you choose" in output
    assert code == 0
    assert "Category 2 (learning data set), 60 points: Flowers  (flowers)" in output
    assert run("remove", "course")[0] == 0
    assert "course" not in run("list")[1]
    assert run("remove", "course")[0] == 3


def test_check_tells_every_error_and_answers_no(run: Run, course: Path) -> None:
    problem = course / "line" / "problem.toml"
    problem.write_text(problem.read_text().replace("difficulty", "dificulty"))
    code, output, errors = run("check", "course")
    assert code == 1
    assert output == "1 error, 0 warnings\n"
    assert "line/problem.toml:7: error: expected one of format, id" in errors
    assert "Did you mean `difficulty`?" in errors


def test_check_gives_json(run: Run, course: Path) -> None:
    (course / "line" / "solution.py").unlink()
    code, output, _ = run("check", "course", "--json")
    found = json.loads(output)
    assert (code, found["usable"]) == (1, False)
    assert [(fault["code"], fault["file"], fault["line"]) for fault in found["faults"]] == [
        ("missing-file", "line/problem.toml", None)
    ]


def test_list_shows_the_built_in_pack_and_what_is_broken(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "home" / "data" / "packs" / "broken"
    broken.mkdir(parents=True)
    (broken / "pack.toml").write_text("format = 99\n")
    code, output, errors = run("list")
    assert code == 0
    assert "tensorflow-developer" in output
    assert "broken can't be used" in errors
    assert "pip install --upgrade mockexam" in errors
    found = json.loads(run("list", "--json")[1])
    assert [entry["faults"][0]["code"] for entry in found if entry["id"] is None] == ["newer-format"]


def test_info_gives_json(run: Run, course: Path) -> None:
    found = json.loads(run("info", "course", "--json")[1])
    assert found["form"]["weights"] == {"1": 40, "2": 60}
    assert [problem["id"] for problem in found["problems"]] == ["line", "flowers"]
    assert len(found["digest"]) == 64


@pytest.mark.parametrize("command", ["info", "check", "build", "prove", "calibrate"])
def test_a_pack_that_is_not_there_is_told(run: Run, command: str) -> None:
    code, output, errors = run(command, "nowhere")
    assert (code, output) == (3, "")
    assert 'Found     "nowhere"' in errors


def test_a_broken_pack_is_not_built_or_installed(run: Run, course: Path) -> None:
    (course / "line" / "statement.md").write_text("Do your best.")
    for command in ("build", "install"):
        code, _, errors = run(command, "course")
        assert code == 1
        assert "line/statement.md: error: expected the target" in errors
    assert not list(Path().glob("*.zip"))


def test_a_public_archive_is_for_candidates(run: Run, course: Path) -> None:
    assert run("build", "course", "--public", "--seed", "4", "-o", "class.zip")[0] == 0
    with zipfile.ZipFile("class.zip") as opened:
        names = [name for name in opened.namelist() if "solution" in name or "hidden" in name or "weak" in name]
        assert names == []
        assert "course/Category1-line/starter.py" in opened.namelist()
    code, _, errors = run("install", "class.zip")
    assert code == 1
    assert "is for candidates" in errors


def test_an_archive_is_never_written_into_the_pack(
    run: Run, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "course")
    assert run("build", ".")[0] == 0
    assert (tmp_path / "course-0.1.0.zip").is_file()
    code, _, errors = run("build", ".", "-o", "here.zip")
    assert code == 2
    assert "a place outside the pack" in errors
    (tmp_path / "out").mkdir()
    assert run("build", ".", "-o", "../out")[0] == 0
    assert (tmp_path / "out" / "course-0.1.0.zip").read_bytes() == (tmp_path / "course-0.1.0.zip").read_bytes()


def test_a_pack_nearly_named_is_guessed(run: Run, tmp_path: Path) -> None:
    assert run("new", "my course", "--package")[1].rstrip().endswith("my course/my_course'")
    code, _, errors = run("check", "my course")
    assert code == 3
    assert "Did you mean 'my course/my_course'?" in errors
    assert run("check", "my course/my_course/pack.toml")[0] == 0
    assert f"Did you mean '{tmp_path}/my course/my_course'?" in run("check", "my course/my_course/line")[2]


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_long_command_and_all_it_started(run: Run, tmp_path: Path, number: int) -> None:
    run("new", "drawn", "-c", "1", "--author", "Ada")
    generator = tmp_path / "drawn" / "line" / "generator.py"
    told = tmp_path / "child"
    generator.write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(told)!r}).write_text(str(os.getpid()))\n"
        "def generate(seed, public, hidden):\n    time.sleep(60)\n"
    )
    code = (
        # A run in the background may hand down an ignored SIGINT, which Python then leaves ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mockexam.cli import main; import sys; sys.exit(main(['pack', 'build', 'drawn']))\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    surroundings = os.environ | {"TMPDIR": str(scratch)}
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, env=surroundings)
    deadline = time.monotonic() + 30
    while not (told.is_file() and told.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    process.send_signal(number)  # who presses Ctrl-C presses it twice
    errors = process.communicate(timeout=30)[1].decode()
    assert (process.returncode, errors.strip()) == (130, "Stopped.")
    assert not psutil.pid_exists(int(told.read_text()))
    assert list(scratch.iterdir()) == []
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".tmp", ".zip")] == []


def test_an_output_that_is_closed_is_no_fault() -> None:
    line = ["sh", "-c", f'exec "{sys.executable}" -m mockexam pack --help >&-']
    ran = subprocess.run(line, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_paths_that_are_no_text_in_the_locale_are_no_obstacle(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "MOCKEXAM_HOME": str(tmp_path / "hö me")}
    code = (
        "import sys; from mockexam.cli import main; pack = sys.argv[1];"
        "print([main(['pack', *each]) for each in (['new', pack], ['check', pack], ['install', pack], ['list'])])"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "Kürs")]
    done = subprocess.run(run, env=os.environ | plain, capture_output=True, check=True)
    assert done.stdout.endswith(b"[0, 0, 0, 0]\n"), done.stderr


def test_what_cannot_be_written_is_told(run: Run) -> None:
    code, _, errors = run("new", "/proc/nowhere/pack")
    assert code == 4
    assert "to read and write files" in errors


def test_proofs_are_kept_and_not_repeated(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def prove(problem: object, *_: object, seed: int, **__: object) -> Proof:
        tried.append(problem.id)  # type: ignore[attr-defined]
        right = Finding(kind="weak", name="weak.py", expected="e", found="f", right=len(tried) < 5)
        parts = proofs.parts_of(problem, seed)  # type: ignore[arg-type]
        return Proof(problem=tried[-1], mockexam="0", seed=seed, seconds=1.0, parts=parts, findings=(right,))

    monkeypatch.setattr(proving, "prove", prove)
    code, output, _ = run("prove", "course", "--dry")
    assert (code, output) == (1, "line: no proof of what it is now\nflowers: no proof of what it is now\n")
    assert run("prove", "course")[0] == 0
    assert tried == ["line", "flowers"]
    code, output, _ = run("prove", "course")
    assert (code, output) == (0, "line: proven, unchanged\nflowers: proven, unchanged\n")
    assert run("prove", "course", "--dry")[0] == 0
    (course / "line" / "proof.json").unlink()
    assert run("prove", "course", "--changed")[:2] == (0, "flowers: proven, unchanged\n")
    assert tried == ["line", "flowers"]
    assert run("prove", "course")[0] == 0
    (course / "line" / "statement.md").write_text("Reach {{target}}.\n")
    assert run("prove", "course", "--dry")[0] == 0
    with (course / "line" / "starter.py").open("a") as file:
        file.write("# More\n")
    assert run("prove", "course", "--dry")[1].startswith("line: no proof of what it is now (starter)\n")
    states = json.loads(run("prove", "course", "--dry", "--json")[1])
    assert states["flowers"] == "proven"
    assert run("prove", "course")[0] == 0
    assert tried == ["line", "flowers", "line", "line"]
    assert run("prove", "course", "--all", "-p", "flowers")[0] == 1
    code, output, _ = run("prove", "course")
    assert code == 1
    assert "flowers: NOT proven" in output
    assert tried[-2:] == ["flowers", "flowers"], "what isn't right is tried again"
    code, _, errors = run("prove", "course", "-p", "flour")
    assert code == 2
    assert "a problem of course (line, flowers)" in errors


def test_a_proof_says_everywhere_what_it_did_not_try(run: Run, course: Path) -> None:
    problem, other = read_pack(course).problems
    right = Finding(kind="weak", name="weak.py", expected="e", found="f", right=True)
    for each, kinds in ((problem, ("control", "data")), (other, ())):
        parts = {kind: digest for kind, digest in proofs.parts_of(each, 5).items() if kind not in kinds}
        written = Proof(problem=each.id, mockexam="0", seed=5, seconds=1.0, parts=parts, findings=(right,))
        proofs.write(written, each.folder)
    code, output, errors = run("check", "course")
    assert (code, output) == (0, "course 0.1.0: 2 problems, no errors, 1 warning\n")
    assert "line/proof.json: warning: expected a proof of all that is tried today" in errors
    assert "found proven; not tried: data, control." in errors
    assert run("info", "course")[1].count("  proof   proven\n") == 1
    assert run("info", "course")[1].count("  proof   proven; not tried: data, control\n") == 1
    assert json.loads(run("info", "course", "--json")[1])["proofs"] == {
        "line": "proven; not tried: data, control",
        "flowers": "proven",
    }
    assert run("prove", "course", "--dry", "--seed", "5")[1].startswith("line: proven; not tried: data, control\n")
    shutil.copytree(course, Home.default().packs / "course")
    assert re.search(r"course +0\.1\.0 +2 +yes +2 of 2; not tried: data, control ", run("list")[1])
    proved = {entry["id"]: entry["proofs"] for entry in json.loads(run("list", "--json")[1])}
    assert proved["course"] == "2 of 2; not tried: data, control"
    assert proved["tensorflow-developer-online"] == "none"
    with (course / "flowers" / "starter.py").open("a") as file:
        file.write("# More\n")
    assert "  proof   no proof of what it is now (starter)\n" in run("info", "./course")[1]


def test_calibrations_are_kept(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([{"mae": [[0.1, 0.2], [0.1, 0.1]]}, {"mae": [[0.3, 0.2], [0.2, 0.2]]}])
    monkeypatch.setattr(calibrating, "_run", lambda *_: next(drawn))
    code, output, _ = run("calibrate", "course", "-p", "line", "-n", "2")
    assert code == 0
    assert output.startswith("line: 2 trainings, 2 sets of tests each")
    assert (course / "line" / "calibration.txt").read_text() == output[:-1]
    assert json.loads((course / "line" / "calibration.json").read_text())["trainings"] == 2


def test_a_preview_leaves_nothing_behind(
    run: Run, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Path] = {}

    def open_exam(arguments: list[str], **_: object) -> int:
        home = Home.default()
        assert arguments[arguments.index("--pack") + 1] == "course"
        assert (home.packs / "course" / "pack.toml").is_file()
        (home.data / "ledger.sqlite3").write_text("an attempt")
        seen["home"] = home.data.parent
        return 0

    monkeypatch.setattr("mockexam.commands.start.command.main", open_exam)
    assert run("preview", "course")[0] == 0
    assert not seen["home"].exists()
    assert Home.default() == Home.under(tmp_path / "home")
    assert not (tmp_path / "home" / "data").exists()


def test_a_preview_needs_a_terminal_and_a_pack_without_errors(run: Run, course: Path) -> None:
    code, _, errors = run("preview", "course")
    assert code == 2
    assert "a terminal to draw on" in errors
    (course / "line" / "solution.py").write_text("def (")
    code, _, errors = run("preview", "course")
    assert code == 1
    assert "line/solution.py:1: error: expected Python" in errors


def test_help_imports_no_command(tmp_path: Path) -> None:
    code = (
        "import sys; from mockexam.cli import main; main(['pack', '--help']);"
        "print(sorted(name for name in sys.modules if name.startswith('mockexam.packs')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "calibrate  Find the bar" in done.stdout
    assert done.stderr == "[]\n"
