from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.exam.attempt import EndReason
from mockexam.exam.clock import Anchor
from mockexam.exam.rules import Rules
from mockexam.sitting.service import REMARKABLE, Attempt, Event, ExamService, SubmissionError
from mockexam.sitting.timekeeping import Timekeeper
from tests.sitting.fakes import FakeClock, FakeService, scored


def save(attempt: Attempt, category: int) -> None:
    (attempt.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model")


def minutes_left(exams: ExamService, attempt: Attempt) -> float:
    return exams.remaining(exams.attempt(attempt.id)) / 60


def clock_events(exams: ExamService, attempt: Attempt) -> list[str]:
    return [event.detail for event in exams.journal(attempt.id) if event.kind in REMARKABLE]


def test_the_clock_runs_while_the_app_is_closed(exams: ExamService, clock: FakeClock, running: Attempt) -> None:
    exams.close()
    clock.advance(minutes=42)
    again = ExamService(exams.home, clock, exams.catalogue)
    assert minutes_left(again, running) == 258
    again.close()


def test_two_screens_do_not_count_the_same_minutes_twice(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    clock.advance(minutes=10)
    exams.add_time(running.id, 1, 400)
    exams.add_time(running.id, 1, 400)
    exams.add_time(running.id, 2, 400)
    assert [row.seconds for row in exams.standing(running.id).categories][:2] == [600, 0]


@pytest.mark.parametrize("minutes", [-61, 61])
def test_a_wall_clock_that_is_set_changes_nothing_and_is_written_down(
    exams: ExamService, clock: FakeClock, running: Attempt, minutes: int
) -> None:
    clock.advance(minutes=10)
    clock.set_wall(minutes=minutes)
    assert minutes_left(exams, running) == 290
    clock.advance(minutes=10)
    assert minutes_left(exams, running) == 280
    direction = "back" if minutes < 0 else "forward"
    assert clock_events(exams, running) == [f"clock moved {direction} 61 min; deadline kept"]
    exams.end(running.id)
    result = exams.settle(running.id)
    assert result is not None
    assert len(result.remarks) == 1
    assert "deadline kept" in result.remarks[0]


def test_a_clock_set_back_and_forth_is_written_down_twice(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    clock.set_wall(minutes=-60)
    exams.running()
    clock.set_wall(minutes=60)
    exams.running()
    exams.running()
    assert [detail.split(";")[0] for detail in clock_events(exams, running)] == [
        "clock moved back 60 min",
        "clock moved forward 60 min",
    ]


def test_sleep_counts_and_is_written_down_once(exams: ExamService, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=10)
    clock.sleep(minutes=42)
    assert minutes_left(exams, running) == 248
    clock.advance(minutes=1)
    assert minutes_left(exams, running) == 247
    assert clock_events(exams, running) == ["the machine slept 42 min; deadline kept"]


def test_another_time_zone_changes_nothing_and_each_is_written_down_once(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    for offset in (60, 0, 60, -330, 0):
        clock.offset = offset
        assert minutes_left(exams, running) == 300
    assert clock_events(exams, running) == [
        "time zone changed from UTC+00:00 to UTC+01:00; deadline kept",
        "time zone changed from UTC+01:00 to UTC-05:30; deadline kept",
    ]
    exams.end(running.id)
    result = exams.settle(running.id)
    assert result is not None
    assert len(result.remarks) == 2


def test_the_time_a_machine_is_off_counts(exams: ExamService, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=30)
    clock.reboot(minutes=15)
    assert minutes_left(exams, running) == 255
    clock.advance(minutes=5)
    assert minutes_left(exams, running) == 250
    assert clock_events(exams, running) == ["the machine was restarted; deadline kept"]


def test_a_reboot_with_the_clock_set_back_gives_no_time(exams: ExamService, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=100)
    exams.version()
    exams.running()
    clock.reboot(minutes=2)
    clock.set_wall(minutes=-90)
    assert minutes_left(exams, running) == 200
    clock.advance(minutes=10)
    assert minutes_left(exams, running) == 190
    assert clock_events(exams, running) == [
        "the machine was restarted; deadline kept",
        "clock moved back 88 min; deadline kept",
    ]


def test_at_zero_the_exam_is_over_whoever_looks(exams: ExamService, clock: FakeClock, running: Attempt) -> None:
    clock.advance(minutes=1000)
    assert exams.running() is None
    attempt = exams.attempt(running.id)
    assert (attempt.state, attempt.end_reason, attempt.ended_at) == ("ended", "time", running.deadline)
    assert exams.remaining(attempt) == 0
    result = exams.settle(running.id)
    assert result is not None
    assert (result.ended_at - result.started_at).total_seconds() == 300 * 60
    assert exams.journal(running.id)[-1].at == running.deadline


def test_polling_the_version_ends_an_exam_too(
    exams: ExamService, clock: FakeClock, running: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exams.version()
    clock.advance(minutes=301)
    monkeypatch.setattr("mockexam.sitting.queries.LOOK_EVERY", 0)
    assert exams.version() > before


def test_ending_after_the_deadline_is_ending_at_the_deadline(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    clock.advance(minutes=400)
    assert exams.end(running.id, "candidate").end_reason == "time"


def test_a_press_before_zero_counts_and_one_after_does_not(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    service = FakeService([scored(5)], held=True)
    save(running, 1)
    save(running, 2)
    clock.advance(300 * 60 - 1)
    future = exams.grade(exams.submit(running.id, 1).id, service)
    clock.advance(1)
    with pytest.raises(SubmissionError, match="the exam is over"):
        exams.submit(running.id, 2)
    exams.end(running.id, "time")
    assert exams.settle(running.id) is None
    clock.advance(30)
    service.let_go()
    future.result(5)
    result = exams.settle(running.id)
    assert result is not None
    assert result.total == 10


def test_a_file_being_copied_over_the_deadline_is_waited_for(
    exams: ExamService, clock: FakeClock, running: Attempt, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(running, 1)
    clock.advance(300 * 60 - 1)
    other = ExamService(exams.home, clock, exams.catalogue)
    real = exams._snapshots.take
    seen: list[object] = []

    def slowly(source: Path, max_bytes: int) -> object:
        clock.advance(20)
        seen.append(other.running())
        seen.append(other.settle(running.id))
        return real(source, max_bytes)

    monkeypatch.setattr(exams._snapshots, "take", slowly)
    submission = exams.submit(running.id, 1)
    assert seen == [None, None]
    exams.grade(submission.id, service).result(5)
    result = other.settle(running.id)
    assert result is not None
    assert result.total == 10
    other.close()


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.floats(0, 90)),
        st.tuples(st.just("wall"), st.floats(-600, 600)),
        st.tuples(st.just("reboot"), st.floats(0, 30)),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=100)
@given(moves=MOVES)
def test_whatever_is_done_to_the_clock_time_is_never_gained(moves: list[tuple[str, float]]) -> None:
    clock = FakeClock()
    attempts = MemoryAttempts(clock)
    keeper = Timekeeper(clock, attempts)  # type: ignore[arg-type]
    awake, rebooted = 0.0, False
    for move, minutes in moves:
        if move == "advance":
            clock.advance(minutes=minutes)
            awake += minutes
        elif move == "wall":
            clock.set_wall(minutes=minutes)
        else:
            clock.reboot(minutes=minutes)
            rebooted = True
        keeper.look()
        assert keeper.remaining(attempts.attempt) / 60 <= max(0.0, 300 - awake) + 1e-6
    if not rebooted:
        assert keeper.remaining(attempts.attempt) / 60 == pytest.approx(max(0.0, 300 - awake), abs=1e-4)


class MemoryAttempts:
    """One running attempt, kept in memory as the ledger keeps it."""

    def __init__(self, clock: FakeClock) -> None:
        now = clock.reading()
        self.attempt = Attempt(
            id="one",
            candidate="Ada",
            project=Path("project"),
            pack_id="small",
            pack_version="1.0.0",
            pack_digest="",
            seed=1,
            state="running",
            rules=Rules(),
            created_at=now.utc,
            started_at=now.utc,
            deadline=now.utc + timedelta(minutes=300),
            anchor=Anchor(now.utc, now.boot, now.uptime),
            seen_at=now.utc,
        )

    def all(self, state: str) -> tuple[Attempt, ...]:
        return (self.attempt,) if self.attempt.state == state else ()

    def seen(
        self, attempt: Attempt, at: datetime, *, anchor: Anchor | None, wall_shift: float, events: Sequence[Event]
    ) -> None:
        assert attempt.seen_at is not None
        self.attempt = replace(
            attempt, seen_at=max(attempt.seen_at, at), anchor=anchor or attempt.anchor, wall_shift=wall_shift
        )

    def ended(self, attempt_id: str, at: datetime, reason: EndReason, detail: str) -> bool:
        self.attempt = replace(self.attempt, state="ended", ended_at=at, end_reason=reason)
        return True
