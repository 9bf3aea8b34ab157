"""The service survives the death of everything below it, and takes everything along when it goes."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold
from graders.scratch import PREFIX

pytestmark = pytest.mark.real_time

ROWS = 8


@pytest.fixture
def task(tmp_path: Path) -> Task:
    hidden = tmp_path / "hidden.npz"
    np.savez(hidden, inputs=np.zeros((ROWS, 4), np.float32), labels=np.zeros((ROWS, 1), np.float32))
    contract = Contract(input_shape=(4,), output_shape=(1,))
    scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=9.0),), draw_size=ROWS)
    return Task(contract=contract, scoring=scoring, hidden=str(hidden), limits=Limits(wall_seconds=10.0))


@pytest.fixture
def broken_model(tmp_path: Path) -> Path:
    """An HDF5 file that is no model: a verdict needs the whole way into the child and back."""
    path = tmp_path / "mymodel.h5"
    with h5py.File(path, "w") as file:
        file["nothing"] = [1, 2, 3]
    return path


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service()
    service.start()
    yield service
    service.stop()


def _below(service: Service) -> dict[str, psutil.Process]:
    """This service's processes by module: other tests of the same run keep services of their own."""
    assert service._supervisor is not None
    assert service._supervisor._process is not None
    supervisor = psutil.Process(service._supervisor._process.pid)
    found: dict[str, psutil.Process] = {}
    for process in (supervisor, *supervisor.children(recursive=True)):
        command = " ".join(process.cmdline())
        for name in ("graders.trusted.supervisor", "graders.child.warm_process"):
            if name in command:
                found.setdefault(name, process)  # children of the warm process are called as it is
    return found


def _until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_file_that_is_no_model_is_refused(service: Service, task: Task, broken_model: Path) -> None:
    verdict = service.submit(broken_model, task, key="k").result(120)

    assert verdict.outcome == "refused"
    assert verdict.receipt is not None
    assert verdict.receipt.file == "mymodel.h5"


@pytest.mark.parametrize("name", ["a b.h5", "모델 (1).h5", "-rf.h5", "line\nbreak.h5", os.fsdecode(b"\xff\xfe.h5")])
def test_odd_file_names(name: str, service: Service, task: Task, broken_model: Path, tmp_path: Path) -> None:
    model = tmp_path / name
    shutil.copy(broken_model, model)

    verdict = service.submit(model, task, key="k").result(120)

    assert verdict.outcome == "refused"
    assert verdict.reason is not None
    assert verdict.reason.link != "file"


def test_a_missing_hidden_set_is_our_fault(service: Service, task: Task, broken_model: Path) -> None:
    Path(task.hidden).unlink()

    verdict = service.submit(broken_model, task, key="k").result(120)

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "hidden"


def _waiting_child(service: Service) -> psutil.Process:
    """The child that waits for the next submission, once it has rehearsed: TensorFlow's threads are there then."""
    warm = _below(service)["graders.child.warm_process"]
    assert _until(lambda: any(child.num_threads() > 1 for child in warm.children()))
    (child,) = warm.children()
    return child


def test_the_child_that_waits_serves_the_next_submission(service: Service, task: Task, broken_model: Path) -> None:
    service.submit(broken_model, task, key="k").result(120)
    child = _waiting_child(service)

    verdict = service.submit(broken_model, task, key="k").result(120)

    assert verdict.outcome == "refused"
    assert not child.is_running()
    assert _waiting_child(service) != child


def test_a_waiting_child_that_dies_is_not_missed(service: Service, task: Task, broken_model: Path) -> None:
    service.submit(broken_model, task, key="k").result(120)
    child = _waiting_child(service)
    child.kill()
    assert _until(lambda: not child.is_running())

    assert service.submit(broken_model, task, key="k").result(120).outcome == "refused"


