"""The choice of a Python stays on its machine: an exported attempt names no path, and an imported one chooses none."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.named import named
from mockexam.sitting.service import Attempt
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from tests.transfer.conftest import Machine

OTHER = InterpreterRecord(kind="other", python="3.8.18", keras=2, versions={"tensorflow": "2.10.0"})
MakeMachine = Callable[..., Machine]


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    root = tmp_path / "my-own-environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    return root


def begun(here: Machine, environment: Path) -> Attempt:
    """An exam whose programs run in an environment of the candidate's own."""
    attempt = here.begin()
    Choices(here.exams.home).choose(attempt.id, named(str(environment)), attempt.rules.programs)
    here.exams.note_interpreter(attempt.id, OTHER)
    return attempt


def test_an_exported_attempt_names_no_path(machine: MakeMachine, environment: Path, tmp_path: Path) -> None:
    here = machine("here")
    attempt = begun(here, environment)
    choices = Choices(here.exams.home)
    assert not choices.chosen(attempt.id, attempt.rules.programs).interpreter.ours
    done = export(here.exams, attempt.id, tmp_path / "exam.zip")
    with zipfile.ZipFile(done.file) as bundle:
        contents = [bundle.read(name) for name in bundle.namelist()]
        names = bundle.namelist()
    assert len(contents) > 5
    assert [name for name in names if "interpreter.json" in name] == []
    assert not any(environment.name.encode() in content for content in contents)


def test_elsewhere_and_back_it_is_this_python_and_that_is_told(
    machine: MakeMachine, environment: Path, tmp_path: Path
) -> None:
    here, there = machine("here"), machine("there")
    attempt = begun(here, environment)
    rules = attempt.rules.programs
    bring(there.exams, export(here.exams, attempt.id, tmp_path / "one.zip").file, tmp_path / "there-exam")
    chosen = Choices(there.exams.home).chosen(attempt.id, rules)
    assert chosen.interpreter.ours
    assert chosen.interpreter.keras == 2
    assert chosen.why_fallen_back is not None
    assert "3.8.18" in chosen.why_fallen_back.english
    bring(here.exams, export(there.exams, attempt.id, tmp_path / "two.zip").file, tmp_path / "back")
    chosen = Choices(here.exams.home).chosen(attempt.id, rules)
    assert chosen.interpreter.ours
    assert chosen.why_fallen_back is not None


def test_what_ran_last_is_told_although_it_had_run_before(machine: MakeMachine, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    for record in (OTHER, InterpreterRecord(kind="this", python="3.11.2", keras=3), OTHER):
        here.exams.note_interpreter(attempt.id, record)
    assert len(here.exams.interpreters(attempt.id)) == 2
    bring(there.exams, export(here.exams, attempt.id, tmp_path / "one.zip").file, tmp_path / "there-exam")
    chosen = Choices(there.exams.home).chosen(attempt.id, attempt.rules.programs)
    assert chosen.interpreter.keras == 2
    assert chosen.why_fallen_back is not None


def test_an_attempt_that_ran_nothing_else_tells_nothing(machine: MakeMachine, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    bring(there.exams, export(here.exams, attempt.id, tmp_path / "one.zip").file, tmp_path / "there-exam")
    chosen = Choices(there.exams.home).chosen(attempt.id, attempt.rules.programs)
    assert (chosen.interpreter.ours, chosen.interpreter.keras, chosen.why_fallen_back) == (True, 3, None)
