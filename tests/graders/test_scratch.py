"""The folder of copies: somebody may tidy it away, fill the disk, or put another in its place."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from graders.contract import Contract, Scoring, Task, Threshold
from graders.protocol import Grade
from graders.sandbox import report
from graders.scratch import FRESH_SECONDS, LOCK_OF_0_1_0, PREFIX, Scratch, ensure
from graders.trusted import grading
from graders.trusted.grading import Grader
from graders.verdict import Verdict


class ForkServer:
    """Starts nothing."""

    isolation = report.probe()


def _graded(folder: Path, scratch: Path) -> Verdict:
    contract = Contract(input_shape=(1,), output_shape=(1,))
    task = Task(contract=contract, scoring=Scoring(thresholds=(Threshold(metric="mae", at_most=1),)), hidden="")
    np.savez(folder / "hidden.npz", inputs=np.zeros((4, 1)), labels=np.zeros((4, 1)))
    (folder / "mymodel.h5").write_bytes(b"no model")
    model, hidden = os.fsencode(folder / "mymodel.h5"), os.fsencode(folder / "hidden.npz")
    order = Grade(id=1, model=model, hidden=hidden, task=task, key="k", press=0)
    return Grader(ForkServer(), scratch, required=False).grade(order, lambda _: None, -1)  # type: ignore[arg-type]


def test_a_folder_that_was_tidied_away_is_made_again(tmp_path: Path) -> None:
    verdict = _graded(tmp_path, tmp_path / "scratch")

    assert verdict.outcome == "refused"
    assert (tmp_path / "scratch").stat().st_mode & 0o777 == 0o700


def test_it_is_made_again_with_the_folders_above_it(tmp_path: Path) -> None:
    ensure(tmp_path / "temporary" / "scratch")

    assert (tmp_path / "temporary" / "scratch").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_one_that_is_open_to_others_is_replaced(mode: int, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "planted").touch()
    scratch.chmod(mode)

    assert _graded(tmp_path, scratch).outcome == "refused"
    assert scratch.stat().st_mode & 0o777 == 0o700
    assert not (scratch / "planted").exists()


@pytest.mark.parametrize("kind", ["link", "file", "somebody else's"])
def test_what_somebody_else_put_there_is_not_used(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    if kind == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        scratch.symlink_to(tmp_path / "elsewhere")
    elif kind == "file":
        scratch.touch(0o600)
    else:
        scratch.mkdir(mode=0o700)
        user = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: user)

    with pytest.raises(PermissionError):
        ensure(scratch)
    verdict = _graded(tmp_path, scratch)
    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "machine"
    assert os.path.lexists(scratch)


@pytest.mark.parametrize("made", ["new", "again"])
def test_programs_that_tidy_see_that_it_is_in_use(made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch = Scratch()
    if made == "again":
        scratch.path.rmdir()
        ensure(scratch.path)
    seen = os.open(scratch.path, os.O_RDONLY)

    with pytest.raises(BlockingIOError):  # as systemd-tmpfiles asks before it enters a folder
        fcntl.flock(seen, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.utime(scratch.path, (0, 0))
    Scratch().remove()
    assert scratch.path.exists()
    os.close(seen)
    scratch.remove()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_a_full_disk_is_the_machines_fault(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(grading, "stage", full)
    verdict = _graded(tmp_path, tmp_path / "scratch")

    assert verdict.outcome == "unable"
    assert not verdict.counts
    assert verdict.reason is not None
    assert (verdict.reason.link, verdict.reason.code) == ("grader", "machine")
    assert verdict.reason.found == os.strerror(number)
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize("content", ["nothing", "a lock of 0.1.0", "files"])
def test_what_a_kill_left_is_swept_once_it_is_old(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{PREFIX}left"
    left.mkdir(mode=0o700)
    if content != "nothing":
        (left / (LOCK_OF_0_1_0 if content == "a lock of 0.1.0" else "model.h5")).touch()
    fresh = tmp_path / f"{PREFIX}fresh"
    fresh.mkdir(mode=0o700)
    os.utime(left, (0, time.time() - 2 * FRESH_SECONDS))

    ours = Scratch()

    assert not left.exists()
    assert fresh.exists()
    ours.remove()


def test_what_0_1_0_uses_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    used = tmp_path / f"{PREFIX}used"
    used.mkdir(mode=0o700)
    with (used / LOCK_OF_0_1_0).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(used, (0, 0))
        Scratch().remove()

    assert used.exists()