def test_a_cancelled_submission_gets_its_verdict(task: Task, broken_model: Path) -> None:
    service = Service(slots=1)
    try:
        waiting = service.submit(broken_model, task, key="k")  # nothing is started yet, so both must wait
        future = service.submit(broken_model, task, key="k")
        service.cancel(future)
        verdict = future.result(60)
    finally:
        service.stop()

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "cancelled"
    assert waiting.result(10).outcome in ("refused", "unable")
    assert service.state == "stopped"


APPLICATION = """
import sys, time, graders
service = graders.Service()
service.start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_application(how: signal.Signals, tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", APPLICATION], env=environment, stdout=subprocess.PIPE) as application:
        watched = psutil.Process(application.pid)
        assert _until(lambda: len(watched.children(recursive=True)) >= 2)
        below = watched.children(recursive=True)
        assert list(tmp_path.glob(f"{PREFIX}*"))
        application.send_signal(how)

    assert not psutil.wait_procs(below, timeout=20)[1]
    assert _until(lambda: not list(tmp_path.glob(f"{PREFIX}*")), 20)


def test_a_running_submission_can_be_cancelled(service: Service, task: Task, broken_model: Path) -> None:
    service.submit(broken_model, task, key="k").result(120)
    warm = _below(service)["graders.child.warm_process"]
    warm.suspend()  # so that it surely is running when it is cancelled
    try:
        future = service.submit(broken_model, task, key="k")
        assert _until(future.running)
        service.cancel(future)
    finally:
        warm.resume()

    verdict = future.result(60)

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "cancelled"


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.4])
def test_stopping_while_tensorflow_is_imported_is_no_fault_of_the_grader(
    task: Task, broken_model: Path, seconds: float
) -> None:
    service, phases = Service(), list[str]()
    future = service.submit(broken_model, task, key="k", on_phase=phases.append)
    assert _until(lambda: "loading" in phases)
    time.sleep(seconds)
    service.stop()
    verdict = future.result(10)

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "stopped"


def test_stopping_leaves_nothing(
    task: Task, broken_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    service = Service()
    future = service.submit(broken_model, task, key="k")
    assert _until(lambda: bool(list(tmp_path.glob(f"{PREFIX}*"))))
    service.stop()
    service.stop()

    assert future.result(1).outcome in ("unable", "refused")
    assert service.state == "stopped"
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def _scratch(service: Service) -> Path:
    environment = _below(service)["graders.trusted.supervisor"].environ()
    return Path(environment["TMPDIR"])


@pytest.mark.parametrize("left", ["nothing", "a folder that others may read", "somebody else's link"])
def test_tidying_the_temporary_folder_away_costs_one_verdict_at_most(
    left: str, service: Service, task: Task, broken_model: Path, tmp_path: Path
) -> None:
    service.submit(broken_model, task, key="k").result(120)
    _waiting_child(service)  # whose own folder goes as well
    scratch = _scratch(service)
    shutil.rmtree(scratch)
    if left == "a folder that others may read":
        scratch.mkdir(mode=0o755)
    elif left == "somebody else's link":
        scratch.symlink_to(tmp_path)

    first = service.submit(broken_model, task, key="k").result(120)
    second = service.submit(broken_model, task, key="k").result(120)

    assert second.outcome == "refused", second.reason
    assert first.outcome == ("unable" if left == "somebody else's link" else "refused"), first.reason
    assert stat.S_IMODE(_scratch(service).stat().st_mode) == 0o700
    if scratch.is_symlink():
        scratch.unlink()


def test_the_next_warm_process_finds_its_folder_again(service: Service, task: Task, broken_model: Path) -> None:
    service.submit(broken_model, task, key="k").result(120)
    shutil.rmtree(_scratch(service))
    _below(service)["graders.child.warm_process"].kill()

    assert service.submit(broken_model, task, key="k").result(120).outcome == "refused"
    assert stat.S_IMODE(_scratch(service).stat().st_mode) == 0o700
