"""Started once under a launcher that locks from outside: imports TensorFlow, then tries what it must not do."""

from __future__ import annotations

import json
import os
import sys
import tempfile

from graders.inside import child, process, readable_modules
from graders.sandbox import trial


def main() -> None:
    """The trial's folder (see trial.Place) as last argument; what got through goes to stdout."""
    tempfile.tempdir = child.NOWHERE
    os.environ["TMPDIR"] = child.NOWHERE
    readable_modules.install()
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints gets into the answer
    process.load_modules(process.MODULES)
    try:
        told = trial.holes(trial.Place(sys.argv[-1]), ("files", "calls"))
    except trial.TrialError as error:
        told = {"error": (str(error),)}
    os.write(answers, json.dumps(told).encode())
