"""What an exam costs while nobody touches it: share of a core with the countdown running, and memory.

`python benchmarks/idle.py [--seconds 30]`; at most 1 % of a core and 120 MB for the terminal's process.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from first_paint import EXAM, awaited, closed, drained, opened, prepared

CORE_PERCENT, MEGABYTES = 1.0, 120.0
SETTLING = 12.0


def main() -> int:
    """Print both figures; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        attempt, starter = prepared(Path(folder))
        pid, terminal = opened(EXAM, (str(starter), attempt), folder)
        try:
            awaited(terminal, b"", (b"grader ready",))
            drained(terminal, SETTLING)
            before = _spent(pid)
            written = drained(terminal, seconds)
            percent = 100 * (_spent(pid) - before) / seconds
            megabytes = _resident(pid)
        finally:
            closed(pid, terminal)
    print(f"idle with the countdown: {percent:.2f} % of a core (at most {CORE_PERCENT:g}), over {seconds:g} s")
    print(f"written to the terminal: {written / seconds:.0f} bytes a second")
    print(f"memory of the terminal's process: {megabytes:.0f} MB (at most {MEGABYTES:g})")
    return int(percent > CORE_PERCENT or megabytes > MEGABYTES)


def _spent(pid: int) -> float:
    """Processor seconds of a process's threads so far, by the scheduler's own clock: ticks are too coarse for this."""
    return sum(float(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000


if __name__ == "__main__":
    sys.exit(main())
