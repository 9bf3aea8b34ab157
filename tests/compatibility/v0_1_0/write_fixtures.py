"""Writes the fixtures beside this file anew: python -m tests.compatibility.v0_1_0.write_fixtures

They are what 0.1.0 wrote, so this runs only where the code is still that of 0.1.0 (see README.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compatibility import commands, entry_points, writing

HERE = Path(__file__).parent
COMMIT = "8d62a4c"
"""The commit whose code wrote the fixtures."""


def main() -> int:
    """Write them, unless this is other code."""
    same = subprocess.run(["git", "diff", "--quiet", COMMIT, "--", "mockexam", "graders"], cwd=HERE.parents[2])
    if same.returncode:
        print(f"Expected  the code of {COMMIT}\nFound     other code, or no such commit", file=sys.stderr)
        print("Advice    Check out the commit that last changed this folder, and run this there.", file=sys.stderr)
        return 1
    recorded = writing.write(HERE, entry_points.clock_at("2026-03-28T12:00:00+00:00", "boot-1", 1000.0))
    writing.write_frames(HERE)
    with tempfile.TemporaryDirectory() as scratch:
        answers = commands.all_given(HERE, Path(scratch), recorded)
    (HERE / "commands.json").write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
