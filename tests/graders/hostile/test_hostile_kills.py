"""Somebody kills or stops the grader's processes while a model is examined: one verdict, and the next one is graded."""

from __future__ import annotations

import contextlib
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from graders import Service, Verdict
from graders.scratch import PREFIX
from tests.graders.hostile.conftest import Arsenal

pytestmark = pytest.mark.real_time

WALL = 1.0
MOST = 90.0  # seconds, with two starts of TensorFlow on a busy machine


def processes(service: Service) -> dict[str, psutil.Process]:
    """The supervisor, the warm process and a child, as far as they are there."""
    supervisor = service._supervisor
    assert supervisor is not None
    assert supervisor._process is not None
    found = {"supervisor": psutil.Process(supervisor._process.pid)}
    with contextlib.suppress(psutil.Error, IndexError):
        found["warm"] = found["supervisor"].children()[0]
        found["child"] = found["warm"].children()[0]
    return found


def struck(service: Service, victim: str, how: signal.Signals, arsenal: Arsenal, model: str) -> Verdict:
    """The verdict on a model whose grader was struck while it had the model in hand."""
    loading = threading.Event()
    future = service.submit(
        arsenal.folder / model,
        arsenal.task(wall_seconds=WALL),
        key="k",
        on_phase=lambda phase: loading.set() if phase == "loading" else None,
    )
    loading.wait(MOST)
    time.sleep(0.3)  # before it, the child that was there may be the one that waits for the next model
    deadline = time.monotonic() + MOST
    while not future.done() and time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error, AssertionError):
            found = processes(service)
            if "child" in found:
                found[victim].send_signal(how)
                break
        time.sleep(0.01)
    return future.result(MOST)


@pytest.fixture(scope="module")
def struck_service() -> Iterator[Service]:
    service = Service(isolation="required", slots=1)
    service.start()
    if service.isolation_report(60)["level"] != "full":
        service.stop()
        pytest.skip("this kernel has no full lock")
    yield service
    service.stop()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("victim", ["child", "warm", "supervisor"])
def test_one_verdict_whoever_is_struck(
    victim: str, how: signal.Signals, struck_service: Service, arsenal: Arsenal
) -> None:
    # The model sleeps beyond the limit, so a second try, which whoever isn't to blame gets, ends in "time".
    verdict = struck(struck_service, victim, how, arsenal, "end-sleep.h5")
    after = struck_service.submit(arsenal.folder / "honest.h5", arsenal.task(), key="k").result(MOST)

    assert verdict.outcome == "failed"
    assert verdict.reason is not None
    assert verdict.reason.code == "time", verdict.reason
    assert after.outcome == "scored", after.reason


@pytest.mark.soak
def test_blows_at_any_moment(arsenal: Arsenal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dice = random.Random(1)
    known = set(psutil.Process().children(recursive=True))
    service = Service(isolation="required", slots=2)
    outcomes: dict[str, int] = {}
    try:
        for _ in range(60):
            future = service.submit(arsenal.folder / "honest.h5", arsenal.task(wall_seconds=5.0), key="k")
            time.sleep(dice.choice((0.0, dice.uniform(0, 0.3), dice.uniform(0, 6))))
            with contextlib.suppress(psutil.Error, AssertionError, KeyError):
                name = dice.choice(("supervisor", "warm", "child"))
                how = dice.choice((signal.SIGKILL, signal.SIGSTOP))
                processes(service)[name].send_signal(how)
            verdict = future.result(3 * MOST)
            # A child that is halted looks like a model that never ends.
            halted = (name, how) == ("child", signal.SIGSTOP) and verdict.reason and verdict.reason.code == "time"
            assert verdict.outcome in ("scored", "unable") or halted, verdict
            outcomes[verdict.outcome] = outcomes.get(verdict.outcome, 0) + 1
        assert service.submit(arsenal.folder / "honest.h5", arsenal.task(), key="k").result(MOST).outcome == "scored"
        below = [process for process in psutil.Process().children(recursive=True) if process not in known]
    finally:
        service.stop()
    print(outcomes)
    assert not psutil.wait_procs(below, timeout=20)[1]
    assert not list(tmp_path.glob(f"{PREFIX}*"))
