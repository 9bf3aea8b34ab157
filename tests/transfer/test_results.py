"""Signed result files: written, checked, changed by somebody, and tested again."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.verdict import Verdict
from mockexam import __version__
from mockexam.cli import main
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from mockexam.transfer import signed_result, signing
from mockexam.transfer.exporting import export
from tests.sitting.fakes import Asked, FakeService, refused, scored, unable
from tests.transfer.conftest import Machine

Make = Callable[..., Machine]
Run = Callable[..., int]


def by_size(asked: Asked) -> Verdict:
    """A grader for which a model's size is its score."""
    return scored(len(asked.model.read_bytes()) % 6)


@pytest.fixture
def there(machine: Make) -> Machine:
    """Where an exam was sat: 5/5, 3/5 after 4/5, and three categories without a submission."""
    here = machine("here")
    attempt = here.begin()
    here.submit(attempt, 1, 5, b"12345")
    here.submit(attempt, 2, 4, b"1234")
    here.submit(attempt, 2, 3, b"123")
    versions = {"tensorflow": "2.10.1", "keras": "2.10.0", "numpy": "1.24.4"}
    record = InterpreterRecord(kind="other", python="3.8.18", keras=2, versions=versions)
    here.exams.note_interpreter(attempt.id, record)
    here.clock.set_wall(minutes=-61)
    here.exams.running()
    here.exams.end(attempt.id)
    here.exams.settle(attempt.id)
    return here


