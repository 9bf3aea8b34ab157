"""One warm service, one arsenal of hostile models, one set of things worth attacking."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import mockexam
from graders import Contract, Limits, Scoring, Service, Task, Threshold, Verdict
from tests.graders.hostile import attacks

ROWS = 16


def _given_environment() -> set[str]:
    """The variables this process was started with: h5py and others add their own, in the locked child as well."""
    given = Path("/proc/self/environ")
    return {entry.partition("=")[0] for entry in given.read_text().split("\0")} if given.exists() else set(os.environ)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A warm service behind the full lock, started with a secret in the environment."""
    os.environ["SECRET_TOKEN"] = "hunter2"
    service = Service(isolation="required")
    service.start()
    if service.isolation_report(60)["level"] != "full":
        service.stop()
        pytest.skip("this kernel has no full lock")
    yield service
    service.stop()
    os.environ.pop("SECRET_TOKEN", None)


class Listeners:
    """Sockets that somebody might reach: whoever does is noticed."""

    def __init__(self, name: str) -> None:
        # A socket's path may have 107 characters; a test's folder may have more.
        self._folder = tempfile.TemporaryDirectory(dir="/tmp")
        path = Path(self._folder.name, "socket")
        self._sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
        self._sockets += [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
        tcp, udp, unix, abstract = self._sockets
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(path))
        abstract.bind("\0" + name)
        for listening in (tcp, unix, abstract):
            listening.listen()
        self.addresses = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": str(path)}

    def reached(self) -> int:
        """How many of them were reached since the last call."""
        ready = select.select(self._sockets, [], [], 0)[0]
        for one in ready:
            if one.type == socket.SOCK_DGRAM:
                one.recv(100)
            else:
                one.accept()[0].close()
        return len(ready)

    def close(self) -> None:
        """Stop listening."""
        for one in self._sockets:
            one.close()
        self._folder.cleanup()


class Arsenal:
    """The hostile models in `folder`, and their targets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.victims = folder / "victims"
        self.victims.mkdir()
        self.secret = self.victims / "secret.txt"
        self.secret.write_text("the secret")
        self.labels = self.victims / "hidden.npz"
        inputs = np.random.default_rng(1).random((ROWS, 4), dtype=np.float32)
        np.savez(self.labels, inputs=inputs, labels=np.zeros((ROWS, 1), np.float32))
        # Where an ordinary user's process may write, so that a missing marker means something.
        self.marker = self.victims / "marker"
        self.name = f"mockexam-attack-{os.getpid()}"
        self.listeners = Listeners(self.name)

    def aim(self) -> dict[str, Any]:
        """What an attack is told."""
        return {
            "secret": str(self.secret),
            "checkpoint": str(self.victims / "stolen"),
            "labels": str(self.labels),
            "package": str(Path(str(mockexam.__file__)).resolve()),
            "packages": sysconfig.get_path("purelib"),
            "folder": str(self.victims),
            "marker": str(self.marker),
            "name": self.name,
            "rows": ROWS,
            "environment": sorted({*_given_environment(), "SECRET_TOKEN"}),
            **self.listeners.addresses,
        }

    @property
    def traces(self) -> list[str]:
        """Everything an attack left behind."""
        left = sorted(path.name for path in self.victims.iterdir() if path.name.startswith("marker"))
        elsewhere = [Path("/tmp") / self.name, Path("/dev/shm") / self.name]
        return left + [str(path) for path in elsewhere if path.exists()]

    def task(self, **limits: Any) -> Task:
        """A task whose metric, the mean absolute error against zeros, tells what the model predicted."""
        contract = Contract(input_shape=(4,), output_shape=(1,), lambda_allowed=True)
        scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=1e9),), draw_size=ROWS)
        limits = {"wall_seconds": 20.0, "cpu_seconds": 20, "resident_bytes": 2 << 30, **limits}
        return Task(contract=contract, scoring=scoring, hidden=str(self.labels), limits=Limits(**limits))

    def build(self, lambdas: dict[str, str]) -> None:
        """Write models (one process for all of them) into the folder."""
        plan = self.folder / "plan.json"
        plan.write_text(json.dumps({"lambdas": lambdas, "aim": self.aim()}))
        _python("tests.graders.hostile.builder", str(self.folder), str(plan))

    def unlocked(self, names: Sequence[str], kind: str, folder: Path) -> dict[str, float | None]:
        """What the models predict when nothing locks them (in a process of its own), None if they can't."""
        task = folder / "task.json"
        task.write_bytes(msgspec.json.encode(self.task()))
        models = [part for name in names for part in (str(self.folder / name), kind)]
        printed = _python("tests.graders.hostile.unlocked", str(task), *models)
        found: dict[str, float | None] = json.loads(printed.splitlines()[-1])
        return found


def _python(module: str, *arguments: str) -> str:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    root = Path(__file__).parents[3]
    # A shell between them: what attacks its parent must not find the process that tests.
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-m", module, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def arsenal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arsenal]:
    """All hostile models, built once."""
    arsenal = Arsenal(tmp_path_factory.mktemp("arsenal"))
    aim = arsenal.aim()
    lambdas: dict[str, str] = {}
    for name, attack in attacks.PYTHON_ATTACKS.items():
        source = attacks.source(attack, aim)
        lambdas |= {f"{name}.h5": source, f"{name}.keras": source}
    for name, (attack, _) in attacks.ENDINGS.items():
        lambdas[f"end-{name}.h5"] = attacks.source(attack, aim)
    for name, frame in attacks.FRAMES.items():
        lambdas[f"frame-{name}.h5"] = attacks.source(attacks.FRAME_ATTACK.format(frame=frame), aim)
    for name, then in attacks.AFTERWARDS.items():
        answer = attacks.ANSWER
        lambdas[f"answered-{name}.h5"] = attacks.source(f"{answer}\n{then}", aim)
    lambdas["busy.h5"] = attacks.source("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", aim)
    lambdas["tell-tale.h5"] = attacks.source("successes.add(20)", aim)
    arsenal.build(lambdas)
    yield arsenal
    arsenal.listeners.close()


@pytest.fixture
def open_arsenal(arsenal: Arsenal) -> Arsenal:
    """The arsenal where any user may read the models and change what they aim at."""
    for path in (arsenal.folder, *arsenal.folder.parents):
        if path != Path("/") and path.stat().st_uid == os.geteuid() and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o055)
    for path in (arsenal.victims, *arsenal.victims.iterdir()):
        path.chmod(0o777)
    return arsenal


def predicted(verdict: Verdict) -> int:
    """The sum over the attempts that succeeded, from the score of a model whose labels are zeros."""
    assert verdict.outcome == "scored", verdict
    return round(verdict.tests[0].values["mae"])
