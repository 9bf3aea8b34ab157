"""The examiner: TensorFlow in a process of its own, started once for all these tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from graders.contract import Contract
from graders.trusted.staging import stage
from graders.verdict import Reason

HERE = Path(__file__).parent


class Examined(NamedTuple):
    """What one model led to: predictions or a reason, and what the examination reported."""

    predictions: NDArray[np.float32] | None
    reason: Reason | None
    reports: dict[str, Any]

    @property
    def outputs(self) -> NDArray[np.float32]:
        """The predictions of a model that was accepted."""
        assert self.reason is None, self.reason
        assert self.predictions is not None
        return self.predictions

    @property
    def refusal(self) -> Reason:
        """The reason of a model that was refused."""
        assert self.predictions is None
        assert self.reason is not None
        return self.reason

    @property
    def notes(self) -> list[str]:
        notes: list[str] = self.reports["waiting"]["notes"]
        return notes


class Examiner:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._log = (folder / "examiner.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "examiner.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        reply: dict[str, Any] = json.loads(self.process.stdout.readline() or b'{"broken": "the examiner died"}')
        assert "broken" not in reply, reply["broken"]
        return reply

    def build(self, name: str, path: Path | None = None) -> Path:
        """Build a model of models.py and return where it was saved."""
        suffix = name.rsplit("_", 1)[-1]
        target = path or self.fresh() / (f"mymodel.{suffix}" if suffix in ("h5", "keras") else "mymodel")
        self.ask(build=name, path=str(target))
        return target

    def examine(self, model: Path, contract: Contract, inputs: NDArray[Any]) -> Examined:
        """Stage a model as the supervisor does and examine it."""
        room = self.fresh()
        (room / "staged").mkdir()
        staged = stage(model, room / "staged", contract)
        np.save(room / "inputs.npy", inputs)
        reply = self.ask(
            model=str(staged.path),
            kind=staged.kind,
            contract=msgspec.json.encode(contract).decode(),
            inputs=str(room / "inputs.npy"),
            outputs=str(room / "outputs.npy"),
        )
        if "refusal" in reply:
            return Examined(None, Reason(**reply["refusal"]), reply["reports"])
        return Examined(np.load(room / "outputs.npy"), None, reply["reports"])

    def fresh(self) -> Path:
        self._count += 1
        folder = self._folder / f"{self._count:03}"
        folder.mkdir()
        return folder

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self._log.close()


@pytest.fixture(scope="session")
def examiner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examiner]:
    started = Examiner(tmp_path_factory.mktemp("examiner"))
    yield started
    started.close()
