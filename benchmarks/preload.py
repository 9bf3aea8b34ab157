"""What stands before a program costs this much of its start: `python benchmarks/preload.py [PYTHON …]`.

An empty program, in turns with nothing before it, with Keras 2 and with every part. Prints medians of processor time,
and of what each takes more than nothing in the same turn; exits with 1 when that is more than 50 ms. Of the time on the
clock this is all, on a machine that has nothing else to do: there is nothing to wait for.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from mockexam.preload.switches import Switches, variables

ROUNDS = 60
BAR_MS = 50.0


def milliseconds(python: str, environment: dict[str, str]) -> float:
    """The processor time of one run, from start to end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, "-c", "pass"], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def measure(python: str, folder: Path) -> float:
    """Print the figures of one Python; returns the most that a part costs."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kinds = {
        "nothing": Switches(),
        "Keras 2": Switches(keras_2=True, log=folder / "log"),
        "every part": Switches(keras_2=True, plots=folder, rescue=folder, log=folder / "log"),
    }
    environments = {name: {**base, **variables(switches, base)} for name, switches in kinds.items()}
    for environment in environments.values():  # with bytecode and a warm disk, as all later runs
        milliseconds(python, environment)
    turns = [{name: milliseconds(python, one) for name, one in environments.items()} for _ in range(ROUNDS)]
    costs = {name: statistics.median(turn[name] - turn["nothing"] for turn in turns) for name in kinds}
    print(python)
    for name, cost in costs.items():
        print(f"  {name:<11} {statistics.median(turn[name] for turn in turns):7.1f} ms  {cost:+5.1f} ms")
    return max(costs.values())


def main(pythons: list[str]) -> int:
    """Measure each Python, this one when none is named."""
    with tempfile.TemporaryDirectory() as folder:
        worst = max(measure(python, Path(folder)) for python in pythons or [sys.executable])
    print(f"bar {BAR_MS:g} ms")
    return 0 if worst <= BAR_MS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
