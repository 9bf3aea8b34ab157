"""The two processes that know Python: one imports modules, the other reads code; both follow the chosen Python."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.boot import command
from mockexam.preload.switches import Switches
from mockexam.running.environment import program_environment
from mockexam.tui.code.knowledge.line_process import Launch, LineProcess

if TYPE_CHECKING:
    from mockexam.interpreters.interpreter import Interpreter

NAME_SERVER = Path(__file__).with_name("name_server.py")
READER = "mockexam.tui.code.knowledge.reader"

# untranslated: Python
START = "import sys; del sys.path[0]; import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
"""Runs a script without its folder, or the current one, on the module path: as `-I` does, but with what the environment
says, and in any Python."""

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


class Readers:
    """`importer` imports what code names, with the chosen Python; `reader` reads code, with ours, and runs none of it.

    Neither is started before its first question, and neither knows of the other: an import takes seconds. `others` is
    whether a candidate may be told of other Pythons than the chosen one.
    """

    def __init__(self, *, others: bool = True) -> None:
        self.interpreter: Interpreter | None = None
        self.importer = LineProcess(self._importer)
        self.reader = LineProcess(self._reader)
        self._others = others

    @property
    def python(self) -> str:
        """The executable of the Python that is followed."""
        return str(self.interpreter.executable) if self.interpreter is not None else sys.executable

    async def follow(self, interpreter: Interpreter) -> None:
        """Follow a Python from now on, as it is now.

        Call it again when packages were installed: both processes end, and start anew at their next question.
        """
        self.interpreter = interpreter
        await self.stop()

    async def stop(self) -> None:
        """End both processes."""
        await asyncio.gather(self.importer.stop(), self.reader.stop())

    async def _importer(self) -> Launch:
        environment = self._environment()
        if environment is None:
            return Launch([sys.executable, "-I", str(NAME_SERVER)], {**os.environ, **QUIET})
        return Launch([self.python, "-c", START, str(NAME_SERVER)], {**environment, **QUIET})

    async def _reader(self) -> Launch:
        chosen = None if self.interpreter is None else msgspec.to_builtins(self.interpreter, enc_hook=str)
        greeting = {"interpreter": chosen, "environment": self._environment(), "others": self._others}
        return Launch(command(READER, []), {**os.environ, **QUIET}, greeting)

    def _environment(self) -> dict[str, str] | None:
        """The variables that programs get in the chosen Python; None for ours as it is."""
        chosen = self.interpreter
        if chosen is None or (chosen.ours and not chosen.legacy):
            return None
        return program_environment(chosen, Switches(keras_2=chosen.legacy))
