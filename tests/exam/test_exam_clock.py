from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.clock import Anchor, Reading, effective_now, remaining, shift_sentence, wall_shift, warning_due

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
ANCHOR = Anchor(NOON, "boot-1", 1000.0)


def reading(wall_minutes: float, uptime_minutes: float, boot: str = "boot-1") -> Reading:
    return Reading(NOON + timedelta(minutes=wall_minutes), boot, 1000.0 + 60 * uptime_minutes)


@pytest.mark.parametrize("wall_minutes", [-61, 0, 30, 95, 10_000])
def test_within_one_boot_only_the_uptime_counts(wall_minutes: float) -> None:
    assert effective_now(ANCHOR, NOON, reading(wall_minutes, 30)) == NOON + timedelta(minutes=30)


def test_after_a_reboot_the_wall_clock_counts() -> None:
    assert effective_now(ANCHOR, NOON, reading(45, -16, "boot-2")) == NOON + timedelta(minutes=45)


def test_after_a_reboot_a_clock_set_back_gives_nothing() -> None:
    seen = NOON + timedelta(minutes=40)
    assert effective_now(ANCHOR, seen, reading(-20, -16, "boot-2")) == seen


def test_a_clock_known_to_be_back_is_corrected_over_a_reboot() -> None:
    seen = NOON + timedelta(minutes=40)
    now = effective_now(ANCHOR, seen, reading(-10, -16, "boot-2"), wall_shift=-3600)
    assert now == NOON + timedelta(minutes=50)


def test_a_clock_known_to_be_forward_is_not_corrected_over_a_reboot() -> None:
    """Otherwise one could set it forward, have that noted, and set it back while the machine is off."""
    seen = NOON + timedelta(minutes=40)
    now = effective_now(ANCHOR, seen, reading(50, -16, "boot-2"), wall_shift=3600)
    assert now == NOON + timedelta(minutes=50)


@given(
    seen=st.floats(0, 400),
    wall=st.floats(-10_000, 10_000),
    uptime=st.floats(-16, 10_000),
    boot=st.sampled_from(["boot-1", "boot-2"]),
    shift=st.floats(-1e5, 1e5),
)
def test_time_never_goes_back(seen: float, wall: float, uptime: float, boot: str, shift: float) -> None:
    latest = NOON + timedelta(minutes=seen)
    assert effective_now(ANCHOR, latest, reading(wall, uptime, boot), shift) >= latest


def test_remaining_is_never_negative() -> None:
    assert remaining(NOON + timedelta(minutes=5), NOON) == 300.0
    assert remaining(NOON, NOON + timedelta(minutes=5)) == 0.0


def test_every_warning_is_due_once_in_a_whole_exam() -> None:
    left = [300 * 60 - second for second in range(300 * 60 + 1)]
    due = [warning_due(before, after) for before, after in pairwise(left)]
    assert [minutes for minutes in due if minutes is not None] == [60, 30, 15, 5, 1]


def test_the_last_of_several_warnings_slept_through_is_given() -> None:
    assert warning_due(3700, 14 * 60) == 15


def test_no_warning_at_zero() -> None:
    assert warning_due(61, 0) is None


def test_a_small_correction_of_the_wall_clock_is_no_news() -> None:
    assert wall_shift(0, NOON, Reading(NOON + timedelta(seconds=59), "boot-1", 0)) is None


def test_a_shift_is_news_once() -> None:
    back = Reading(NOON - timedelta(minutes=61), "boot-1", 0)
    assert wall_shift(0, NOON, back) == -3660
    assert wall_shift(-3660, NOON, back) is None


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (-3660, "clock moved back 61 min; deadline kept"),
        (3600, "clock moved forward 60 min; deadline kept"),
        (-4 * 3600, "clock moved back 4 h; deadline kept"),
        (10 * 86400, "clock moved forward 10 days; deadline kept"),
    ],
)
def test_the_journal_says_how_far_the_clock_was_moved(seconds: float, sentence: str) -> None:
    assert shift_sentence(seconds).english == sentence
