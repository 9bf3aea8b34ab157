"""A system that has no thread or process left: each submission gets its verdict in time, and then all goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold, boot, protocol
from graders.client.supervisor_process import SupervisorProcess
from graders.sandbox import report
from graders.trusted.fork_server import ForkServer, Lost
from graders.trusted.supervisor import Outbox, Submissions
from graders.usage import StopWatch
from graders.verdict import Reason, Verdict

ROWS = 4


def _order(number: int) -> protocol.Grade:
    contract = Contract(input_shape=(4,), output_shape=(1,))
    scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=9.0),), draw_size=ROWS)
    task = Task(contract=contract, scoring=scoring, hidden="", limits=Limits(wall_seconds=10.0))
    return protocol.Grade(id=number, model=b"", hidden=b"", task=task, key="k", press=0)


class Threads:
    """Whether threads can be started: all can, or none whose name is in `refused`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused: tuple[str, ...] = ()
        start = threading.Thread.start

        def limited(thread: threading.Thread) -> None:
            if thread.name in self.refused:
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


class Events(Outbox):
    """Keeps what it is to send."""

    def __init__(self) -> None:
        self.verdicts: dict[int, Verdict] = {}
        self.told = threading.Condition()

    def send(self, event: protocol.Event) -> None:
        if isinstance(event, protocol.Done):
            with self.told:
                self.verdicts[event.id] = event.verdict
                self.told.notify_all()


class Grader:
    """Gives an empty verdict, once it may."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def grade(self, *_: Any) -> Verdict:
        self.go.wait(10)
        return Verdict(outcome="refused")


def _submissions(grader: Grader, events: Events) -> Submissions:
    return Submissions(lambda: grader, events, 2)  # type: ignore[arg-type, return-value]


def _outcomes(events: Events, count: int) -> dict[int, str]:
    with events.told:
        assert events.told.wait_for(lambda: len(events.verdicts) == count, 10)
    return {number: verdict.outcome for number, verdict in events.verdicts.items()}


def test_a_submission_that_gets_no_thread_is_told_so_and_the_next_one_is_graded(threads: Threads) -> None:
    events, grader = Events(), Grader()
    grader.go.set()
    submissions = _submissions(grader, events)

    threads.refused = ("submission",)
    submissions.add(_order(1))
    assert _outcomes(events, 1) == {1: "unable"}
    reason = events.verdicts[1].reason
    threads.refused = ()
    submissions.add(_order(2))

    assert _outcomes(events, 2) == {1: "unable", 2: "refused"}
    assert reason is not None
    assert reason.code == "process"
    assert "thread" in reason.found


def test_a_submission_waits_for_the_one_thread_that_there_is(threads: Threads) -> None:
    events, grader = Events(), Grader()
    submissions = _submissions(grader, events)

    submissions.add(_order(1))
    threads.refused = ("submission",)
    submissions.add(_order(2))
    submissions.add(_order(3))
    submissions.cancel(3)
    assert _outcomes(events, 1) == {3: "unable"}
    grader.go.set()

    assert _outcomes(events, 3) == {1: "refused", 2: "refused", 3: "unable"}


class Crowded(Grader):
    """Has no process for a submission while another one is at work; the first is at work until it may end."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._at_work = 0

    def grade(self, order: protocol.Grade, *_: Any) -> Verdict:
        with self._lock:
            self._at_work += 1
            crowded = self._at_work > 1
        if order.id == 1:
            self.go.wait(10)
        with self._lock:
            self._at_work -= 1
        reason = Reason.of("grader", "process", "a verdict", "no process", "")
        return Verdict(outcome="unable", reason=reason) if crowded else Verdict(outcome="refused")


def test_who_lost_a_process_to_others_is_graded_once_more_alone() -> None:
    events, grader = Events(), Crowded()
    submissions = _submissions(grader, events)

    for number in (1, 2, 3):
        submissions.add(_order(number))
    grader.go.set()

    assert _outcomes(events, 3) == {1: "refused", 2: "refused", 3: "refused"}


def test_who_lost_a_process_alone_is_told_so() -> None:
    class Poor(Grader):
        def grade(self, *_: Any) -> Verdict:
            return Verdict(outcome="unable", reason=Reason.of("grader", "process", "a verdict", "no process", ""))

    events = Events()
    submissions = _submissions(Poor(), events)

    for number in range(6):
        submissions.add(_order(number))

    assert set(_outcomes(events, 6).values()) == {"unable"}


