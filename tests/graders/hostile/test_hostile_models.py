"""Models that attack: each attempt's effect must not happen, and the verdict must come in time."""

from __future__ import annotations

import os
import platform
import shutil
import time
from pathlib import Path

import pytest

from graders import Service
from tests.graders.hostile import attacks
from tests.graders.hostile.conftest import Arsenal, predicted

X86 = platform.machine() == "x86_64"
ONLY_X86 = {
    "calls",
    "channels",
    "suicide",
    "hidden-memory",
    "hidden-threads",
    "ever-new-threads",
    "x32",
    "wrong-architecture",
}
# Reading the secret can't be taken back; the attempts that change something are proved in a throw-away folder.
GRAPHS_THAT_READ = ("read", "read-labels", "list", "look-up", "dataset", "records", "restore")
# Name of the graph → what its trace is called.
GRAPHS_THAT_WRITE = {
    "write": "graph",
    "print": "print",
    "checkpoint": "checkpoint",
    "summary": "summary",
    "cache": "cache",
}
REAL_WITHOUT_LOCK = {"read": 10, "network": 4, "processes": 6, **({"channels": 20} if X86 else {})}


def _skip_elsewhere(attack: str) -> None:
    if attack in ONLY_X86 and not X86:
        pytest.skip("the attack is made of x86-64 numbers")


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("attack", sorted(attacks.PYTHON_ATTACKS))
def test_no_attempt_of_a_lambda_layer_succeeds(attack: str, suffix: str, service: Service, arsenal: Arsenal) -> None:
    _skip_elsewhere(attack)
    before = arsenal.secret.stat()

    verdict = service.submit(arsenal.folder / f"{attack}{suffix}", arsenal.task(), key="k").result()

    assert predicted(verdict) == 0, bin(predicted(verdict))
    assert verdict.isolation == "full"
    assert arsenal.traces == []
    assert arsenal.listeners.reached() == 0
    after = arsenal.secret.stat()
    assert (after.st_mode, after.st_size, after.st_mtime_ns) == (before.st_mode, before.st_size, before.st_mtime_ns)


