from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.cli import COMMANDS, main
from mockexam.sitting.queries import ExamQueries
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeService, failed, refused, scored, unable

Run = Callable[..., int]


@pytest.fixture
def attempt(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id)
    attempt = exams.start(attempt.id)
    for category in attempt.problems:
        (attempt.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model %d" % category)
    return attempt


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService()
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


@pytest.fixture
def run(home: Home, service: FakeService) -> Run:
    return lambda *arguments: main(list(arguments))


def test_help_lists_every_command(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert f"Usage: mockexam {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nonesuch"], ["status", "--nonesuch"], ["submit"], ["end", "now"], ["results", "a", "b"], []],
    ids=" ".join,
)
def test_wrong_usage_is_2(run: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = run(*arguments)
    printed = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in printed.err + printed.out


@pytest.mark.parametrize("arguments", [["status"], ["submit", "1"], ["end", "--yes"], ["results"]], ids=" ".join)
def test_nothing_to_work_on_is_3(run: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 3
    error = capsys.readouterr().err
    assert "Found     none" in error
    assert "mockexam start" in error


def test_status(run: Run, attempt: Attempt, exams: ExamService, capsys: pytest.CaptureFixture[str]) -> None:
    exams.grade(exams.submit(attempt.id, 3).id, FakeService([scored(4)])).result(5)
    exams.submit(attempt.id, 5)
    assert run("status") == 0
    text = capsys.readouterr().out
    assert "Ada Lovelace" in text
    assert "4 h 59 min left" in text
    assert re.search(r"3 +Problem 3 +4/5 +16 +20 +1", text)
    assert re.search(r"5 +Problem 5 +– … +0 +30 +1", text)
    assert "16 of 100 points so far; 90 pass" in text


def test_status_as_json(run: Run, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert status["attempt"] == attempt.id
    assert 17_900 < status["seconds_left"] <= 18_000
    assert [line["weight"] for line in status["categories"]] == [10, 15, 20, 25, 30]


@pytest.mark.parametrize("name", ["3", "Category3", "category3", "CATEGORY 3", "Category3/"])
def test_submit(run: Run, attempt: Attempt, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("submit", name) == 0
    text = capsys.readouterr().out
    assert "Category3, submission 1" in text
    assert "Model tests passed: 5/5" in text
    assert "mymodel.h5" in text
    assert "20 of 100 points so far" in text


@pytest.mark.parametrize("name", ["6", "0", "-1", "three", "", "3.5", "3 4", "³", "99999999999999999999"])
def test_an_unknown_category_lists_the_valid_ones(
    run: Run, attempt: Attempt, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", "--", name) == 2
    error = capsys.readouterr().err
    assert "1 (Problem 1), 2 (Problem 2)" in error
    assert "Traceback" not in error


def test_submit_another_file(run: Run, attempt: Attempt, tmp_path: Path, exams: ExamService) -> None:
    (tmp_path / "colab.keras").write_bytes(b"other")
    assert run("submit", "2", str(tmp_path / "colab.keras")) == 0
    assert exams.submissions(attempt.id)[0].source == tmp_path / "colab.keras"


def test_submit_of_no_file_is_3(
    run: Run, attempt: Attempt, exams: ExamService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("submit", "2", "nonesuch.h5") == 3
    assert "no such file" in capsys.readouterr().err
    (attempt.project / "Category2" / "mymodel.h5").unlink()
    assert run("submit", "2") == 3
    assert "Run starter.py" in capsys.readouterr().err
    assert exams.submissions(attempt.id) == ()


@pytest.mark.parametrize(
    ("verdict", "code", "sentence"),
    [
        (scored(3), 0, "Model tests passed: 3/5"),
        (refused(), 1, "found     (28, 28, 1)"),
        (failed(), 1, "Model tests passed: 0/5"),
        (unable(), 4, "no fault of yours"),
    ],
)
def test_the_exit_code_follows_the_verdict(
    run: Run, attempt: Attempt, service: FakeService, verdict: object, code: int, sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    service.verdicts = [verdict]  # type: ignore[list-item]
    assert run("submit", "1") == code
    assert sentence in capsys.readouterr().out
    assert run("submit", "1", "--json") == code
    assert json.loads(capsys.readouterr().out)["outcome"] == verdict.outcome  # type: ignore[attr-defined]


def test_a_refusal_speaks_of_an_earlier_score_only_when_there_is_one(
    run: Run, attempt: Attempt, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.verdicts = [refused(), scored(3), refused()]
    said = []
    for _ in service.verdicts:
        run("submit", "1")
        said.append("The earlier score stays." in capsys.readouterr().out)
    assert said == [False, False, True]


def test_end_tests_what_is_pending_and_shows_the_result(
    run: Run, attempt: Attempt, exams: ExamService, capsys: pytest.CaptureFixture[str]
) -> None:
    for category in attempt.problems:
        exams.submit(attempt.id, category)
    exams.close()
    assert run("end", "--yes") == 0
    printed = capsys.readouterr()
    assert "100 of 100 points, 90 pass: PASSED" in printed.out
    assert printed.err.count("Testing submission") == 5


def test_end_without_a_person_or_yes_is_refused(run: Run, attempt: Attempt, exams: ExamService) -> None:
    assert run("end") == 2
    assert exams.running() is not None


def test_a_failed_exam_says_when_the_original_would_let_one_retake(
    run: Run, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("end", "--yes") == 0
    text = capsys.readouterr().out
    assert "0 of 100 points, 90 pass: NOT PASSED" in text
    assert re.search(r"sit again from \d{4}-\d\d-\d\d", text)


def test_results(run: Run, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("results") == 3
    run("submit", "5")
    run("end", "--yes")
    capsys.readouterr()
    assert run("results") == 0
    assert re.search(rf"{attempt.id} .* Ada Lovelace +small 1\.2\.3 +30 +not passed", capsys.readouterr().out)
    assert run("results", attempt.id[:10]) == 0
    assert "30 of 100 points" in capsys.readouterr().out
    assert run("results", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["total"] == 30
    assert run("results", attempt.id, "--json") == 0
    assert json.loads(capsys.readouterr().out)["attempt_id"] == attempt.id
    assert run("results", "nonesuch") == 3
    assert attempt.id in capsys.readouterr().err


def test_doctor(run: Run, attempt: Attempt, exams: ExamService, capsys: pytest.CaptureFixture[str]) -> None:
    submission = exams.submit(attempt.id, 1)
    assert run("doctor", "--verify") == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("Python", "tensorflow", "Memory", "Disk", "Terminal", "Grader's lock"))
    assert "1 whole" in text
    assert run("doctor", "--json", "--verify") == 0
    lines = json.loads(capsys.readouterr().out)
    assert "Python" in {line["name"] for line in lines}
    assert all({"name", "status", "found", "advice"} == set(line) for line in lines)
    path = exams.home.snapshots / submission.sha256[:2] / submission.sha256
    path.chmod(0o600)
    path.write_bytes(b"other")
    assert run("doctor", "--verify") == 1
    assert submission.id in capsys.readouterr().out


@pytest.mark.parametrize("word", ["required", "best"])
def test_the_isolation_asked_for_reaches_the_grader(
    word: str, run: Run, attempt: Attempt, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKEXAM_ISOLATION", word)
    assert run("submit", "1") == 0
    assert service.isolation == word


def test_a_mistyped_isolation_is_refused(
    run: Run, attempt: Attempt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCKEXAM_ISOLATION", "requird")
    assert run("submit", "1") == 2
    assert "'requird' in MOCKEXAM_ISOLATION" in capsys.readouterr().err
    assert run("doctor") == 1
    assert "requird" in capsys.readouterr().out


def test_the_settings_file_may_ask_for_isolation(
    run: Run, home: Home, attempt: Attempt, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    home.config.mkdir(parents=True, exist_ok=True)
    (home.config / "settings.json").write_text('{"isolation": "required"}')
    assert run("submit", "1") == 0
    assert service.isolation == "required"
    capsys.readouterr()
    run("doctor")
    assert "Isolation asked for" in capsys.readouterr().out


def test_start_refuses_what_is_no_terminal(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("start") == 2
    assert "a terminal to draw on" in capsys.readouterr().err


def test_a_fault_of_ours_is_4_and_a_sentence(
    run: Run, attempt: Attempt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(register: ExamQueries, attempt_id: str) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(ExamQueries, "standing", explode)
    assert run("status") == 4
    error = capsys.readouterr().err
    assert "nobody thought of this" in error
    assert "Traceback" not in error
    monkeypatch.setenv("MOCKEXAM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("status")


def test_a_home_that_cannot_be_written_is_explained(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "file"))
    assert run("status") == 4
    assert "to write the ledger" in capsys.readouterr().err


# -- as real processes


def mockexam(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mockexam", *arguments]


@pytest.mark.real_time
def test_a_reader_that_goes_away_is_met_with_silence(home: Home) -> None:
    process = subprocess.Popen(mockexam("doctor", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 141


@pytest.mark.real_time
@pytest.mark.parametrize(("answer", "code"), [(b"yes\n", 0), (b"no\n", 1), (b"perhaps\nYES\n", 0), (b"\x04", 130)])
def test_end_asks_for_a_typed_answer(attempt: Attempt, exams: ExamService, answer: bytes, code: int) -> None:
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(mockexam("end"), stdin=theirs, stdout=theirs, stderr=subprocess.STDOUT)
    os.close(theirs)
    shown = b""
    while b"yes or no" not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, answer)
    assert finished(process, terminal) == code
    assert (exams.attempt(attempt.id).state == "ended") == (code == 0)


def finished(process: subprocess.Popen[bytes], terminal: int) -> int:
    """Read the terminal to its end, so that the process never waits for us; its exit code."""
    try:
        while os.read(terminal, 1000):
            pass
    except OSError:
        pass  # the other end was closed
    os.close(terminal)
    return process.wait(30)


@pytest.mark.real_time
def test_an_interrupt_keeps_the_submission(attempt: Attempt, exams: ExamService) -> None:
    code = (
        # A run in the background may hand down an ignored SIGINT, which Python then leaves ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tests.sitting.fakes import FakeService; import graders, sys\n"
        "graders.Service = lambda isolation: FakeService(held=True)\n"
        "from mockexam.cli import main; sys.exit(main(['submit', '1']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 30
    while not any(one.state == "grading" for one in exams.submissions(attempt.id)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"The submission is recorded" in error
    assert b"Traceback" not in error
    assert [one.category for one in exams.pending()] == [1]
