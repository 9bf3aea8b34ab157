"""The lock is tried, not believed: a hole is found, named, and lowers the level; what can't be tried counts as none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import graders
from graders.sandbox import landlock, lock, report, seccomp, trial
from graders.sandbox.lock import Layer
from graders.sandbox.trial import Place, TrialError

ALL: tuple[Layer, ...] = ("privileges", "limits", "files", "calls")
needs_lock = pytest.mark.skipif(report.probe().level != "full", reason="this kernel has no full lock")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.lay(tmp_path / "trial")


@needs_lock
def test_the_lock_holds_here(place: Place) -> None:
    assert trial.run(place, ALL) == {}
    assert graders.isolation_report(tried=True)["tried"]


def test_without_a_lock_everything_gets_through(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "engage", lambda *_: None)

    found = trial.run(place, ALL)

    assert {"open a file", "list a folder"} <= set(found["files"])
    assert {"open a network socket", "start a process", "start a program", "write a file"} <= set(found["calls"])
    assert "use files of any size" in found["limits"]


@needs_lock
@pytest.mark.parametrize(
    ("layer", "module", "name", "hole"),
    [
        ("files", landlock, "restrict", "open a file"),
        ("calls", seccomp, "restrict", "open a network socket"),
    ],
)
def test_a_kernel_that_only_pretends_is_found_out(
    layer: str, module: object, name: str, hole: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, lambda *_: 0)  # answers like success and does nothing

    found = trial.run(place, ALL)
    isolation = report.after_trial(report.probe(), found)

    assert hole in found[layer]
    assert isolation.level == "partial"
    assert not isolation.holds_code
    assert hole in str(isolation.layers[layer])
    assert set(isolation.engaged) == set(ALL)  # what holds a little is still better than nothing
    assert isolation.advice
    assert hole in str(report.described(isolation.faults))


@needs_lock
def test_a_locked_process_that_cannot_be_seen_is_found_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "usage", lambda _: None)  # as with hidepid on /proc

    found = trial.run(place, ALL)
    isolation = report.after_trial(report.probe(), trial.decoded(json.dumps(found).encode()))

    assert found == {"limits": (trial.HIDES.english,)}
    assert report.after_trial(report.probe(), json.loads(json.dumps(found))) == isolation  # as the supervisor is told
    assert (isolation.level, isolation.holds_code, list(isolation.faults)) == ("partial", False, ["limits"])
    assert "hidepid" in str(isolation.advice)
    assert set(isolation.engaged) == set(ALL)
    assert trial.act_in_words(trial.HIDES.english) == trial.HIDES


def test_what_cannot_be_tried_is_not_relied_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("no such call")

    monkeypatch.setattr(lock, "engage", fails)

    with pytest.raises(TrialError, match="no such call"):
        trial.run(place, ALL)
    assert report.untried(report.probe(), "no such call").level == "none"


def test_a_trial_that_dies_is_no_proof(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "engage", lambda *_: os._exit(0))

    with pytest.raises(TrialError, match="died"):
        trial.run(place, ALL)


def test_a_lock_that_is_too_tight_is_no_lock(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(place.allowed).unlink()

    with pytest.raises(TrialError, match="can't read what it must"):
        trial.run(place, ())
    assert place.bait


def test_bait_that_nobody_can_read_proves_nothing(place: Place) -> None:
    Path(place.bait).unlink()

    with pytest.raises(TrialError, match="without the lock either"):
        trial.run(place, ALL)


def test_what_a_trial_says_is_checked() -> None:
    for text in (b"", b"[]", b'{"files": 3}', b"\xff", b"{"):
        with pytest.raises(TrialError):
            trial.decoded(text)
    assert trial.decoded(b'{"files": ["open a file"]}') == {"files": ("open a file",)}
