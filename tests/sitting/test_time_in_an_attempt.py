from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.office import Attempt, Office, SubmissionError
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored


def save(attempt: Attempt, category: int) -> None:
    (attempt.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model")


def minutes_left(office: Office, attempt: Attempt) -> float:
    return office.remaining(office.attempt(attempt.id)) / 60


def clock_events(office: Office, attempt: Attempt) -> list[str]:
    return [event.detail for event in office.journal(attempt.id) if event.kind in ("clock", "restart")]


def test_the_clock_runs_while_the_app_is_closed(office: Office, clock: FakeClock, running: Attempt) -> None:
    office.close()
    clock.advance(minutes=42)
    again = Office(office.home, clock, office.catalogue)
    assert minutes_left(again, running) == 258
    again.close()


@pytest.mark.parametrize("minutes", [-61, 61])
def test_a_wall_clock_that_is_set_changes_nothing_and_is_written_down(
    office: Office, clock: FakeClock, running: Attempt, minutes: int
) -> None:
    clock.advance(minutes=10)
    clock.set_wall(minutes=minutes)
    assert minutes_left(office, running) == 290
    clock.advance(minutes=10)
    assert minutes_left(office, running) == 280
    direction = "back" if minutes < 0 else "forward"
    assert clock_events(office, running) == [f"clock moved {direction} 61 min; deadline kept"]
    office.end(running.id)
    result = office.settle(running.id)
    assert result is not None
    assert len(result.remarks) == 1
    assert "deadline kept" in result.remarks[0]


def test_a_clock_set_back_and_forth_is_written_down_twice(office: Office, clock: FakeClock, running: Attempt) -> None:
    clock.set_wall(minutes=-60)
    office.running()
    clock.set_wall(minutes=60)
    office.running()
    office.running()
    assert [detail.split(";")[0] for detail in clock_events(office, running)] == [
        "clock moved back 60 min",
        "clock moved forward 60 min",
    ]


def test_the_time_a_machine_is_off_counts(office: Office, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=30)
    clock.reboot(minutes=15)
    assert minutes_left(office, running) == 255
    clock.advance(minutes=5)
    assert minutes_left(office, running) == 250
    assert clock_events(office, running) == ["the machine was restarted; deadline kept"]


def test_a_reboot_with_the_clock_set_back_gives_no_time(office: Office, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=100)
    office.version()
    office.running()
    clock.reboot(minutes=2)
    clock.set_wall(minutes=-90)
    assert minutes_left(office, running) == 200
    clock.advance(minutes=10)
    assert minutes_left(office, running) == 190
    assert clock_events(office, running) == [
        "the machine was restarted; deadline kept",
        "clock moved back 88 min; deadline kept",
    ]


def test_at_zero_the_exam_is_over_whoever_looks(office: Office, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=1000)
    assert office.running() is None
    attempt = office.attempt(running.id)
    assert (attempt.state, attempt.end_reason, attempt.ended_at) == ("ended", "time", running.deadline)
    assert office.remaining(attempt) == 0
    result = office.settle(running.id)
    assert result is not None
    assert (result.ended_at - result.started_at).total_seconds() == 300 * 60
    assert office.journal(running.id)[-1].at == running.deadline


def test_polling_the_version_ends_an_exam_too(
    office: Office, clock: FakeClock, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.version()
    clock.advance(minutes=301)
    monkeypatch.setattr("mockexam.sitting.office.LOOK_EVERY", 0)
    assert office.version() > before


def test_ending_after_the_deadline_is_ending_at_the_deadline(
    office: Office, clock: FakeClock, running: Attempt
) -> None:
    clock.advance(minutes=400)
    assert office.end(running.id, "candidate").end_reason == "time"


def test_a_press_before_zero_counts_and_one_after_does_not(office: Office, clock: FakeClock, running: Attempt) -> None:
    service = FakeService([scored(5)], held=True)
    save(running, 1)
    save(running, 2)
    clock.advance(300 * 60 - 1)
    future = office.grade(office.submit(running.id, 1).id, service)
    clock.advance(1)
    with pytest.raises(SubmissionError, match="the exam is over"):
        office.submit(running.id, 2)
    office.end(running.id, "time")
    assert office.settle(running.id) is None
    clock.advance(30)
    service.let_go()
    future.result(5)
    result = office.settle(running.id)
    assert result is not None
    assert result.total == 10


def test_a_file_being_copied_over_the_deadline_is_waited_for(
    office: Office, clock: FakeClock, running: Attempt, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(running, 1)
    clock.advance(300 * 60 - 1)
    other = Office(office.home, clock, office.catalogue)
    real = office._snapshots.take
    seen: list[object] = []

    def slowly(source: Path, max_bytes: int) -> object:
        clock.advance(20)
        seen.append(other.running())
        seen.append(other.settle(running.id))
        return real(source, max_bytes)

    monkeypatch.setattr(office._snapshots, "take", slowly)
    submission = office.submit(running.id, 1)
    assert seen == [None, None]
    office.grade(submission.id, service).result(5)
    result = other.settle(running.id)
    assert result is not None
    assert result.total == 10
    other.close()


def test_an_older_copy_of_the_ledger_gives_no_time(
    home: Home, clock: FakeClock, catalogue: Catalogue, tmp_path: Path
) -> None:
    office = Office(home, clock, catalogue)
    attempt = office.create("Ada", tmp_path / "project", "small")
    office.provision(attempt.id)
    office.close()
    backup = home.ledger.read_bytes()
    office = Office(home, clock, catalogue)
    started = office.start(attempt.id)
    clock.advance(minutes=100)
    office.close()
    for path in home.data.glob("ledger.sqlite3*"):
        path.unlink()
    home.ledger.write_bytes(backup)
    office = Office(home, clock, catalogue)
    attempt = office.attempt(attempt.id)
    if attempt.state == "ready":
        attempt = office.start(attempt.id)
    assert attempt.deadline == started.deadline
    assert office.remaining(attempt) == 200 * 60
    office.close()


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.floats(0, 90)),
        st.tuples(st.just("wall"), st.floats(-600, 600)),
        st.tuples(st.just("reboot"), st.floats(0, 30)),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(moves=MOVES)
def test_whatever_is_done_to_the_clock_time_is_never_gained(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, float]]
) -> None:
    """Only reboots with the clock set back may hide the time the machine was off, and no more."""
    folder = tmp_path_factory.mktemp("clock")
    from tests.sitting.fakes import write_pack

    write_pack(folder / "packs")
    clock = FakeClock()
    office = Office(Home.under(folder / "home"), clock, Catalogue(folder / "packs"))
    attempt = office.create("Ada", folder / "project", "small")
    office.provision(attempt.id)
    attempt = office.start(attempt.id)
    awake = off = 0.0
    for move, minutes in moves:
        if move == "advance":
            clock.advance(minutes=minutes)
            awake += minutes
        elif move == "wall":
            clock.set_wall(minutes=minutes)
        else:
            clock.reboot(minutes=minutes)
            off += minutes
        office.running()
        assert minutes_left(office, attempt) <= max(0.0, 300 - awake) + 1e-6
    if not off:
        assert minutes_left(office, attempt) == pytest.approx(max(0.0, 300 - awake), abs=1e-4)
    office.close()
