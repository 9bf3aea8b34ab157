"""How long the commands take to start, compared with an empty Python: `python benchmarks/start_up.py`.

Prints the best of several runs and the ratio; exits with 1 when a command takes more than 5 × that + 100 ms.
The programs run in turns, so that a busy moment of the machine affects all alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

ROUNDS = 15
FACTOR, EXTRA_MS = 5.0, 100.0
EMPTY = "python -c pass"
PROGRAMS = {
    EMPTY: ["-c", "pass"],
    "mockexam --help": ["-m", "mockexam", "--help"],
    "mockexam status": ["-m", "mockexam", "status"],
}


def milliseconds(arguments: list[str], environment: dict[str, str]) -> float:
    """One run, from start to end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    return (time.perf_counter() - begun) * 1000


def main() -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"MOCKEXAM_HOME": home}
        runs: dict[str, list[float]] = {name: [] for name in PROGRAMS}
        for _ in range(ROUNDS):
            for name, arguments in PROGRAMS.items():
                runs[name].append(milliseconds(arguments, environment))
    best = {name: min(times) for name, times in runs.items()}
    bar = FACTOR * best[EMPTY] + EXTRA_MS
    for name, value in best.items():
        print(f"{name:<18} {value:7.1f} ms  {value / best[EMPTY]:5.2f} ×")
    print(f"bar                {bar:7.1f} ms  ({FACTOR:g} × + {EXTRA_MS:g} ms)")
    return 0 if max(best.values()) <= bar else 1


if __name__ == "__main__":
    sys.exit(main())