@pytest.mark.slow
def test_the_attempts_are_real(arsenal: Arsenal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    found = arsenal.unlocked([f"{attack}.h5" for attack in REAL_WITHOUT_LOCK], "h5", tmp_path)
    arsenal.listeners.reached()
    _sweep(arsenal)

    successes = {name: int(found[f"{name}.h5"] or 0).bit_count() for name in REAL_WITHOUT_LOCK}
    assert all(successes[name] >= least for name, least in REAL_WITHOUT_LOCK.items()), successes


@pytest.mark.slow
def test_the_graphs_are_real(arsenal: Arsenal, tmp_path: Path) -> None:
    names = [f"graph-{name}" for name in (*GRAPHS_THAT_READ, *GRAPHS_THAT_WRITE)]
    found = arsenal.unlocked(names, "savedmodel", tmp_path)
    traces = arsenal.traces
    _sweep(arsenal)

    assert all(found[f"graph-{name}"] for name in GRAPHS_THAT_READ), found
    assert found["graph-read"] == len("the secret")
    assert found["graph-restore"] == 42
    assert {name.split(".")[1] for name in traces} == set(GRAPHS_THAT_WRITE.values())


def _sweep(arsenal: Arsenal) -> None:
    for trace in arsenal.victims.glob("marker*"):
        if trace.is_dir():
            shutil.rmtree(trace)
        else:
            trace.unlink()


@pytest.mark.parametrize("graph", [*GRAPHS_THAT_READ, *GRAPHS_THAT_WRITE, "python", "service"])
def test_no_graph_reaches_beyond_its_model(graph: str, service: Service, arsenal: Arsenal) -> None:
    verdict = service.submit(arsenal.folder / f"graph-{graph}", arsenal.task(wall_seconds=4.0), key="k").result()

    assert verdict.outcome == "refused", verdict
    assert verdict.reason is not None
    assert verdict.reason.code == "foreign-operation"
    assert "the secret" not in str(verdict)
    assert arsenal.traces == []
    assert arsenal.listeners.reached() == 0


@pytest.mark.real_time
@pytest.mark.parametrize("ending", sorted(attacks.ENDINGS))
def test_whatever_way_a_child_ends_there_is_one_verdict_in_time(
    ending: str, service: Service, arsenal: Arsenal
) -> None:
    _skip_elsewhere(ending)
    wall = 3.0 if attacks.ENDINGS[ending][1] == "time" else 15.0
    began = time.monotonic()

    verdict = service.submit(
        arsenal.folder / f"end-{ending}.h5", arsenal.task(wall_seconds=wall, resident_bytes=1 << 30), key="k"
    ).result()

    assert time.monotonic() - began < wall + 1.5
    assert verdict.reason is not None
    assert verdict.outcome == "failed" or ending == "system-exit", verdict
    if verdict.outcome == "failed":
        assert verdict.reason.code == attacks.ENDINGS[ending][1], verdict.reason


@pytest.mark.real_time
def test_processor_time_is_up_whatever_the_model_ignores(service: Service, arsenal: Arsenal) -> None:
    task = arsenal.task(wall_seconds=30.0, cpu_seconds=1)

    verdict = service.submit(arsenal.folder / "busy.h5", task, key="k").result()

    assert verdict.outcome == "failed"
    assert verdict.reason is not None
    assert verdict.reason.code == "cpu", verdict.reason


@pytest.mark.parametrize("graph", ["loop", "huge", "grow"])
def test_a_graph_can_neither_hang_nor_starve_the_grader(graph: str, service: Service, arsenal: Arsenal) -> None:
    task = arsenal.task(wall_seconds=4.0, resident_bytes=1 << 30)
    began = time.monotonic()

    verdict = service.submit(arsenal.folder / f"graph-{graph}", task, key="k").result()

    assert time.monotonic() - began < 5.5
    assert verdict.outcome == "failed"
    assert verdict.reason is not None
    assert verdict.reason.code in ("time", "memory")


@pytest.mark.parametrize("frame", sorted(attacks.FRAMES))
def test_a_forged_answer_is_a_failed_submission(frame: str, service: Service, arsenal: Arsenal) -> None:
    verdict = service.submit(arsenal.folder / f"frame-{frame}.h5", arsenal.task(), key="k").result()

    assert verdict.outcome == "failed", verdict
    assert verdict.reason is not None
    assert verdict.reason.code == "forged"
    assert arsenal.traces == []


@pytest.mark.parametrize("afterwards", sorted(attacks.AFTERWARDS))
def test_what_comes_after_the_answer_changes_nothing(afterwards: str, service: Service, arsenal: Arsenal) -> None:
    began = time.monotonic()

    verdict = service.submit(arsenal.folder / f"answered-{afterwards}.h5", arsenal.task(), key="k").result()

    assert time.monotonic() - began < 10
    assert verdict.outcome == "failed" or predicted(verdict) == 7, verdict


@pytest.mark.parametrize("name", ["honest.h5", "honest.keras", "honest-saved"])
def test_honest_models_are_scored_after_all_that(name: str, service: Service, arsenal: Arsenal) -> None:
    verdict = service.submit(arsenal.folder / name, arsenal.task(), key="k").result()

    assert verdict.outcome == "scored", verdict.reason
    assert verdict.receipt is not None
    assert verdict.receipt.peak_bytes


@pytest.mark.real_time
def test_a_lambda_layer_is_not_even_opened_where_it_is_forbidden(service: Service, arsenal: Arsenal) -> None:
    import msgspec

    task = arsenal.task()
    strict = msgspec.structs.replace(task, contract=msgspec.structs.replace(task.contract, lambda_allowed=False))

    verdict = service.submit(arsenal.folder / "end-loop.h5", strict, key="k").result(20)

    assert verdict.outcome == "refused"
    assert verdict.reason is not None
    assert verdict.reason.link == "rules"


def test_nothing_is_left_in_the_scratch_folder(service: Service, arsenal: Arsenal) -> None:
    service.submit(arsenal.folder / "end-segfault.h5", arsenal.task(), key="k").result()
    supervisor = service._supervisor
    assert supervisor is not None
    process = supervisor._process
    assert process is not None
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    scratch = next(part for part in environment.split(b"\0") if part.startswith(b"TMPDIR="))[len(b"TMPDIR=") :]
    folder = Path(os.fsdecode(scratch))
    left = {entry.name for entry in folder.iterdir()}

    assert left <= {"keras", "in-use", "trial", "children"}
    assert not list((folder / "children").glob("*/*"))  # the one that waits has an empty folder
    assert b"hunter2" not in environment
