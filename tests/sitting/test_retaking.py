from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import AttemptError, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored, write_pack


@pytest.fixture
def strict(tmp_path: Path) -> Catalogue:
    """A pack that enforces the wait, beside one of another id that doesn't."""
    for name, rule in (("small", 'retake = "enforced"\n'), ("lenient", "")):
        pack = write_pack(tmp_path / name)
        text = (pack / "pack.toml").read_text().replace('id = "small"', f'id = "{name}"') + rule
        (pack / "pack.toml").write_text(text)
        (tmp_path / "both").mkdir(exist_ok=True)
        pack.rename(tmp_path / "both" / name)
    return Catalogue(tmp_path / "both")


def sit(exams: ExamService, folder: Path, pack: str = "small", name: str = "Ada", *, passing: bool = False) -> None:
    attempt = exams.create(name, folder, pack)
    exams.provision(attempt.id)
    exams.start(attempt.id)
    if passing:
        for category in attempt.problems:
            (attempt.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model")
            exams.grade(exams.submit(attempt.id, category).id, FakeService([scored(5)])).result(5)
    exams.end(attempt.id)


def test_an_enforced_wait_names_the_day_and_grows(
    home: Home, clock: FakeClock, strict: Catalogue, tmp_path: Path
) -> None:
    exams = ExamService(home, clock, strict)
    for number, days in enumerate((14, 60, 365, 365)):
        sit(exams, tmp_path / f"sat-{number}")
        day = clock.utc + timedelta(days=days)
        clock.advance(minutes=(days * 24 * 60) - 1)
        with pytest.raises(AttemptError) as refusal:
            exams.create("ADA", tmp_path / "early", "small")
        assert f"{day.astimezone():%Y-%m-%d %H:%M}" in str(refusal.value.expected)
        assert "another pack" in str(refusal.value.advice)
        exams.create("Grace", tmp_path / f"grace-{number}", "small")
        exams.create("Ada", tmp_path / f"lenient-{number}", "lenient")
        clock.advance(minutes=1)
    exams.close()


def test_an_exam_prepared_before_the_failure_waits_as_well(
    home: Home, clock: FakeClock, strict: Catalogue, tmp_path: Path
) -> None:
    exams = ExamService(home, clock, strict)
    prepared = exams.create("Ada", tmp_path / "prepared", "small")
    exams.provision(prepared.id)
    sit(exams, tmp_path / "sat")
    with pytest.raises(AttemptError, match="to sit this pack again"):
        exams.start(prepared.id)
    exams.close()


def test_a_pass_ends_the_wait(home: Home, clock: FakeClock, strict: Catalogue, tmp_path: Path) -> None:
    exams = ExamService(home, clock, strict)
    sit(exams, tmp_path / "passed", passing=True)
    assert exams.create("Ada", tmp_path / "next", "small").rules.retake == "enforced"
    exams.close()


def test_a_class_may_ask_where_the_pack_does_not(
    exams: ExamService, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(exams, tmp_path / "first")
    assert exams.create("Ada", tmp_path / "second", "small").rules.retake == "shown"
    monkeypatch.setenv("MOCKEXAM_RETAKE", "enforced")
    with pytest.raises(AttemptError, match="to sit this pack again"):
        exams.create("Ada", tmp_path / "third", "small")
