"""Grades models behind a lock of which layers are missing, and prints the verdicts as JSON.

    python -m tests.graders.hostile.everywhere TASK.json LEVEL PACE MODEL [MODEL ...]

LEVEL is a key of `LEVELS`. PACE is "burst" (all at once: no child has rehearsed) or "warm" (a child waits for each).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil

from graders import Service, boot
from graders.contract import Task
from graders.sandbox import landlock, seccomp
from graders.trusted import supervisor
from graders.verdict import Verdict

LEVELS: dict[str, Callable[[], None]] = {
    "full": lambda: None,
    "no Landlock": lambda: setattr(landlock, "version", lambda: 0),
    "no seccomp": lambda: setattr(seccomp, "available", lambda: False),
    "none": lambda: None,
}
SECONDS = 240.0


def supervise(level: str) -> None:
    """Be the supervisor, on a system that has no more than this."""
    LEVELS[level]()
    supervisor.main()


def _command_at(level: str) -> Callable[[str, Sequence[str]], list[str]]:
    made = boot.command
    root = str(Path(__file__).parents[3])

    def command(module: str, arguments: Sequence[str]) -> list[str]:
        if module != "graders.trusted.supervisor":
            return made(module, arguments)
        start = f"from {__package__} import everywhere; everywhere.supervise({level!r})"
        return [sys.executable, "-I", "-c", f"import sys; sys.path.append({root!r}); {start}", *arguments]

    return command


def _await_spare() -> None:
    """Wait until a child has rehearsed; its threads are TensorFlow's."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for process in psutil.Process().children(recursive=True):
            try:
                warm_or_child = "warm_process" in " ".join(process.cmdline())
                if warm_or_child and process.children() == [] and process.num_threads() > 1:
                    return
            except psutil.Error:
                continue
        time.sleep(0.05)


def _graded(service: Service, task: Task, pace: str, models: Sequence[str]) -> list[Verdict]:
    if pace == "burst":
        waiting = [service.submit(Path(model), task, key="k") for model in models]
        return [future.result(SECONDS) for future in waiting]
    verdicts = []
    for model in models:
        _await_spare()
        verdicts.append(service.submit(Path(model), task, key="k").result(SECONDS))
    return verdicts


def main() -> None:
    """Submit the models."""
    file, level, pace, *models = sys.argv[1:]
    task = msgspec.json.decode(Path(file).read_bytes(), type=Task)
    boot.command = _command_at(level)  # type: ignore[assignment]
    service = Service(cold=level == "none")
    service.start()
    try:
        isolation = service.isolation_report(SECONDS)
        verdicts = _graded(service, task, pace, models)
    finally:
        service.stop()
    told = {"user": os.geteuid(), "isolation": isolation, "verdicts": msgspec.to_builtins(verdicts)}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
