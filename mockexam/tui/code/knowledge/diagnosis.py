"""Syntax errors as the compiler of the Python that programs run in sees them, found in a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.code.marks import Fault

# The compiler holds the interpreter's lock and can be made to overflow its stack: neither may happen in the app.
# untranslated: a program of its own
_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
text = sys.stdin.buffer.read().decode("utf-8", "replace")
try:
    compile(text, "<editor>", "exec", dont_inherit=True)
except SyntaxError as error:
    end = [getattr(error, name, None) for name in ("end_lineno", "end_offset")]  # since 3.10
    print(json.dumps([error.lineno, error.offset, *end, error.msg]))
except (ValueError, MemoryError, RecursionError) as error:
    print(json.dumps([1, 1, 1, 1, str(error)]))
"""

PATIENCE = 5.0


async def find_faults(lines: list[str], python: str = sys.executable) -> tuple[Fault, ...]:
    """Return the first syntax error that a Python sees in a source, if there is one; the compiler stops at it."""
    # A thread waits for the process: an asyncio one would outlive the loop when the app is closed meanwhile.
    return _read(await asyncio.to_thread(_compiled, "\n".join(lines).encode("utf-8", "replace"), python), lines)


def _compiled(source: bytes, python: str) -> bytes:
    command = [python, "-I", "-S", "-c", _PROGRAM]
    try:
        return subprocess.run(command, input=source, capture_output=True, timeout=PATIENCE, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def _read(output: bytes, lines: list[str]) -> tuple[Fault, ...]:
    if not output.strip():
        return ()
    line, offset, end_line, end_offset, message = json.loads(output)
    row = min(max((line or 1) - 1, 0), len(lines) - 1)
    start = max((offset or 1) - 1, 0)
    end = max((end_offset or 0) - 1, 0) if end_line == line else len(lines[row])
    # An error at the end of a line would have nothing to be drawn under.
    if start >= len(lines[row]):
        start = max(0, len(lines[row]) - 1)
    return (Fault(row, start, max(end, start + 1), message or shown(sentence("nested too deep for Python"))),)
