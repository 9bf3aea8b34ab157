"""Programs tried in the installed TensorFlow, in a process of their own that forks for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockexam.inspections.pattern import Generation
from mockexam.preload.switches import Switches, variables


def ran(programs: Mapping[str, str], keras: Generation) -> dict[str, Any]:
    """What became of each program under a generation: see trial.py."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    if keras == 2:
        environment |= {"TF_USE_LEGACY_KERAS": "1", **variables(Switches(keras_2=True), environment)}
    process = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("trial.py"))],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    found: dict[str, Any] = json.loads(process.stdout)
    return found
