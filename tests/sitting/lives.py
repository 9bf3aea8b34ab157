"""Lives of a small program that may be killed anywhere: imported once, each life a fork of that process.

python -m tests.sitting.lives MODULE        # then a line of JSON, a list of arguments, for each life
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, cast

from tests.sitting.unsynced import leave_out_syncs

ROOT = Path(__file__).parents[2]
SECONDS = 120.0


class Life(NamedTuple):
    """How it ended (negative: by that signal), and what it wrote."""

    code: int
    output: str
    errors: str


class Lives:
    """The process whose forks run `MODULE.main(arguments)`, without waiting for the disk."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-m", "tests.sitting.lives", module]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def live(self, *arguments: object) -> Life:
        """One life, to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self._process.stdin.flush()
        return Life(*json.loads(self._process.stdout.readline()))

    def __enter__(self) -> Lives:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=SECONDS)


class Program(Protocol):
    """What a module that can be run provides."""

    main: Callable[[list[str]], None]


def fork(program: Program, arguments: list[str]) -> Life:
    """Run one life in a fork."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = os.fork()
        if process == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            code = 1
            try:
                program.main(arguments)
                code = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(code)
        _, status = os.waitpid(process, 0)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
        return Life(os.waitstatus_to_exitcode(status), *texts)


def main() -> None:
    """Serve lives until the input ends."""
    program = cast(Program, importlib.import_module(sys.argv[1]))
    leave_out_syncs()
    for line in sys.stdin:
        print(json.dumps(fork(program, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
