"""Nothing that a model needs is imported behind the lock, where the configuration of Keras 2 can't be read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from graders import Service, Task, Threshold, Verdict, boot
from graders.protocol import Grade
from graders.sandbox import libraries, report
from graders.trusted.fork_server import ForkServer
from graders.trusted.grading import Grader
from graders.trusted.spawn_server import SpawnServer
from tests.graders.client import watched
from tests.graders.legacy import archives

pytestmark = pytest.mark.real_time

KERAS_2 = (
    "2.0/dense.h5",
    "2.3/dense",  # notes its layers inside saved_model.pb
    "2.6/dense",  # has keras_metadata.pb, and an optimizer
    "2.10/operations.h5",
    "2.12/dense.keras",  # HDF5
    "2.12/bidirectional.keras",
    "2.15/vectorised",
    "2.15/half.keras",
    "2.15/cells.h5",
)
KERAS_3 = ("keras-3.9/operations.h5", "keras-3.12/masked.keras", "keras-3.12/dense")
LAMBDAS = ("2.15/times400.h5", "2.15/times400.keras", "keras-3.12/times400.h5")  # their code is of one Python
MODELS = (*KERAS_2, *KERAS_3, *(LAMBDAS if sys.version_info[:2] == (3, 11) else ()))

Order = Callable[[str], tuple[Path, Task]]


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """Unpacks a model of a legacy archive, with the task of predicting what its own TensorFlow did."""

    def unpacked(name: str) -> tuple[Path, Task]:
        writer, _, file = name.partition("/")
        wrote = archives.unpacked(writer, tmp_path)
        task = wrote.task(file)
        contract = msgspec.structs.replace(task.contract, lambda_allowed="times400" in name)
        scoring = msgspec.structs.replace(task.scoring, thresholds=(Threshold(metric="mae", at_most=1e-3),))
        return wrote.folder / file, msgspec.structs.replace(task, contract=contract, scoring=scoring)

    return unpacked


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir(mode=0o700)
    (folder / "keras").mkdir()
    return folder


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that run models also say what they imported behind the lock."""
    mains = {"graders.child.warm_process": watched.warm, "graders.child.spawned_process": watched.started_alone}
    root = str(Path(__file__).parents[3])

    def command(module: str, arguments: Sequence[str]) -> list[str]:
        hide = "from graders import boot; boot.hide_packages_of_candidates()"
        start = f"from {watched.__name__} import {mains[module].__name__} as main; main()"
        return [sys.executable, "-I", "-c", f"import sys; sys.path.append({root!r}); {hide}; {start}", *arguments]

    monkeypatch.setattr(boot, "command", command)


def passed(verdict: Verdict) -> int | None:
    """How many tests the model passed; None when it wasn't scored."""
    return sum(test.passed for test in verdict.tests) if verdict.outcome == "scored" else None


@pytest.fixture
def fresh_service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def test_models_of_keras_2_that_wait_for_the_grader_are_scored(fresh_service: Service, order: Order) -> None:
    waiting = {name: fresh_service.submit(*order(name), key="k") for name in KERAS_2}

    verdicts = {name: future.result(200) for name, future in waiting.items()}

    assert {name: passed(verdict) for name, verdict in verdicts.items()} == dict.fromkeys(KERAS_2, 5), verdicts


@pytest.mark.skipif("privileges" not in report.probe().engaged, reason="only Linux has a warm process")
@pytest.mark.usefixtures("watch")
def test_a_locked_child_imports_nothing(scratch: Path, order: Order) -> None:
    environment = boot.tensorflow_environment(scratch)
    fork_server = ForkServer(libraries.readable, scratch, environment, report.probe())
    fork_server.start()
    try:
        late = {name: imported_late(Grader(fork_server, scratch, required=False), *order(name)) for name in MODELS}
    finally:
        fork_server.stop()

    assert not any(late.values()), late


@pytest.mark.usefixtures("watch")
def test_a_child_that_was_started_alone_imports_nothing_behind_its_lock(scratch: Path, order: Order) -> None:
    environment = boot.tensorflow_environment(scratch)
    fork_server = SpawnServer(libraries.readable, scratch, environment, report.portable())
    fork_server.start()
    try:
        late = {
            name: imported_late(Grader(fork_server, scratch, required=False), *order(name))
            for name in ("2.10/operations.h5", "2.12/bidirectional.keras")
        }
    finally:
        fork_server.stop()

    assert not any(late.values()), late


def imported_late(grader: Grader, model: Path, task: Task) -> list[str]:
    """Grade a model, which is scored; return the modules that were first imported behind the lock."""
    request = Grade(id=1, model=os.fsencode(model), hidden=os.fsencode(task.hidden), task=task, key="k", press=0)
    verdict = grader.grade(request, lambda _: None, -1)
    assert passed(verdict) == 5, verdict
    assert watched.WATCHED in verdict.notes
    assert not [note for note in verdict.notes if note.startswith(watched.PRESENT)]
    return [note.removeprefix(watched.LATE) for note in verdict.notes if note.startswith(watched.LATE)]