@pytest.fixture
def run(there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MOCKEXAM_HOME", str(there.folder / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("graders.Service", lambda *given, **options: FakeService(by_size), raising=False)
    return lambda *arguments: main(list(arguments))


def exported(there: Machine, tmp_path: Path) -> tuple[Path, Path]:
    """The result file (written by the command before) and the exported attempt."""
    (attempt,) = there.exams.attempts()
    export(there.exams, attempt.id, tmp_path / "attempt.zip")
    return next(tmp_path.glob("mockexam-result-*.json")), tmp_path / "attempt.zip"


def test_a_result_is_written_signed_and_verified(
    run: Run, there: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("results", "export") == 0
    printed = capsys.readouterr().out
    file, _ = exported(there, tmp_path)
    said = json.loads(file.read_text())["content"]
    (attempt,) = there.exams.attempts()
    submissions = there.exams.submissions(attempt.id)
    assert (said["total"], said["seed"], said["pack"]["digest"]) == (19.0, 7, attempt.pack_digest)
    assert [one["sha256"] for one in said["submissions"]] == [one.sha256 for one in submissions]
    assert said["problems"][0] == {
        "category": 1, "problem": "problem-1", "key": "7:00000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    assert {"mockexam", "python", "system", "tensorflow", "keras"} <= set(said["versions"])
    assert said["isolation"] == ["none"]
    assert "clock moved back 61 min; deadline kept" in said["remarks"][0]
    assert said["rules"]["programs"] == {"keras": None, "others": True, "advice": "all", "rescue": True}
    assert [one["python"] for one in said["interpreters"]] == ["3.8.18"]
    assert run("results", "verify", str(file)) == 0
    text = capsys.readouterr().out
    assert "The signature and the sums hold" in text
    assert "this user's own" in text
    used = "another Python 3.8.18, Keras 2: tensorflow 2.10.1, keras 2.10.0, numpy 1.24.4"
    assert used in text
    assert "you choose" in text
    assert run("results", said["attempt"]) == 0
    assert used in capsys.readouterr().out
    assert "clock moved back 61 min" in text
    key = printed.split("key ")[1].strip()
    assert run("results", "verify", str(file), "--key", key) == 0
    assert run("results", "verify", str(file), "--key", "0000 0000 0000 0000") == 1
    assert run("results", "export") == 2
    assert "already there" in capsys.readouterr().err


def test_the_key_is_for_its_owner_only_and_stays(run: Run, there: Machine, tmp_path: Path) -> None:
    run("results", "export", "-o", "one.json")
    file = there.exams.home.signing_key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    file.chmod(0o644)
    run("results", "export", "-o", "two.json")
    assert file.read_bytes() == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.glob(".signing-key*")] == []
    keys = [json.loads((tmp_path / name).read_text())["key"] for name in ("one.json", "two.json")]
    assert keys[0] == keys[1]


def test_a_key_that_is_none_is_explained(run: Run, there: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    there.exams.home.signing_key.write_text("no key")
    assert run("results", "export") == 4
    assert "Move it away" in capsys.readouterr().err


def test_another_format_of_the_same_content_still_verifies(run: Run, there: Machine, tmp_path: Path) -> None:
    run("results", "export")
    file, _ = exported(there, tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()), sort_keys=True))
    assert run("results", "verify", str(file)) == 0


def test_a_changed_result_is_told_whatever_was_changed(
    run: Run, there: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, _ = exported(there, tmp_path)
    whole = json.loads(file.read_text())
    changes: tuple[Callable[[dict[str, Any]], None], ...] = (
        lambda said: said.update(total=100.0),
        lambda said: said.update(candidate="Grace"),
        lambda said: said["submissions"][0]["verdict"].update(isolation="full"),
        lambda said: said.update(extra=1),
        lambda said: said["remarks"].clear(),
    )
    for change in changes:
        changed = json.loads(json.dumps(whole))
        change(changed["content"])
        file.write_text(json.dumps(changed))
        assert run("results", "verify", str(file)) == 1
        assert "changed since" in capsys.readouterr().err
    for junk in ("", "{}", "[]", '{"content": {}, "key": "00", "signature": "zz"}', "[" * 100_000, '{"content":1e999}'):
        file.write_text(junk)
        assert run("results", "verify", str(file)) == 1
        assert "Traceback" not in capsys.readouterr().err
    assert run("results", "verify", str(tmp_path / "none.json")) == 3
    assert run("results", "verify", str(tmp_path)) == 3
    os.mkfifo(tmp_path / "pipe")
    assert run("results", "verify", str(tmp_path / "pipe")) == 3


def test_a_forged_result_with_a_signature_of_its_own_does_not_add_up(
    run: Run, there: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, _ = exported(there, tmp_path)
    said = json.loads(file.read_text())["content"]
    for change, found in (
        ({"total": 100.0, "passed": True}, "100 points in all where the submissions give 19"),
        ({"deadline": "2026-03-29T12:00:00Z"}, "a deadline later than the exam is long"),
        ({"started_at": "2026-03-28T12:00:00"}, "a result file of this format"),
        ({"format": 2}, "Update mockexam"),
        ({"candidate": "Ada\x1b[2J"}, "control characters"),
        ({"ended_at": "9999-12-31T23:59:59Z"}, "the year 9999"),
        ({"rules": said["rules"] | {"minutes": 10**15}}, f"an exam of {10**15} minutes"),
        ({"rules": said["rules"] | {"max_submissions": {"2": 1}}}, "2 tested submissions in category 2, which takes 1"),
        ({"rules": said["rules"] | {"cooldown": {"2": 10**18}}}, "a submission in category 2 0 s after the one before"),
    ):
        file.write_bytes(signing.signed(signed_result.PURPOSE, said | change, tmp_path / "key"))
        assert run("results", "verify", str(file)) == 1
        printed = capsys.readouterr()
        assert found in printed.out + printed.err
        assert "\x1b" not in printed.out + printed.err
    # A list of another kind of file is no result, though it is signed.
    file.write_bytes(signing.signed("attempt", said, tmp_path / "key"))
    assert run("results", "verify", str(file)) == 1


def test_a_name_of_several_lines_prints_no_report_of_its_own(
    run: Run, there: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, _ = exported(there, tmp_path)
    honest = "Ada, 2026-01-01 10:00, attempt 1\n100 of 100 points, 90 pass"
    forged(file, lambda said: said.update(candidate=honest, remarks=[honest]), tmp_path / "key")
    capsys.readouterr()

    run("results", "verify", str(file))

    assert not [line for line in capsys.readouterr().out.splitlines() if line.startswith("100 of 100")]


@pytest.mark.parametrize("key", sorted(signing._SMALL_ORDER))
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_that_any_signature_fits_signs_nothing(key: bytes, sign: int) -> None:
    weak = key[:31] + bytes([key[31] | sign])
    # For a key of order 1 the equation holds with the neutral element and 0; of order 8, for one message in eight.
    for text in range(64):
        content = json.dumps({"n": text})
        signature = b"\x01" + bytes(63)
        file = f'{{"content": {content}, "key": "{weak.hex()}", "signature": "{signature.hex()}"}}'.encode()
        with pytest.raises(signing.SignatureError):
            signing.verified("result", file, "result.json")


def test_a_name_that_the_terminal_lacks_ends_no_command(run: Run, there: Machine, tmp_path: Path) -> None:
    run("results", "export")
    file, _ = exported(there, tmp_path)
    forged(file, lambda said: said.update(candidate="한글 é"), tmp_path / "key")
    environment = os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp949"}

    told = subprocess.run(
        [sys.executable, "-m", "mockexam", "results", "verify", str(file)],
        capture_output=True,
        env=environment,
        timeout=60,
    )

    assert told.returncode == 0, told.stderr
    assert told.stdout.decode("cp949").startswith("한글 \\xe9, ")


def test_models_tested_again_give_the_same_score(
    run: Run, there: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    capsys.readouterr()
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 0
    printed = capsys.readouterr()
    assert "2 models, tested again, give the same score" in printed.out
    assert "Tested category 2, number 2 again" in printed.err
    assert run("results", "verify", str(bundle), "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["own_key"]
    assert [(one["then"], one["now"]) for one in again["regraded"]] == [(5, 5), (3, 3)]


def forged(file: Path, change: Callable[[dict[str, Any]], None], key: Path) -> None:
    said = json.loads(file.read_text())["content"]
    change(said)
    file.write_bytes(signing.signed(signed_result.PURPOSE, said, key))


def better(said: dict[str, Any]) -> None:
    """Category 2 passed after all, sums included."""
    for test in said["submissions"][2]["verdict"]["tests"]:
        test["passed"] = True
    said["categories"][1] |= {"tests_passed": 5, "points": 15.0}
    said["total"] = 25.0


def easier(said: dict[str, Any]) -> None:
    """Draws of the candidate's own choice."""
    said["problems"][1]["key"] = "8:00000000-0000-4000-8000-000000000002"


def kinder(said: dict[str, Any]) -> None:
    """A lower pass mark."""
    said["rules"]["pass_mark"] = 10.0
    said["passed"] = True
    said["rules"]["weights"]["1"] = 10.0


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (better, "category 2, number 2: 5 tests passed then, 3 tests passed now"),
        (easier, "others in category 2"),
        (kinder, "others in the result where the rules of small"),
        (lambda said: said["rules"].update(max_submissions={"1": 9}), "others in the result where the rules of small"),
        (lambda said: said["rules"].update(metric_shown="improvement"), "others in the result where the rules of"),
        (lambda said: said.update(attempt="20260101-000000"), "attempt 2026"),
        (lambda said: said["submissions"][0].update(sha256="0" * 64), "with other submissions"),
    ],
    ids=["better", "easier", "kinder", "limited", "told", "another", "swapped"],
)
def test_testing_again_finds_what_a_forger_made_up(
    run: Run, there: Machine, tmp_path: Path, change: Callable[[dict[str, Any]], None], found: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    forged(file, change, there.exams.home.signing_key)
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 1
    printed = capsys.readouterr()
    assert found in printed.out + printed.err
    assert "give the same score" not in printed.out


def refusing(asked: Asked) -> Verdict:
    """A grader that no longer takes models of three bytes."""
    return refused() if asked.model.stat().st_size == 3 else by_size(asked)


@pytest.mark.parametrize(("grader", "told"), [(None, "an older grader"), ("0.0.9", "grader 0.0.9")])
def test_what_todays_grader_refuses_is_told_as_that_and_not_as_forged(
    run: Run, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    grader: str | None, told: str,
) -> None:  # fmt: skip
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    named(file, grader, there)
    monkeypatch.setattr("graders.Service", lambda *given, **options: FakeService(refusing), raising=False)
    capsys.readouterr()
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 1
    printed = capsys.readouterr().out
    assert "Does not hold" not in printed
    assert (
        f"Category 2, number 2: 3 tests passed by {told}; today's grader ({__version__}) refuses the model" in printed
    )
    assert "(28, 28, 1)" in printed
    assert "give the same score" not in printed
    assert run("results", "verify", str(file), "--attempt", str(bundle), "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["faults"] == []
    assert [one.get("refused_now") for one in said["regraded"]] == [None, True]


def test_a_refusal_by_the_grader_that_is_named_is_no_change_of_the_grader(
    run: Run, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    named(file, __version__, there)
    monkeypatch.setattr("graders.Service", lambda *given, **options: FakeService(refusing), raising=False)
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 1
    assert "Does not hold: found category 2, number 2: 3 tests passed then, refused now" in capsys.readouterr().out


def named(file: Path, grader: str | None, there: Machine) -> None:
    """Have the receipts of a result name a grader, or none as those of 0.1.0."""

    def change(said: dict[str, Any]) -> None:
        for one in said["submissions"]:
            one["verdict"]["receipt"].pop("grader", None)
            one["verdict"]["receipt"] |= {"grader": grader} if grader else {}

    forged(file, change, there.exams.home.signing_key)


def test_an_exam_begun_with_an_older_copy_of_the_pack_goes_on_is_graded_and_its_result_verifies(
    machine: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = machine("here")
    attempt = here.begin()
    here.submit(attempt, 1, 5, b"12345")
    before = here.exams.task(attempt.id, 1)
    home, clock = here.exams.home, here.clock
    here.exams.close()
    for name in ("pack.toml", "problem-1/problem.toml"):  # a new version: another threshold for the first problem
        text = (home.packs / "small" / name).read_text("utf-8")
        text = text.replace('version = "1.2.3"', 'version = "1.3.0"').replace("at_most = 1.0", "at_most = 0.5")
        (home.packs / "small" / name).write_text(text, "utf-8")
    exams = ExamService(home, clock, Catalogue(home.packs))
    here.exams = exams
    assert exams.catalogue.pack("small").digest != attempt.pack_digest
    running = exams.running()
    assert running is not None
    assert (running.id, running.pack_version) == (attempt.id, "1.2.3")

    service = FakeService([scored(4)])
    (attempt.project / "Category1" / "mymodel.h5").write_bytes(b"4444")
    assert exams.grade(exams.submit(attempt.id, 1).id, service).result(5).passed == 4
    assert service.asked[0].task == before.within("Category1"), "as it was when the exam was provisioned"
    exams.end(attempt.id)
    result = exams.settle(attempt.id)
    assert result is not None
    assert result.categories[0].tests_passed == 4

    monkeypatch.setenv("MOCKEXAM_HOME", str(home.data.parent))
    monkeypatch.chdir(tmp_path)
    assert main(["results", "export"]) == 0
    file = next(tmp_path.glob("mockexam-result-*.json"))
    assert main(["results", "verify", str(file)]) == 0
    assert "small 1.2.3" in capsys.readouterr().out
    export(exams, attempt.id, tmp_path / "attempt.zip")
    assert main(["results", "verify", str(file), "--attempt", str(tmp_path / "attempt.zip")]) == 3
    printed = capsys.readouterr()
    assert "Does not hold" not in printed.out
    assert "the pack small 1.2.3" in printed.err
    assert "Install it as it was handed out" in printed.err


def test_a_grader_that_fails_proves_nothing(
    run: Run, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    monkeypatch.setattr("graders.Service", lambda *given, **options: FakeService([unable()]), raising=False)
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 4
    assert "could not be tested here" in capsys.readouterr().out


def test_another_user_is_told_what_to_install(
    run: Run, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("results", "export")
    file, bundle = exported(there, tmp_path)
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "other"))
    assert run("results", "verify", str(file), "--attempt", str(bundle)) == 3
    assert "mockexam pack install" in capsys.readouterr().err
    assert run("results", "verify", str(file)) == 0
    assert "ask whoever signed" in capsys.readouterr().out
    assert not Home.default().signing_key.exists()


def test_an_unfinished_exam_has_no_result(machine: Make, tmp_path: Path) -> None:
    here = machine("alone")
    attempt = here.begin()
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    assert main(["results", "verify", str(tmp_path / "moved.zip")]) == 3


def test_a_copy_that_is_damaged_at_the_end_is_told_with_the_result(machine: Make) -> None:
    here = machine("here")
    attempt = here.begin()
    here.submit(attempt, 1, 5)
    path = here.exams.snapshot(here.exams.submissions(attempt.id)[0].sha256)
    path.chmod(0o600)
    path.write_bytes(b"other")
    here.exams.end(attempt.id)
    result = here.exams.settle(attempt.id)
    assert result is not None
    assert result.total == 10
    assert "category 1, number 1 is missing or has changed" in result.remarks[-1]
