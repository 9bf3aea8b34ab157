from __future__ import annotations

import sys
import time

import pytest

from mockexam.sitting.system_clock import SystemClock


def test_it_goes_on() -> None:
    one, two = SystemClock().reading(), SystemClock().reading()
    assert (one.boot, one.offset) == (two.boot, two.offset)
    assert 0 < one.uptime <= two.uptime
    assert two.utc.tzinfo is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system has no file of it")
def test_a_library_that_fakes_clocks_does_not_reach_the_uptime(monkeypatch: pytest.MonkeyPatch) -> None:
    before = SystemClock().reading().uptime
    monkeypatch.setattr(time, "clock_gettime", lambda clock: 1.8e9)
    after = SystemClock().reading()
    assert before <= after.uptime < before + 600
    assert after.asleep == 0


def test_another_time_zone_is_another_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert SystemClock().reading().offset == 330
    finally:
        monkeypatch.undo()
        time.tzset()
