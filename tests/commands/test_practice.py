"""Practice shows what an exam hides, and only outside an exam."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from mockexam.cli import main
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.fakes import FakeService, scored, write_pack

ODDS = (0.0, 0.0, 0.0, 0.05, 0.33, 0.62)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_pack(tmp_path / "home" / "data" / "packs")
    (tmp_path / "mymodel.h5").write_bytes(b"model")
    return Home.default()


@pytest.fixture(autouse=True)
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService([msgspec.structs.replace(scored(4), pass_probabilities=ODDS)])
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


def running_exam(home: Home, tmp_path: Path) -> Attempt:
    exams = ExamService(home, SystemClock())
    try:
        attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
        exams.provision(attempt.id)
        return exams.start(attempt.id)
    finally:
        exams.close()


def practise(*arguments: str) -> int:
    return main(["practice", "--pack", "small", *arguments])


def test_the_problems_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert practise() == 0
    assert "problem-3" in capsys.readouterr().out


def test_a_problem_is_laid_out_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert practise("problem-3") == 0
    assert {path.name for path in (tmp_path / "problem-3").iterdir()} == {
        "starter.py",
        "PROBLEM.md",
        "HINTS.md",
        "data",
    }
    assert practise("problem-3") == 2
    assert "--into" in capsys.readouterr().err


def test_a_model_is_tested_and_the_odds_are_shown(service: FakeService, capsys: pytest.CaptureFixture[str]) -> None:
    assert practise("problem-3", "mymodel.h5") == 0
    text = capsys.readouterr().out
    assert "Model tests passed: 4/5" in text
    assert "5/5  62.0%   4/5  33.0%   3/5  5.0%" in text
    assert "2/5" not in text
    assert service.asked[0].task.hidden.endswith("hidden.npz")


def test_how_many_draws_were_counted_is_said(service: FakeService, capsys: pytest.CaptureFixture[str]) -> None:
    service.verdicts = [msgspec.structs.replace(scored(4), pass_probabilities=ODDS, pass_probability_sets=1000)]
    assert practise("problem-3", "mymodel.h5") == 0
    assert "odds of fresh draws (1,000 counted)  5/5  62.0%" in capsys.readouterr().out


@pytest.mark.parametrize(("problem", "model", "code"), [("problem-9", "mymodel.h5", 2), ("problem-3", "nothing.h5", 3)])
def test_what_is_not_there_is_said(problem: str, model: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert practise(problem, model) == code
    assert "Expected" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["problem-3"], ["problem-3", "mymodel.h5"]], ids=" ".join)
def test_not_while_an_exam_is_running(
    arguments: list[str], home: Home, tmp_path: Path, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    running_exam(home, tmp_path)
    assert practise(*arguments) == 1
    assert "running" in capsys.readouterr().err
    assert not service.asked


def test_an_exam_keeps_the_odds_to_itself(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running_exam(home, tmp_path)
    assert main(["submit", "3", "mymodel.h5", "--json"]) == 0
    assert "odds" not in json.loads(capsys.readouterr().out)
    assert main(["submit", "3", "mymodel.h5"]) == 0
    assert "fresh draws" not in capsys.readouterr().out
