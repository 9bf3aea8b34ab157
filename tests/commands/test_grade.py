"""Grading what a class has handed in: everything found, one table, nothing recorded, the full lock unless waived."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from mockexam.cli import main
from mockexam.commands.models.handed_in import HandIns
from mockexam.store.home import Home
from tests.commands.test_practice import running_exam
from tests.sitting.fakes import FakeService, refused, scored, write_pack


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_pack(tmp_path / "home" / "data" / "packs")
    return Home.default()


@pytest.fixture(autouse=True)
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService([scored(4), refused(), scored(5)])
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    """What three people handed in, and what else lies about in such a folder."""
    folder = tmp_path / "class"
    for name in (
        "ada/mymodel.h5",
        "bob/mymodel.KERAS",
        "cy/model/saved_model.pb",
        "cy/model/variables/x.h5",
        "ada/x.py",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"model")
    (folder / "loop").symlink_to(folder)
    return folder


def handed_in(given: Path) -> list[Path]:
    hand_ins = HandIns(3)
    hand_ins.add(given)
    return hand_ins.models


def grade(*arguments: str) -> int:
    return main(["grade", "problem-3", "--pack", "small", *arguments])


def test_what_a_rescue_has_left_is_no_hand_in_until_it_is_named(handed: Path) -> None:
    for name in ("unsaved-20261130T141500.keras", "unsaved-20261130T141500-2.h5", ".unsaved-7.partial/model.keras"):
        (handed / "dan" / name).parent.mkdir(parents=True, exist_ok=True)
        (handed / "dan" / name).write_bytes(b"model")
    hand_ins = HandIns(3)
    hand_ins.add(handed)
    assert [path.parent.name for path in hand_ins.models] == ["ada", "bob", "cy"]
    assert [str(note) for note in hand_ins.notes if "dan" in note.english], "dan's are not passed over without a word"
    named = handed / "dan" / "unsaved-20261130T141500.keras"
    assert handed_in(named) == [named]


def test_a_folder_is_searched_and_links_are_not_followed(handed: Path) -> None:
    found = [str(path.relative_to(handed)) for path in handed_in(handed)]
    assert found == ["ada/mymodel.h5", "bob/mymodel.KERAS", "cy/model"]
    assert handed_in(handed / "cy" / "model") == [handed / "cy" / "model"]
    assert handed_in(handed / "ada" / "x.py") == [handed / "ada" / "x.py"]  # named, so it is tested, and refused there


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_nothing_to_grade_is_said(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert grade(name) == 3
    assert name in capsys.readouterr().err


def test_a_name_neither_steers_the_terminal_nor_breaks_the_table(
    handed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = handed / "ada" / "a\x1b]0;title\x07\nb.h5"
    named.write_bytes(b"model")
    for form in ([], ["--csv"]):
        grade(str(named), *form)
        text = capsys.readouterr().out
        assert "\x1b" not in text
        assert "title" not in text
        assert "\N{REPLACEMENT CHARACTER}b.h5" in text


def test_one_form_of_output(handed: Path) -> None:
    assert grade(str(handed), "--csv", "--json") == 2


def test_a_line_for_each_file_and_the_same_tests_for_all(
    handed: Path, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    os.chdir(handed.parent)
    assert grade(handed.name) == 1  # one was refused
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[1:4]] == ["4/5", "–", "5/5"]
    assert lines[-1] == "1 refused, 2 scored"
    assert len({asked.key for asked in service.asked}) == 1
    assert service.isolation == "required"


def test_the_lock_can_be_waived(handed: Path, service: FakeService) -> None:
    assert grade(str(handed / "ada"), "--isolation", "best") == 0
    assert service.isolation == "best"


def test_tables_for_programs_are_safe_in_a_spreadsheet(handed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    formula = handed / "=cmd()" / os.fsdecode(b"my\xffmodel.h5")
    formula.parent.mkdir()
    formula.write_bytes(b"model")
    os.chdir(handed)
    assert grade("=cmd()", "--csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["model"].startswith("'=cmd()/my\N{REPLACEMENT CHARACTER}model")
    assert (row["outcome"], row["passed"], row["tests"]) == ("scored", "4", "5")
    assert grade(str(handed / "bob"), "--json") == 1
    assert json.loads(capsys.readouterr().out)[0]["outcome"] == "refused"


def test_not_while_an_exam_is_running(
    home: Home, tmp_path: Path, handed: Path, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    running_exam(home, tmp_path)
    assert grade(str(handed)) == 1
    assert "running" in capsys.readouterr().err
    assert not service.asked


def test_a_folder_that_cannot_be_listed_is_named(
    handed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(folder: Any) -> Any:
        if Path(folder).name == "ada":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scandir(folder)

    def hidden(path: Path) -> bool:
        if "ada" in path.parent.parts:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return is_dir(path)

    scandir, is_dir = os.scandir, Path.is_dir
    monkeypatch.setattr(os, "scandir", denied)
    monkeypatch.setattr(Path, "is_dir", hidden)

    assert main(["grade", "line", str(handed)]) == 3
    printed = capsys.readouterr()
    assert "ada: permission denied" in printed.err
    assert "scored" not in printed.out
