"""What the commands say of a pack's limits, and of metrics that are told on improvement only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graders.verdict import TestScore, Verdict
from mockexam.cli import main
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.fakes import FakeService, refused, scored, write_pack

Begin = Callable[[str], Attempt]
Captured = pytest.CaptureFixture[str]


def erring(value: float) -> Verdict:
    """4/5, with that error in every test and odds in full."""
    tests = tuple(TestScore(passed=n != 1, values={"mae": value}) for n in range(5))
    odds = (0.0, 0.0, 0.01234, 0.05, 0.33, 0.60766)
    return msgspec.structs.replace(scored(4), tests=tests, pass_probabilities=odds)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService()
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: FakeService) -> Begin:
    """Starts an exam on a pack with these lines in its [form]."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mymodel.h5").write_bytes(b"model")

    def start(form: str) -> Attempt:
        write_pack(tmp_path / "home" / "data" / "packs", form=form)
        exams = ExamService(Home.default(), SystemClock())
        try:
            attempt = exams.create("Ada", tmp_path / "project", "small", seed=7)
            exams.provision(attempt.id)
            return exams.start(attempt.id)
        finally:
            exams.close()

    return start


def submit(*more: str) -> int:
    return main(["submit", "1", "mymodel.h5", *more])


def out(capsys: Captured) -> str:
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return printed.out + printed.err


def test_none_left_is_6_and_says_so_before(begin: Begin, service: FakeService, capsys: Captured) -> None:
    begin("max_submissions = { 1 = 2 }")
    service.verdicts = [refused(), scored(3), scored(5)]
    assert submit() == 1
    assert "Category 1: 2 more submissions are taken." in out(capsys)
    assert submit("--json") == 0
    assert json.loads(out(capsys))["submissions_left"] == 1
    assert submit() == 0
    assert "Category 1: 0 more submissions are taken." in out(capsys)
    assert submit() == 6
    text = out(capsys)
    assert "at most 2 tested submissions in category 1" in text
    assert "none is left" in text
    assert submit("--json") == 6
    assert len(service.asked) == 3
    capsys.readouterr()
    assert main(["status", "--json"]) == 0
    assert json.loads(out(capsys))["limits"] == {"1": {"submissions_left": 0, "next_at": None}}
    assert main(["submit", "2", "mymodel.h5"]) == 0


def test_too_early_is_5_and_says_when(begin: Begin, capsys: Captured) -> None:
    begin("cooldown = 3600")
    assert submit() == 0
    assert "Category 1: the next is taken from" in out(capsys)
    assert submit() == 5
    text = out(capsys)
    assert "the next submission in category 1 from" in text
    assert "Press again in 3" in text
    assert main(["status"]) == 0
    assert "Category 1: the next is taken from" in out(capsys)
    assert main(["status", "--json"]) == 0
    assert json.loads(out(capsys))["limits"]["1"]["next_at"]


def test_an_exam_without_limits_says_nothing_of_them(begin: Begin, capsys: Captured) -> None:
    begin("")
    assert submit() == 0
    assert "taken" not in out(capsys)
    assert submit("--json") == 0
    assert not {"submissions_left", "next_at"} & json.loads(out(capsys)).keys()
    assert main(["status", "--json"]) == 0
    assert "limits" not in json.loads(out(capsys))


def numbers_in(value: Any) -> set[float]:
    """Every number anywhere in JSON that isn't whole."""
    if isinstance(value, dict):
        return {number for one in value.values() for number in numbers_in(one)}
    if isinstance(value, list):
        return {number for one in value for number in numbers_in(one)}
    return {value} if isinstance(value, float) and value != int(value) else set()


def test_on_improvement_no_way_out_tells_a_value(begin: Begin, service: FakeService, capsys: Captured) -> None:
    attempt = begin('metric_shown = "improvement"\nprecision = 3')
    service.verdicts = [erring(0.4321), erring(0.4444), erring(0.4222)]
    assert submit() == 0
    text = out(capsys)
    assert "Model tests passed: 4/5" in text
    assert "mae 0.43: the best so far." in text
    assert submit("--json") == 0
    said = json.loads(out(capsys))
    assert numbers_in(said) == set()
    assert said["tests"] == [{"passed": n < 4, "values": {}} for n in range(5)]
    assert said["notes"] == ["mae: the best told is still 0.43; one is told that beats it by more than 0.01."]
    assert submit() == 0
    assert "still 0.43" in out(capsys)
    assert main(["end", "--yes"]) == 0
    assert main(["results", "export", "-o", "result.json"]) == 0
    content = json.loads(Path("result.json").read_text())["content"]
    assert numbers_in(content["submissions"]) == set()
    assert "0.4444" not in Path("result.json").read_text()
    capsys.readouterr()
    assert main(["results", "verify", "result.json"]) == 0
    assert "only when it beats the best one" in out(capsys)
    # What stays on one's own disk can't be hidden from its owner.
    exams = ExamService(Home.default(), SystemClock())
    assert [one.verdict.tests[0].values for one in exams.submissions(attempt.id) if one.verdict][1] == {"mae": 0.4444}
    exams.close()


def test_practice_and_grading_tell_what_the_pack_allows(begin: Begin, service: FakeService, capsys: Captured) -> None:
    begin('metric_shown = "improvement"')
    main(["end", "--yes"])
    capsys.readouterr()
    service.verdicts = [erring(0.4321)]
    assert main(["practice", "problem-1", "mymodel.h5", "--pack", "small"]) == 0
    text = out(capsys)
    assert "mae 0.4: the best so far." in text
    assert "odds" not in text
    for options in (["--json"], ["--csv"], []):
        assert main(["grade", "problem-1", "mymodel.h5", "--pack", "small", *options]) == 0
        text = out(capsys)
        assert "0.43" not in text
        assert "0.6" not in text


def test_with_a_precision_odds_are_whole_percent_and_values_have_its_digits(
    begin: Begin, service: FakeService, capsys: Captured
) -> None:
    begin("precision = 2")
    service.verdicts = [erring(0.4)]  # as the grader rounds
    assert submit() == 0
    assert "mae  0.40  0.40  0.40  0.40  0.40" in out(capsys)
    main(["end", "--yes"])
    capsys.readouterr()
    assert main(["practice", "problem-1", "mymodel.h5", "--pack", "small", "--json"]) == 0
    assert json.loads(out(capsys))["odds"] == [0.0, 0.0, 0.01, 0.05, 0.33, 0.61]
    assert main(["grade", "problem-1", "mymodel.h5", "--pack", "small", "--csv"]) == 0
    assert "mae=0.40," in out(capsys)


def test_the_packs_rules_are_told_of_it(begin: Begin, capsys: Captured) -> None:
    begin("max_submissions = 9\ncooldown = 60")
    assert main(["pack", "info", "small"]) == 0
    text = out(capsys)
    assert "Each problem takes 9 tested submissions: the last graded submission counts." in text
    assert "1 minute" in text
