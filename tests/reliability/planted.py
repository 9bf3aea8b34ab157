"""Faults to plant in a copy of the program, which the harness must find: else finding none would prove nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

TOLD_TOO_EARLY = """            if category != 4:
                number = len(exams.submissions(attempt.id, category)) + 1
                sha256 = __import__("hashlib").sha256(content).hexdigest()
                tell(f"submitted {attempt.id}-{category}-{number} {sha256}")
            submission = exams.submit(attempt.id, category)
"""


@dataclass(frozen=True)
class Fault:
    """`old` is replaced by `new` in one file."""

    name: str
    file: str
    old: str
    new: str = ""


FAULTS = (
    Fault("the ledger is synced now and then", "mockexam/store/ledger.py", "= FULL", "= NORMAL"),
    Fault("a submission is told before it is recorded", "tests/sitting/exam_driver.py",
          "            submission = exams.submit(attempt.id, category)\n", TOLD_TOO_EARLY),
    Fault("a model is not synced", "mockexam/files/writing.py", "yield descriptor\n        os.fsync(descriptor)\n",
          "yield descriptor\n"),
    Fault("a model's shelf is not synced", "mockexam/store/snapshots.py", "        sync_folder(final.parent)\n"),
    Fault("a SavedModel's folders are not synced", "mockexam/store/snapshots.py",
          "_ in os.walk(copy, topdown=False):\n        sync_folder(Path(folder))\n", "_ in ():\n        pass\n"),
    Fault("new folders are not synced", "mockexam/files/writing.py", "    sync_folder(folder.parent)\n"),
    Fault("a saved file is not synced", "mockexam/files/writing.py", "os.fsync(self.file.fileno())", "pass"),
    Fault("a saved file's folder is not synced", "mockexam/files/writing.py", "sync_folder(self.path.parent)", "pass"),
    Fault("a file is written in its place", "mockexam/files/writing.py",
          "self.draft.replace(self.path)", "self.path.write_bytes(self.draft.read_bytes())"),
    Fault("the project is not synced", "mockexam/workspace/draft.py", "            os.sync()", "            pass"),
)  # fmt: skip


def plant(fault: Fault, folder: Path) -> Path:
    """A copy of the program with the fault in it, to be run from there."""
    for part in ("mockexam", "graders", "tests/sitting"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "__init__.py", folder / "tests")
    path = folder / fault.file
    text = path.read_text("utf-8")
    assert text.count(fault.old) == 1, f"{fault.file} has changed: plant “{fault.name}” anew"
    path.write_text(text.replace(fault.old, fault.new), "utf-8")
    return folder
