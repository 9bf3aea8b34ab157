"""Running a program for a shell: it has the terminal as if it were started there, and its output is kept as well."""

from __future__ import annotations

import sys
from pathlib import Path

from mockexam.running.environment import Program

BY_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


def run(program: Program, log: Path) -> int:
    """Run it to its end, with its output in `log` too; the program's exit code, as a shell gives it.

    Where input and output are a terminal, the program gets one of its own of the same size, as on the screen; elsewhere
    it gets pipes. Raises RunError.
    """
    # Each is imported where it is used: a program that is run for its output needn't wait for the other.
    if sys.stdin.isatty() and sys.stdout.isatty():
        from mockexam.commands.programs.on_terminal import run_on_terminal as run_to_its_end
    else:
        from mockexam.commands.programs.piped import run_in_pipes as run_to_its_end
    code = run_to_its_end(program, log)
    return code if code >= 0 else BY_SIGNAL - code
