"""`mockexam start --python`: asked about, refused where nobody can be asked, and kept for the exam."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.cli import main
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.named import named
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.tui import opening
from mockexam.tui.launch_options import LaunchOptions

FREE = ProgramRules()


@pytest.fixture
def attempt(exams: ExamService, tmp_path: Path) -> Attempt:
    attempt = exams.create("Ada Lovelace", tmp_path / "exam", "small", seed=7)
    exams.provision(attempt.id)
    return exams.start(attempt.id)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    root = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    return root


@pytest.fixture
def opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[LaunchOptions]:
    """What the screen was opened with."""
    opened: list[LaunchOptions] = []

    def run(options: LaunchOptions) -> int:
        opened.append(options)
        return 0

    monkeypatch.setattr(opening, "run", run)
    monkeypatch.setattr("mockexam.commands.start._refuse_unless_terminal", lambda: None)
    monkeypatch.setattr("mockexam.commands.start._refuse_if_small", lambda *smallest: None)
    monkeypatch.setattr("mockexam.tui.garbage.hold", lambda: None)
    return opened


def test_without_the_option_nothing_is_chosen(opened: list[LaunchOptions]) -> None:
    assert main(["start"]) == 0
    assert opened == [LaunchOptions()]
    assert not opened[0].form


def test_for_a_new_exam_it_goes_to_the_form(opened: list[LaunchOptions], environment: Path) -> None:
    assert main(["start", "--python", str(environment)]) == 0
    (options,) = opened
    assert options.form
    assert options.python == named(str(environment))


@pytest.mark.parametrize("word", ["keras2", "this"])
def test_for_the_exam_that_runs_it_is_kept(
    opened: list[LaunchOptions], attempt: Attempt, home: Home, environment: Path, word: str
) -> None:
    choices = Choices(home)
    assert main(["start", "--python", str(environment)]) == 0
    assert choices.chosen(attempt.id, FREE).interpreter == named(str(environment))
    assert main(["start", "--python", word]) == 0
    assert choices.chosen(attempt.id, FREE) == (named(word), None)
    assert opened == [LaunchOptions()] * 2


def test_where_nobody_can_be_asked_it_needs_a_yes(
    opened: list[LaunchOptions], attempt: Attempt, home: Home, environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.chmod(0o777)
    assert main(["start", "--python", str(environment)]) == 1
    assert "--yes" in capsys.readouterr().err
    assert opened == []
    assert Choices(home).chosen(attempt.id, FREE).interpreter.ours
    assert main(["start", "--python", str(environment), "--yes"]) == 0
    assert not Choices(home).chosen(attempt.id, FREE).interpreter.ours


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked(
    opened: list[LaunchOptions],
    attempt: Attempt,
    home: Home,
    answer: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    inside = attempt.project / ".venv"
    mark = attempt.project / "executed"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(inside)], check=True)
    site = inside / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    (site / "sitecustomize.py").write_text(f"open({str(mark)!r}, 'w')")
    asked: list[str] = []

    def confirm(question: str, **options: object) -> bool:
        assert not mark.exists(), "nothing of it runs before the answer"
        asked.append(question)
        return answer == "y"

    monkeypatch.setattr("click.confirm", confirm)
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert main(["start", "--python", str(inside)]) == code
    assert "It lies inside the project" in capsys.readouterr().err
    assert len(asked) == 1
    assert mark.exists() == (answer == "y")
    assert Choices(home).chosen(attempt.id, FREE, attempt.project).interpreter.ours == (answer != "y")
