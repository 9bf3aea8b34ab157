from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.cli import main
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.sitting.fakes import FakeService

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def at(tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Home]:
    """Go to a machine: from then on the commands are given there."""
    monkeypatch.setattr("graders.Service", lambda *given, **options: FakeService(), raising=False)
    monkeypatch.chdir(tmp_path)

    def go(name: str) -> Home:
        monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / name))
        if not Home.default().packs.exists():
            shutil.copytree(packs, Home.default().packs)
        return Home.default()

    return go


def begin(home: Home, project: Path) -> str:
    exams = ExamService(home, SystemClock())
    attempt = exams.create("Ada", project, "small")
    exams.provision(attempt.id)
    exams.start(attempt.id)
    (project / "Category1" / "mymodel.h5").write_bytes(b"\x89HDF model")
    exams.close()
    return attempt.id


def test_an_exam_is_moved_by_two_commands(at: Callable[[str], Home], tmp_path: Path, capsys: Printed) -> None:
    attempt = begin(at("here"), tmp_path / "exam")
    assert main(["submit", "1"]) == 0
    capsys.readouterr()
    assert main(["export-attempt", "-o", "ada.zip"]) == 0
    text = capsys.readouterr().out
    assert "1 submission." in text
    assert "4 h 59 min left" in text
    assert "mockexam import-attempt ada.zip" in text
    for command in (["status"], ["submit", "1"], ["end", "--yes"]):
        assert main(command) == 3
        assert "to go on elsewhere" in capsys.readouterr().err
    assert main(["results"]) == 3
    assert f"{attempt} was exported" in capsys.readouterr().err
    assert main(["export-attempt", "-o", "ada.zip"]) == 2
    assert main(["export-attempt", attempt[:10], "-o", "again.zip", "--json"]) == 0
    capsys.readouterr()
    at("there")
    assert main(["import-attempt", "ada.zip", "--project", "exam-there", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["attempt"], said["state"]) == (attempt, "running")
    assert 17_900 < said["seconds_left"] <= 18_000
    assert main(["import-attempt", "ada.zip"]) == 1
    assert "runs here" in capsys.readouterr().err
    assert main(["end", "--yes"]) == 0
    assert "on another machine; deadline kept" in capsys.readouterr().out
    assert main(["export-attempt", attempt, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "ended"
    assert main(["results", "verify", f"mockexam-{attempt}.zip"]) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["export-attempt"], 3),
        (["export-attempt", "nonesuch"], 3),
        (["import-attempt"], 2),
        (["import-attempt", "none.zip"], 3),
        (["import-attempt", "text.zip"], 1),
        (["import-attempt", "."], 3),
        (["results", "export"], 3),
        (["results", "export", "nonesuch"], 3),
        (["results", "verify"], 2),
        (["results", "verify", "none.json"], 3),
        (["results", "verify", "text.zip"], 1),
        (["results", "verify", "text.zip", "--attempt", "none.zip"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_codes(
    at: Callable[[str], Home], tmp_path: Path, arguments: list[str], code: int, capsys: Printed
) -> None:
    at("here")
    (tmp_path / "text.zip").write_text("no zip")
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert error
    assert "Traceback" not in error
    assert "mockexam failed" not in error
