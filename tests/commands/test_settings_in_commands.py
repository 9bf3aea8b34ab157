"""Settings that can't be understood stop whatever grades, before it opens a model, and nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mockexam.cli import main
from mockexam.commands.serve import page_colours
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.store.settings import SettingsError
from mockexam.tui import in_browser, opening
from tests.sitting.fakes import FakeService

SPOILT = '{\n  "isolation": "required",\n}\n'


@pytest.fixture(autouse=True)
def folder(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in the folder where commands are run, and a place for settings."""
    monkeypatch.delenv("MOCKEXAM_ISOLATION", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mymodel.h5").write_bytes(b"model")
    home.config.mkdir(parents=True)


@pytest.fixture(autouse=True)
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService()
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


@pytest.fixture
def attempt(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id)
    attempt = exams.start(attempt.id)
    (attempt.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    return attempt


GRADING = (
    ["practice", "problem-3", "mymodel.h5", "--pack", "small"],
    ["grade", "problem-3", "mymodel.h5", "--pack", "small"],
    ["grade", "problem-3", "mymodel.h5", "--pack", "small", "--isolation", "best"],
    ["pack", "prove", "small"],
)


def refused(home: Home, service: FakeService, printed: str) -> None:
    """The message names file, line and what to do; no model was opened, the file is as it was."""
    assert f"{home.settings} to be a file of JSON in UTF-8" in printed
    assert "line 3, column 1" in printed
    assert "Advice    Correct the file" in printed
    assert "Traceback" not in printed
    assert service.asked == []
    assert home.settings.read_text() == SPOILT


@pytest.mark.parametrize("arguments", GRADING, ids=" ".join)
@pytest.mark.parametrize("variable", [None, "required"])
def test_whatever_grades_refuses(
    home: Home,
    service: FakeService,
    arguments: list[str],
    variable: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home.settings.write_text(SPOILT)
    if variable:
        monkeypatch.setenv("MOCKEXAM_ISOLATION", variable)
    assert main(arguments) == 2
    refused(home, service, capsys.readouterr().err)


@pytest.mark.parametrize("arguments", GRADING, ids=" ".join)
def test_whatever_grades_refuses_a_wrong_word_in_the_environment(
    service: FakeService, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCKEXAM_ISOLATION", "Required")
    assert main(arguments) == 2
    assert "'Required' in MOCKEXAM_ISOLATION" in capsys.readouterr().err
    assert service.asked == []


def test_a_pipe_in_its_place_is_refused(home: Home, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(home.settings)
    assert main(["submit", "1"]) == 2
    assert "a pipe or a device" in capsys.readouterr().err


def test_a_submission_is_recorded_and_tested_when_the_settings_are_right(
    home: Home, service: FakeService, exams: ExamService, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text(SPOILT)
    assert main(["submit", "1"]) == 2
    error = capsys.readouterr().err
    refused(home, service, error)
    assert "The submission is recorded" in error
    home.settings.write_text('{"isolation": "required"}')
    assert main(["end", "--yes"]) == 0
    assert service.isolation == "required"
    assert [one.state for one in exams.submissions(attempt.id)] == ["done"]


def test_an_exam_is_not_ended_before_the_settings_are_right(
    home: Home, service: FakeService, exams: ExamService, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text(SPOILT)
    assert main(["end", "--yes"]) == 2
    refused(home, service, capsys.readouterr().err)
    assert exams.attempt(attempt.id).state == "running"


def test_what_does_not_grade_goes_on(home: Home, attempt: Attempt, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["end", "--yes"]) == 0
    home.settings.write_text(SPOILT)
    capsys.readouterr()
    for arguments in (["results"], ["results", attempt.id], ["results", "export"], ["practice", "--pack", "small"]):
        assert main(arguments) == 0
        assert capsys.readouterr().err == ""


def test_results_that_have_to_be_tested_first_refuse(
    home: Home, service: FakeService, exams: ExamService, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    exams.submit(attempt.id, 1)
    exams.end(attempt.id)
    home.settings.write_text(SPOILT)
    assert main(["status"]) == 3
    assert "settings" not in capsys.readouterr().err
    assert main(["results"]) == 2
    refused(home, service, capsys.readouterr().err)


def test_an_unknown_key_is_warned_of_once(
    home: Home, service: FakeService, attempt: Attempt, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text('{"colour": "red", "isolation": "required"}')
    assert main(["submit", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert service.isolation == "required"
    assert printed.err.count('"colour"') == 1
    json.loads(printed.out)


@pytest.mark.parametrize(
    ("content", "status", "found"),
    [
        (SPOILT, "fail", "line 3, column 1"),
        ('{"isolaton": "required"}', "fail", '"isolaton"'),
        ('{"colour": "red"}', "warn", '"colour"'),
        ("{}", "ok", "settings.json"),
        (None, "ok", "settings.json"),
    ],
)
def test_the_doctor_has_a_line_for_the_settings(
    home: Home, content: str | None, status: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        home.settings.write_text(content)
    code = main(["doctor", "--json"])
    (check,) = (check for check in json.loads(capsys.readouterr().out) if check["name"] == "Settings")
    assert check["status"] == status
    assert found in check["found"]
    assert str(home.settings) in check["found"] + check["advice"]
    if status == "fail":
        assert code == 1


def test_the_screen_refuses_before_it_draws(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings.write_text(SPOILT)
    with pytest.raises(SettingsError, match="line 3, column 1"):
        opening.run()
    with pytest.raises(SettingsError):
        page_colours()
    assert in_browser.main(["", "", ""]) == 2
    assert main(["serve", "--port", "0"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("line 3, column 1") == 2
    assert home.settings.read_text() == SPOILT
