"""What choosing a Python executes of it, once: its activation scripts, and itself to see that it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from mockexam.interpreters.description import refuse_unless_it_starts
from mockexam.interpreters.environment import activated, read_scripts
from mockexam.interpreters.interpreter import Interpreter


def made_ready(interpreter: Interpreter, base: Mapping[str, str] | None = None) -> Interpreter:
    """The interpreter with what its activation scripts do; for a few seconds at most, in a worker.

    Call it when somebody has chosen it and accepted what speaks against it: until here nothing of it was executed.
    Raises InterpreterError when it doesn't start.
    """
    if interpreter.ours:
        return interpreter
    variables = dict(os.environ if base is None else base)
    ready = msgspec.structs.replace(interpreter, variables=read_scripts(interpreter, variables))
    refuse_unless_it_starts(ready, activated(ready, variables))
    return ready
