"""Has release 0.1.0 read what today's code writes: python -m tests.compatibility.old_release

The old code comes out of the repository's history and runs in processes of its own.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockexam.workspace import layout
from tests.compatibility import entry_points, writing
from tests.compatibility.machines import Machine, set_up

COMMIT = "8d62a4c"
"""The commit that was 0.1.0 when the rebuilding began."""

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("mockexam", "graders", "problems")


class CommitMissingError(Exception):
    """The commit can't be had: there is no repository, only a shallow one, or no git."""


@dataclass(frozen=True)
class OldRelease:
    """The code of the old release in the folder `code`."""

    code: Path

    @classmethod
    def extract(cls, code: Path) -> OldRelease:
        """Take the old code out of the history; raises CommitMissingError."""
        command = ["git", "archive", "--format=tar", COMMIT, *PACKAGES]
        try:
            done = subprocess.run(command, cwd=REPOSITORY, capture_output=True)
        except OSError as error:
            raise CommitMissingError(f"git can't be run: {error.strerror}") from error
        if done.returncode:
            raise CommitMissingError(f"no commit {COMMIT} here: {done.stderr.decode(errors='replace').strip()}")
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(code, filter="data")
        return cls(code)

    def run(self, machine: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the old release on that machine."""
        return self._python(machine, "-m", "mockexam", *arguments)

    def told(self, machine: Machine, *arguments: str) -> Any:
        """Run a command that must succeed; returns what it printed, as JSON."""
        ran = self.run(machine, *arguments)
        assert ran.returncode == 0, f"mockexam {' '.join(arguments)}: exit code {ran.returncode}\n{ran.stderr}"
        return json.loads(ran.stdout) if "--json" in arguments else None

    def places(self, machine: Machine) -> list[Path]:
        """Where its packages are imported from."""
        program = f"import {', '.join(PACKAGES)}\nfor one in ({', '.join(PACKAGES)}): print(*one.__path__)"
        return [Path(line) for line in self._python(machine, "-c", program).stdout.splitlines()]

    def _python(self, machine: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"MOCKEXAM_HOME": str(machine.home), "PYTHONPATH": str(self.code)}
        environment.pop("MOCKEXAM_ISOLATION", None)
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=machine.desk,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )


@dataclass(frozen=True)
class Written:
    """What today's code has written just now, by the machine's own clock."""

    folder: Path
    recorded: dict[str, Any]

    @classmethod
    def now(cls, folder: Path) -> Written:
        """Write it."""
        return cls(folder, writing.write(entry_points.fresh(folder), entry_points.RealClock()))

    def machine(self, name: str, root: Path) -> Machine:
        """A copy of one of the machines."""
        machine = set_up(self.folder, name, root, self.recorded)
        entry_points.write_settings(machine.home, {"isolation": "best"})  # the lock isn't what is tried here
        return machine


def reads_a_ledger(old: OldRelease, written: Written, scratch: Path) -> None:
    """A running exam is where it is today, goes on, and has a result."""
    machine = written.machine("running", scratch)
    today = machine.run("status", "--json").json()
    found = old.told(machine, "status", "--json")
    assert _untimed(found) == _untimed(today)
    assert 0 < found["seconds_left"] <= today["seconds_left"]
    old.told(machine, "end", "--yes")  # tests the waiting submission with the old grader
    (result,) = old.told(machine, "results", "--json")
    assert (result["total"], result["end_reason"]) == (26.0, "candidate")


def rebuilds_a_ledger(old: OldRelease, written: Written, scratch: Path) -> None:
    """The files beside the ledger are enough without it."""
    machine = written.machine("running", scratch)
    today = machine.run("status", "--json").json()
    entry_points.ledger_file(machine.home).unlink()
    assert _untimed(old.told(machine, "status", "--json")) == _untimed(today)


def shows_a_result(old: OldRelease, written: Written, scratch: Path) -> None:
    """An ended exam has the same result, and the models are whole."""
    machine = written.machine("ended", scratch)
    assert old.told(machine, "results", "--json") == machine.run("results", "--json").json()
    attempt = written.recorded["machines"]["ended"]["attempt"]
    assert old.told(machine, "export-attempt", attempt, "--json")["left_out"] == []


def imports_an_export(old: OldRelease, written: Written, scratch: Path) -> None:
    """A running and an ended exam can be imported; the machine that a running one has left takes it back."""
    for name, file in (("other", "running.zip"), ("other", "ended.zip"), ("moved", "running.zip")):
        machine = written.machine(name, scratch / f"{name}-{Path(file).stem}")
        imported = old.told(machine, "import-attempt", file, "--project", "exam", "--json")
        if file == "ended.zip":
            assert imported["state"] == "ended"
            assert old.told(machine, "results", "--json")[0]["total"] == 91.0
        else:
            assert imported["state"] == "running"
            assert old.told(machine, "status", "--json")["total"] == 26.0


def takes_notes_along(old: OldRelease, written: Written, scratch: Path) -> None:
    """The candidate's notes, which the old release knows nothing of, are in the project that it brings."""
    here, there = written.machine("running", scratch / "here"), written.machine("other", scratch / "there")
    layout.notes(here.project).write_text("learning rate 0.01\n", "utf-8")
    file = there.desk / "with-notes.zip"
    here.run("export-attempt", "-o", str(file))
    old.told(there, "import-attempt", file.name, "--project", "exam", "--json")
    assert layout.notes(there.desk / "exam").read_text("utf-8") == "learning rate 0.01\n"


def verifies_a_result(old: OldRelease, written: Written, scratch: Path) -> None:
    """A signed result holds, and a changed one does not."""
    machine = written.machine("other", scratch)
    found = old.told(machine, "results", "verify", "result.json", "--json")
    assert (found["faults"], found["total"]) == ([], 91.0)
    file = machine.desk / "result.json"
    file.write_text(file.read_text("utf-8").replace("91.0", "99.0"), "utf-8")
    assert old.run(machine, "results", "verify", "result.json").returncode == 1


def installs_a_pack(old: OldRelease, written: Written, scratch: Path) -> None:
    """An archive can be installed, and has today's digest."""
    machine = written.machine("other", scratch)
    today = machine.run("pack", "info", "drawn", "--json").json()["digest"]
    old.told(machine, "pack", "install", "drawn-1.0.0.zip")
    shutil.rmtree(machine.desk / "drawn")  # so that the name means the installed one
    assert old.told(machine, "pack", "info", "drawn", "--json")["digest"] == today


Deed = Callable[[OldRelease, Written, Path], None]
DEEDS: tuple[Deed, ...] = (
    reads_a_ledger,
    rebuilds_a_ledger,
    shows_a_result,
    imports_an_export,
    takes_notes_along,
    verifies_a_result,
    installs_a_pack,
)


def _untimed(status: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key != "seconds_left"}


def _failures(old: OldRelease, written: Written, scratch: Path) -> Iterator[str]:
    for deed in DEEDS:
        try:
            deed(old, written, scratch / deed.__name__)
            print(f"{deed.__name__.replace('_', ' ')}: yes")
        except AssertionError as error:
            print(f"{deed.__name__.replace('_', ' ')}: NO\n{error}")
            yield deed.__name__


def main() -> int:
    """Try everything and report what works; 0 when all of it does."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        try:
            old = OldRelease.extract(root / "old")
        except CommitMissingError as error:
            print(error, file=sys.stderr)
            return 3
        return int(bool(list(_failures(old, Written.now(root / "written"), root))))


if __name__ == "__main__":
    sys.exit(main())
