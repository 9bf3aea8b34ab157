"""Grades models as a user who may have few processes, then as one who may have enough, and prints the verdicts as JSON.

    python -m tests.graders.hostile.few_processes TASK.json FEW ENOUGH HONEST BOMB

The honest model is submitted twice under FEW, and once more when the running service was given ENOUGH; then with a
model that takes all the threads it gets before it, at the same time, and after it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import msgspec
import psutil

from graders import Service
from graders.contract import Task

SECONDS = 300.0


def _allow(number: int) -> None:
    """How many processes and threads this user may have from now on, as this process and all below it are told."""
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        _, most = resource.prlimit(process.pid, resource.RLIMIT_NPROC)
        resource.prlimit(process.pid, resource.RLIMIT_NPROC, (number, most))


def main() -> None:
    """Submit the models."""
    file, few, enough, honest, bomb = sys.argv[1:]
    task = msgspec.json.decode(Path(file).read_bytes(), type=Task)
    _allow(int(few))
    service = Service()
    service.start()
    try:
        short = [service.submit(Path(honest), task, key="k").result(SECONDS) for _ in range(2)]
        _allow(int(enough))
        recovered = service.submit(Path(honest), task, key="k").result(SECONDS)
        crowd = [service.submit(Path(model), task, key="k") for model in (bomb, honest, bomb, bomb, honest)]
        crowded = [future.result(SECONDS) for future in crowd]
    finally:
        service.stop()
    told = {"user": os.geteuid(), "short": short, "recovered": recovered, "crowded": crowded}
    print("\n" + json.dumps(msgspec.to_builtins(told)))


if __name__ == "__main__":
    main()
