from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.concluding import conclude
from mockexam.sitting.office import Attempt, Office
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored


def damage(home: Home) -> None:
    for path in home.data.glob("ledger.sqlite3-*"):
        path.unlink()
    home.ledger.write_bytes(b"\0" * 100 + b"not a database" * 1000)


def test_a_damaged_ledger_is_rebuilt_with_every_submission(
    office: Office, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    service = FakeService([scored(5), scored(3)])
    for category in (1, 2, 3):
        (running.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model %d" % category)
    for category in (1, 2):
        office.grade(office.submit(running.id, category).id, service).result(5)
    office.submit(running.id, 3)
    before = office.submissions(running.id)
    clock.advance(minutes=50)
    office.close()
    damage(office.home)
    again = Office(office.home, clock, catalogue)
    assert len(again.notices) == 1
    assert "1 attempts and 3 submissions" in again.notices[0]
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
    office: Office, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    office.end(running.id)
    result = office.settle(running.id)
    office.close()
    damage(office.home)
    again = Office(office.home, clock, catalogue)
    assert again.result(running.id) == result
    assert again.running() is None
    again.close()


def test_an_unreadable_file_beside_the_ledger_costs_only_itself(
    office: Office, clock: FakeClock, catalogue: Catalogue, running: Attempt
) -> None:
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    first, second = office.submit(running.id, 1), office.submit(running.id, 1)
    office.close()
    folder = office.home.attempts / running.id
    (folder / f"submission-1-{first.number:04}.json").write_text('{"id": ')
    (office.home.attempts / "stray").mkdir()
    (office.home.attempts / "stray" / "attempt.json").write_text("[]")
    damage(office.home)
    again = Office(office.home, clock, catalogue)
    assert again.submissions(running.id) == (replace(second, state="recorded"),)
    again.close()


@pytest.mark.parametrize("end_before", [False, True])
def test_a_ledger_put_back_from_before_the_start_keeps_deadline_and_end(
    home: Home, clock: FakeClock, catalogue: Catalogue, tmp_path: Path, end_before: bool
) -> None:
    from mockexam.sitting.office import AttemptError

    office = Office(home, clock, catalogue)
    attempt = office.create("Ada", tmp_path / "project", "small")
    office.provision(attempt.id)
    office.close()
    backup = home.ledger.read_bytes()
    office = Office(home, clock, catalogue)
    started = office.start(attempt.id)
    clock.advance(minutes=100)
    if end_before:
        office.end(attempt.id)
    office.close()
    for path in home.data.glob("ledger.sqlite3*"):
        path.unlink()
    home.ledger.write_bytes(backup)
    office = Office(home, clock, catalogue)
    assert office.attempt(attempt.id).state == "ready"
    if end_before:
        with pytest.raises(AttemptError, match="has not ended"):
            office.start(attempt.id)
        assert office.attempt(attempt.id).end_reason == "candidate"
    else:
        attempt = office.start(attempt.id)
        assert attempt.deadline == started.deadline
        assert office.remaining(attempt) == 200 * 60
    office.close()
