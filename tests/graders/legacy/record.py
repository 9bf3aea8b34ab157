"""Examine every model of the archives and write down what becomes of each: `python tests/graders/legacy/record.py`.

Writes outcomes.json, which the tests hold the grader to, and the table of docs/grading.md; with names of writers only
what is known of these anew. Takes minutes.
"""

from __future__ import annotations

import json
import runpy
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.graders.child.conftest import Examiner
from tests.graders.legacy import archives
from tests.graders.legacy.outcome import outcome


def record(writers: list[str]) -> None:
    known = archives.recorded() if (archives.HERE / "outcomes.json").exists() else {}
    for name in writers:
        with tempfile.TemporaryDirectory() as scratch:
            examiner = Examiner(Path(scratch))
            wrote = archives.unpacked(name, Path(scratch))
            known[name] = {file: outcome(examiner, wrote, file) for file in wrote.names}
            examiner.close()
        print(name, {file: found for file, found in known[name].items() if found != archives.AGREES}, flush=True)
    known = {name: known[name] for name in archives.WRITERS if name in known}
    (archives.HERE / "outcomes.json").write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    record(sys.argv[1:] or archives.WRITERS)
    runpy.run_path(str(Path(__file__).parents[3] / "docs" / "generate_legacy.py"), run_name="__main__")
