"""When Python may look for garbage."""

from __future__ import annotations

import gc

import pytest

from mockexam.tui import garbage
from mockexam.tui.garbage import BETWEEN, DUE, LONGEST, REST, Garbage


class Looks:
    """A clock, how much has piled up, and the times at which it was looked at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.piled, self.at, self.frozen = 1000.0, 0, list[float](), 0
        monkeypatch.setattr(garbage, "monotonic", lambda: self.now)
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, self.piled))
        monkeypatch.setattr(gc, "collect", lambda: self.at.append(self.now))
        monkeypatch.setattr(gc, "freeze", lambda: setattr(self, "frozen", self.frozen + 1))
        self.garbage = Garbage()

    def pass_seconds(self, seconds: int, *, typing: bool) -> None:
        """So many seconds, each with keys or without."""
        for _ in range(seconds):
            self.now += 1
            if typing:
                self.garbage.last_input = self.now - 0.1
            self.garbage.check()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def test_it_waits_for_a_rest(looks: Looks) -> None:
    looks.piled = DUE
    looks.pass_seconds(int(LONGEST) - 1, typing=True)
    assert not looks.at
    looks.pass_seconds(int(REST) + 1, typing=False)
    assert len(looks.at) == 1
    looks.pass_seconds(int(BETWEEN) - 2, typing=False)
    assert len(looks.at) == 1


def test_who_never_rests_is_interrupted_now_and_then(looks: Looks) -> None:
    looks.piled = DUE
    looks.pass_seconds(5 * int(LONGEST), typing=True)
    assert len(looks.at) == 5


def test_it_does_not_look_for_little(looks: Looks) -> None:
    looks.piled = DUE - 1
    looks.pass_seconds(100, typing=False)
    assert not looks.at


def test_what_the_screen_is_made_of_is_left_out_once(looks: Looks) -> None:
    looks.garbage.keep()
    looks.pass_seconds(3, typing=False)
    assert (len(looks.at), looks.frozen) == (1, 1)
