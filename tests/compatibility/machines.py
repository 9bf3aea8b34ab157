"""A user's machine: a home, a folder that commands are run in, and a clock; packed up and unpacked again."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.compatibility import entry_points
from tests.compatibility.entry_points import Clock, Ran

DESK = "desk.tar.gz"
"""What is in the folder that commands are run in: models, and packs as folders."""

FILES = ("running.zip", "ended.zip", "result.json", "drawn-1.0.0.zip", "drawn-1.0.0-public.zip")
"""Files that commands have written and other commands are given."""


@dataclass(frozen=True)
class Machine:
    """`root` holds the home, the project of an exam, and the desk: the folder that commands are run in."""

    root: Path
    clock: Clock

    @property
    def home(self) -> Path:
        """The folder that MOCKEXAM_HOME names."""
        return self.root / "home"

    @property
    def project(self) -> Path:
        """The candidate's project."""
        return self.root / "project"

    @property
    def desk(self) -> Path:
        """The folder that commands are run in."""
        return self.root / "desk"

    def run(self, *arguments: str, grader: str = "", **more: Any) -> Ran:
        """Run a command; `grader` names one of GRADERS, by default the one that believes what a model says."""
        return entry_points.mockexam(
            list(arguments), home=self.home, folder=self.desk, clock=self.clock, verdict=GRADERS[grader], **more
        )


GRADERS: dict[str, Callable[[Path], Any]] = {
    "": entry_points.verdict_by_content,
    "harsh": entry_points.harsh,
    "unable": entry_points.unable,
}


def pack_up(folder: Path, target: Path, *names: str) -> None:
    """Write those parts of the folder into one file that doesn't tell who did it."""

    def anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(target, "w:gz") as archive:
        for name in names:
            archive.add(folder / name, name, filter=anonymous)


def unpack(archive: Path, into: Path) -> None:
    """Unpack what `pack_up` wrote."""
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        opened.extractall(into, filter="data")


def set_up(fixtures: Path, name: str, root: Path, recorded: dict[str, Any]) -> Machine:
    """The recorded machine `name` in the folder `root`, at the moment it was recorded.

    "other" is a machine that has the exam's packs and nothing else.
    """
    known = recorded["machines"]["running" if name == "other" else name]
    unpack(fixtures / DESK, root / "desk")
    for file in FILES:
        shutil.copyfile(fixtures / file, root / "desk" / file)
    machine = Machine(root, entry_points.clock_at(**known["moment"]))
    if name == "other":
        unpack(fixtures / "running.tar.gz", root / "elsewhere")
        packs = entry_points.packs_folder(root / "elsewhere" / "home")
        shutil.copytree(packs, entry_points.packs_folder(machine.home))
    else:
        unpack(fixtures / f"{name}.tar.gz", root)
        _settle_in(machine, known["root"])
    return machine


def _settle_in(machine: Machine, was: str) -> None:
    """The project is where it was unpacked. Everything else finds its way from MOCKEXAM_HOME."""
    with closing(sqlite3.connect(entry_points.ledger_file(machine.home))) as ledger, ledger:
        ledger.execute("UPDATE attempt SET project = ?", (str(machine.project),))
    for file in entry_points.kept_files(machine.home):
        text = file.read_text("utf-8")
        file.write_text(text.replace(f"{was}/project", str(machine.project)), "utf-8")