@pytest.mark.parametrize("error", [OSError("no process"), MemoryError("no memory"), KeyError("an odd word")], ids=type)
def test_a_fork_server_tries_again_whatever_went_wrong(
    error: Exception, threads: Threads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> bool:
        raise error

    monkeypatch.setattr(ForkServer, "_serve_one_process", fails)
    fork_server = ForkServer(lambda: (), tmp_path, {}, report.unlocked())
    threads.refused = ("fork_server",)
    fork_server.start()
    assert fork_server.state == "broken"

    with pytest.raises(Lost, match="new thread"):
        fork_server.tried_isolation()
    threads.refused = ()
    for _ in range(2):
        with pytest.raises(Lost, match=str(error)):
            fork_server.tried_isolation()
    assert (fork_server.state, fork_server.is_alive()) == ("broken", True)
    fork_server.stop()


def test_a_stop_watch_does_without_a_thread_and_outlives_what_it_looks_at(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graders.usage.LOOK_SECONDS", 0.001)
    looked = threading.Semaphore(0)

    def gone() -> int:
        looked.release()
        raise AttributeError("it went between two looks")

    watch = StopWatch(gone, lambda: None)
    threads.refused = ("stopwatch",)
    watch.start()
    threads.refused = ()
    watch.start()

    assert all(looked.acquire(timeout=10) for _ in range(3))
    watch.stop()


@pytest.fixture
def graded(tmp_path: Path) -> Callable[[Service], Verdict]:
    hidden, model = tmp_path / "hidden.npz", tmp_path / "mymodel.h5"
    np.savez(hidden, inputs=np.zeros((ROWS, 4), np.float32), labels=np.zeros((ROWS, 1), np.float32))
    with h5py.File(model, "w") as file:
        file["nothing"] = [1, 2, 3]
    order = _order(0)
    task = Task(contract=order.task.contract, scoring=order.task.scoring, hidden=str(hidden), limits=order.task.limits)
    return lambda service: service.submit(model, task, key="k").result(120)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


@pytest.mark.real_time
def test_a_service_without_a_thread_says_so_and_recovers(
    threads: Threads, service: Service, graded: Callable[[Service], Verdict]
) -> None:
    threads.refused = ("grader",)
    service.start()
    assert (service.state, "thread" in str(service.fault)) == ("broken", True)
    verdict = graded(service)
    threads.refused = ()

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert "thread" in verdict.reason.found
    assert graded(service).outcome == "refused"


@pytest.mark.real_time
def test_the_thread_that_listens_to_the_supervisor_outlives_any_event(
    service: Service, graded: Callable[[Service], Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened, fell = Service.happened, threading.Event()

    def falls_once(owner: Service, event: protocol.Event) -> None:
        if isinstance(event, protocol.Done) and not fell.is_set():
            fell.set()
            raise RuntimeError("can't start new thread")
        happened(owner, event)

    monkeypatch.setattr(Service, "happened", falls_once)

    assert graded(service).outcome == "refused"  # asked a second time
    assert fell.is_set()
    assert isinstance(service._supervisor, SupervisorProcess)
    assert service._supervisor.is_alive()


LIMITED = """
import sys
sys.path.append({root!r})
from graders.trusted import supervisor
supervisor.LEAST_MEMORY = supervisor.MOST_MEMORY = 400 << 20
supervisor.main()
"""


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_supervisor_without_memory_says_so_and_goes_on(
    service: Service, graded: Callable[[Service], Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = boot.command
    limited = [sys.executable, "-I", "-c", LIMITED.format(root=str(Path(__file__).parents[3]))]
    monkeypatch.setattr(boot, "command", lambda module, rest: limited if "supervisor" in module else made(module, rest))
    order, large = _order(0), tmp_path / "large.npz"
    np.savez_compressed(large, inputs=np.zeros((20, 4 << 20), np.float32), labels=np.zeros((20, 1), np.float32))
    task = Task(contract=order.task.contract, scoring=order.task.scoring, hidden=str(large), limits=order.task.limits)
    before = graded(service)
    process = service._supervisor

    verdict = service.submit(tmp_path / "mymodel.h5", task, key="k").result(120)
    after = graded(service)

    assert (before.outcome, verdict.outcome, after.outcome) == ("refused", "unable", "refused")
    assert verdict.reason is not None
    assert (verdict.reason.code, "memory" in verdict.reason.found) == ("machine", True)
    assert service._supervisor is process
