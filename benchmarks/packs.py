"""How long packs take to find and to check: `python benchmarks/packs.py`.

A hundred packs of five problems are read in new processes, first with nothing remembered, then as every later start
finds them; the best of a few runs counts. Exits with 1 when the hundred packs take 200 ms either way, or `pack check`
of the built-in pack takes 1 s.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from mockexam.packs.authoring.new import new_pack

PACKS, ROUNDS = 100, 7
CATALOGUE_MS, CHECK_MS = 200.0, 1000.0

READ = """
import sys, time
from pathlib import Path
begun = time.perf_counter()
from mockexam.packs.catalogue import Catalogue
imported = time.perf_counter()
folder, cache = map(Path, sys.argv[1:])
found = len(Catalogue(folder, cache=cache).packs())
assert found >= int(folder.name), found
print((imported - begun) * 1000, (time.perf_counter() - imported) * 1000)
"""

CHECK = """
import time
from pathlib import Path
import problems.tensorflow_developer as built_in
from mockexam.packs.authoring.check import check
from mockexam.packs.format.faults import broken
begun = time.perf_counter()
assert not broken(check(Path(built_in.__file__).parent).faults)
print(0.0, (time.perf_counter() - begun) * 1000)
"""


def milliseconds(code: str, *arguments: Path) -> tuple[float, float]:
    """Milliseconds of the imports, and of the work itself, in a new process."""
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    imported, worked = run.stdout.split()
    return float(imported), float(worked)


def main() -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, str(PACKS))
        for number in range(PACKS):
            new_pack(folder / f"pack-{number}", [1, 2, 3, 4, 5], author="Nobody")
        fresh = [milliseconds(READ, folder, Path(scratch, f"cache-{number}")) for number in range(ROUNDS)]
        imports, first = (min(times) for times in zip(*fresh, strict=True))
        later = min(milliseconds(READ, folder, Path(scratch, "cache-0"))[1] for _ in range(ROUNDS))
    checked = min(milliseconds(CHECK)[1] for _ in range(3))
    print(f"import of the catalogue       {imports:7.1f} ms")
    print(f"{PACKS} packs, nothing remembered {first:7.1f} ms  (bar {CATALOGUE_MS:g} ms)")
    print(f"{PACKS} packs, remembered         {later:7.1f} ms  (bar {CATALOGUE_MS:g} ms)")
    print(f"check of the built-in pack    {checked:7.1f} ms  (bar {CHECK_MS:g} ms)")
    return 0 if max(first, later) <= CATALOGUE_MS and checked <= CHECK_MS else 1


if __name__ == "__main__":
    sys.exit(main())
