"""Runs scripts as `python SCRIPT` would, each in a fork of a process that has imported TensorFlow once.

One path per line on stdin; one JSON line for each on stdout: exit code and what went to stderr.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
import traceback
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow  # noqa: F401

answers = os.fdopen(os.dup(1), "w")


def run(script: str) -> tuple[int, str]:
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:
            for stream in (1, 2):
                os.dup2(said.fileno(), stream)
            os._exit(_become(script))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return code, said.read()


def _become(script: str) -> int:
    os.chdir("/")
    sys.argv, sys.path[0] = [script], str(Path(script).parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr, flush=True)
        return int(end.code is not None) if not isinstance(end.code, int) else end.code
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


for line in sys.stdin:
    code, said = run(line.rstrip("\n"))
    print(json.dumps([code, said]), file=answers, flush=True)
