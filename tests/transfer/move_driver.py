"""One move of an exam in a process that kills itself at a step: what the tests of killed moves run (see lives.py).

Arguments: export or import, HOME, FILE, PROJECT, KILL_AT. Prints what a person would have been told, and the steps.
"""

from __future__ import annotations

import signal
from pathlib import Path

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from tests.sitting.exam_driver import Steps, tell


def main(arguments: list[str]) -> None:
    """Export the running exam of HOME, or import FILE there."""
    what, home, file, project, kill_at = arguments
    catalogue = Catalogue(Home.under(Path(home)).packs)
    catalogue.packs()
    steps = Steps(int(kill_at), signal.SIGKILL)
    steps.watch()
    exams = ExamService(Home.under(Path(home)), SystemClock(), catalogue)
    if what == "export":
        (attempt,) = exams.attempts()
        export(exams, attempt.id, Path(file))
    else:
        bring(exams, Path(file), Path(project))
    tell("done")
    exams.close()
    tell(f"steps {steps.count}")
