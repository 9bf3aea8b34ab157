"""matplotlib's list of fonts is made while an exam is prepared."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mockexam.plots import fonts
from mockexam.sitting.service import ExamService
from tests.sitting.conftest import catalogue, clock, exams, home, service
from tests.sitting.fakes import FakeService

__all__ = ["catalogue", "clock", "exams", "home", "service"]

REAL = fonts.COMMAND


def test_the_list_is_kept_where_matplotlib_looks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "COMMAND", REAL)
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    fonts.find_fonts().join(60)
    assert list(tmp_path.glob("fontlist-*.json"))


@pytest.mark.parametrize("command", [("/nowhere/python",), (sys.executable, "-c", "raise SystemExit(3)")])
def test_a_failure_is_nobodys_business(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "COMMAND", command)
    thread = fonts.find_fonts()
    thread.join(60)
    assert not thread.is_alive()


def test_preparing_an_exam_begins_it_and_waits_for_nothing(
    exams: ExamService, service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(fonts, "COMMAND", ("sh", "-c", f"echo begun > {pipe}"))
    attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id, service=service)
    # It still waits for somebody to listen.
    assert pipe.read_text() == "begun\n"
