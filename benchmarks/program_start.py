"""How much later a program starts in the Run window than by `python starter.py` in a shell's terminal.

python -m benchmarks.program_start      exit code 1 when a target is missed

Both have a terminal of their own and are timed from the call to the first line that the program writes; what is
compared are neighbours, in turns. Our side holds all that F5 does once files are saved: the choice of the interpreter,
the environment, the log, the launcher, and what stands before the program.
"""

from __future__ import annotations

import asyncio
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.interpreter import this_python
from mockexam.running.environment import program
from mockexam.running.run_session import RunSession
from mockexam.store.home import Home

ROUNDS = 25
MAX_LATER = 50.0  # ms
SCRIPT = "import time\nprint(time.monotonic(), flush=True)\n"


def by_shell(script: Path) -> float:
    """Milliseconds until the program's first line, started as a shell does."""
    main, other = pty.openpty()
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, script.name], cwd=script.parent, stdin=other, stdout=other, stderr=other)
    os.close(other)
    with os.fdopen(main, "rb", buffering=0) as terminal:
        line = terminal.read(100).split()[0]
        child.wait()
    return (float(line) - began) * 1000


async def in_run_window(script: Path, home: Home, number: int) -> float:
    """The same, started as F5 does it."""
    rules, log = ProgramRules(), script.parent / f"{number}.log"
    began = time.monotonic()
    chosen = await asyncio.to_thread(Choices(home).chosen, "none", rules, script.parent)
    made = await asyncio.to_thread(program, script, chosen.interpreter, log, rules)
    session = RunSession(
        "starter",
        script,
        made,
        log,
        interpreter=chosen.interpreter,
        category=1,
        thresholds={},
        size=(120, 30),
    )
    await session.start()
    await session.run.wait()
    return (float(session.console.lines[1]) - began) * 1000


async def measured(folder: Path) -> bool:
    """Measure in turns; returns whether the target is met."""
    script, home = folder / "starter.py", Home.under(folder / "home")
    script.write_text(SCRIPT, "utf-8")
    this_python()
    pairs = []
    for number in range(ROUNDS):
        if number % 2:
            shell = by_shell(script)
            ours = await in_run_window(script, home, number)
        else:
            ours = await in_run_window(script, home, number)
            shell = by_shell(script)
        pairs.append((ours, shell))
    later = [ours - shell for ours, shell in pairs]
    low, median, high = statistics.quantiles(later, n=4)
    print(
        f"a program's first line in the Run window: {median:.1f} ms later than in a shell (at most {MAX_LATER:.0f}; "
        f"half of {ROUNDS} turns between {low:.1f} and {high:.1f}), which takes "
        f"{statistics.median(shell for _, shell in pairs):.1f} ms"
    )
    return median <= MAX_LATER


def main() -> int:
    """Run everything; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        return 0 if asyncio.run(measured(Path(name))) else 1


if __name__ == "__main__":
    sys.exit(main())
