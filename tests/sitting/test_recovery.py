from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored


def damage(home: Home) -> None:
    for path in home.data.glob("ledger.sqlite3-*"):
        path.unlink()
    home.ledger.write_bytes(b"\0" * 100 + b"not a database" * 1000)


def test_a_damaged_ledger_is_rebuilt_with_every_submission(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    service = FakeService([scored(5), scored(3)])
    for category in (1, 2, 3):
        (running.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model %d" % category)
    for category in (1, 2):
        exams.grade(exams.submit(running.id, category).id, service).result(5)
    exams.submit(running.id, 3)
    before = exams.submissions(running.id)
    clock.advance(minutes=50)
    exams.close()
    damage(exams.home)
    again = ExamService(exams.home, clock, catalogue)
    assert len(again.notices) == 1
    assert "1 attempt and 3 submissions" in str(again.notices[0])
    attempt = again.running()
    assert attempt is not None
    assert (attempt.id, attempt.deadline, again.remaining(attempt)) == (running.id, running.deadline, 250 * 60)
    assert again.submissions(running.id) == before
    assert all(again.is_whole(one) for one in before)
    assert [one.category for one in again.pending()] == [3]
    again.end(running.id)
    result = conclude(again, running.id, lambda: FakeService([scored(1)]))
    assert result is not None
    assert result.total == 10 + 9 + 4
    assert any("the ledger was damaged" in remark for remark in result.remarks)
    again.close()


def test_results_survive_a_damaged_ledger(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    exams.end(running.id)
    result = exams.settle(running.id)
    exams.close()
    damage(exams.home)
    again = ExamService(exams.home, clock, catalogue)
    assert again.result(running.id) == result
    assert again.running() is None
    again.close()


def test_an_unreadable_file_beside_the_ledger_costs_only_itself(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    first, second = exams.submit(running.id, 1), exams.submit(running.id, 1)
    exams.close()
    folder = exams.home.attempts / running.id
    (folder / f"submission-1-{first.number:04}.json").write_text('{"id": ')
    (exams.home.attempts / "stray").mkdir()
    (exams.home.attempts / "stray" / "attempt.json").write_text("[]")
    damage(exams.home)
    again = ExamService(exams.home, clock, catalogue)
    assert again.submissions(running.id) == (replace(second, state="recorded"),)
    again.close()


def backup(exams: ExamService) -> bytes:
    """The ledger as a backup program would copy it."""
    exams._ledger.reading().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return exams.home.ledger.read_bytes()


def put_back(exams: ExamService, content: bytes) -> None:
    """Restore that copy; nothing of the later ledger stays."""
    exams.close()
    for path in exams.home.data.glob("ledger.sqlite3*"):
        path.unlink()
    exams.home.ledger.write_bytes(content)


def details(exams: ExamService, attempt: Attempt) -> list[str]:
    return [event.detail for event in exams.journal(attempt.id) if event.kind == "clock"]


@pytest.mark.parametrize("end_before", [False, True])
def test_a_ledger_put_back_from_before_the_start_keeps_deadline_and_end(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, tmp_path: Path, end_before: bool
) -> None:
    attempt = exams.create("Ada", tmp_path / "project", "small")
    exams.provision(attempt.id)
    copy = backup(exams)
    started = exams.start(attempt.id)
    clock.advance(minutes=100)
    if end_before:
        exams.end(attempt.id)
    put_back(exams, copy)
    again = ExamService(exams.home, clock, catalogue)
    assert "an older copy" in str(again.notices[0])
    found = again.attempt(attempt.id)
    assert found.deadline == started.deadline
    assert details(again, attempt) == ["the ledger was an older copy; deadline kept"]
    if end_before:
        assert (found.state, found.end_reason) == ("ended", "candidate")
    else:
        assert again.remaining(found) == 200 * 60
    again.close()
    quiet = ExamService(exams.home, clock, catalogue)
    assert quiet.notices == ()
    quiet.close()


def test_an_older_copy_brings_back_no_time_and_loses_no_submission(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    exams.grade(exams.submit(running.id, 1).id, FakeService([scored(2)])).result(5)
    copy = backup(exams)
    clock.advance(minutes=100)
    exams.running()
    exams.grade(exams.submit(running.id, 1).id, FakeService([scored(5)])).result(5)
    before, journal = exams.submissions(running.id), exams.journal(running.id)
    put_back(exams, copy)
    clock.reboot()
    clock.set_wall(minutes=-90)
    again = ExamService(exams.home, clock, catalogue)
    assert again.submissions(running.id) == before
    assert [event for event in again.journal(running.id) if event.kind in ("submitted", "graded")] == [
        event for event in journal if event.kind in ("submitted", "graded")
    ]
    found = again.running()
    assert found is not None
    assert again.remaining(found) <= 200 * 60
    again.end(running.id)
    result = again.settle(running.id)
    assert result is not None
    assert any("an older copy" in remark for remark in result.remarks)
    again.close()


def test_a_backup_of_the_whole_data_folder_is_known_by_the_mark_elsewhere(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt, tmp_path: Path
) -> None:
    exams.close()
    shutil.copytree(exams.home.data, tmp_path / "copy")
    later = ExamService(exams.home, clock, catalogue)
    clock.advance(minutes=10)
    later.end(running.id)
    later.close()
    shutil.rmtree(exams.home.data)
    (tmp_path / "copy").rename(exams.home.data)
    again = ExamService(exams.home, clock, catalogue)
    found = again.attempt(running.id)
    assert (found.state, found.end_reason) == ("ended", "candidate")
    assert again.running() is None
    again.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attempt SET deadline = '2026-03-28T23:00:00.000000+00:00'",
        "UPDATE attempt SET state = 'running', ended_at = NULL, end_reason = NULL",
        "UPDATE attempt SET seen_at = started_at",
    ],
)
def test_a_ledger_changed_by_hand_gives_no_time(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt, change: str
) -> None:
    clock.advance(minutes=100)
    exams.running()
    ended = "running" in change
    if ended:
        exams.end(running.id)
    exams.close()
    with sqlite3.connect(exams.home.ledger) as connection:
        connection.execute(change)
    connection.close()
    again = ExamService(exams.home, clock, catalogue)
    found = again.attempt(running.id)
    assert found.state == ("ended" if ended else "running")
    assert found.deadline == running.deadline
    assert details(again, running) == ["the ledger was changed by another program; deadline kept"]
    again.close()


def test_an_open_app_follows_a_ledger_that_is_replaced(
    exams: ExamService, clock: FakeClock, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockexam.sitting.queries.LOOK_EVERY", 0)
    copy = backup(exams)
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    exams.submit(running.id, 1)
    other = exams.home.ledger.with_name("restored")
    other.write_bytes(copy)
    other.replace(exams.home.ledger)
    for ending in ("-wal", "-shm"):
        exams.home.ledger.with_name(f"ledger.sqlite3{ending}").unlink(missing_ok=True)
    before = exams.version()
    assert len(exams.submissions(running.id)) == 1
    exams.submit(running.id, 1)
    assert exams.version() > before
    again = ExamService(exams.home, clock, exams.catalogue)
    assert len(again.submissions(running.id)) == 2
    again.close()


@pytest.mark.parametrize("how", ["gone", "empty", "folder"])
def test_a_ledger_that_is_gone_is_made_again(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt, how: str
) -> None:
    exams.close()
    for path in exams.home.data.glob("ledger.sqlite3*"):
        path.unlink()
    if how == "empty":
        exams.home.ledger.touch()
    elif how == "folder":
        exams.home.ledger.mkdir()
    again = ExamService(exams.home, clock, catalogue)
    assert "1 attempt" in str(again.notices[0])
    assert again.running() is not None
    again.close()


def test_a_discarded_attempt_stays_away_when_the_ledger_is_rebuilt(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, tmp_path: Path
) -> None:
    attempt = exams.create("Ada", tmp_path / "project", "small")
    exams.provision(attempt.id)
    exams.discard(attempt.id)
    exams.close()
    damage(exams.home)
    again = ExamService(exams.home, clock, catalogue)
    assert again.notices, "nothing was rebuilt"
    assert again.attempts() == ()
    again.close()


def test_the_interpreters_survive_a_damaged_ledger(
    exams: ExamService, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    exams.note_interpreter(running.id, InterpreterRecord(kind="this", python="3.11.2", keras=2))
    exams.note_interpreter(running.id, InterpreterRecord(kind="other", python="3.8.18"))
    before = exams.interpreters(running.id)
    exams.close()
    damage(exams.home)
    again = ExamService(exams.home, clock, catalogue)
    assert again.interpreters(running.id) == before
    assert [one.python for one in before] == ["3.11.2", "3.8.18"]
    again.close()
