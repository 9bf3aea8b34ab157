"""Started once under a launcher that locks from outside: imports TensorFlow, then tries what it must not do."""

from __future__ import annotations

import json
import os
import sys
import tempfile

from graders.child import locked_process, readable_modules, warm_process
from graders.sandbox import trial


def main() -> None:
    """The trial's folder (see trial.Place) as the last argument; what got through goes to stdout."""
    tempfile.tempdir = locked_process.NOWHERE
    os.environ["TMPDIR"] = locked_process.NOWHERE
    readable_modules.install()
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints gets into the answer
    warm_process.load_modules(warm_process.MODULES)
    try:
        told = trial.holes(trial.Place(sys.argv[-1]), ("files", "calls"))
    except trial.TrialError as error:
        told = {"error": (str(error),)}
    os.write(answers, json.dumps(told).encode())
