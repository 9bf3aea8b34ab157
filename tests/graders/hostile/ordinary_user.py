"""Grades models as the user who runs it, and prints the verdicts as JSON: a test runs it as an ordinary user.

python -m tests.graders.hostile.ordinary_user TASK.json MODEL [MODEL ...]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import msgspec

from graders import Service
from graders.contract import Task


def main() -> None:
    """Submit each model, one after the other."""
    task = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Task)
    service = Service(isolation="required")
    service.start()
    try:
        report = service.isolation_report(120)
        verdicts = [service.submit(Path(model), task, key="k").result(120) for model in sys.argv[2:]]
    finally:
        service.stop()
    told = {"user": os.geteuid(), "isolation": report, "verdicts": msgspec.to_builtins(verdicts)}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
