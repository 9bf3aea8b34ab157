"""Writes one of everything that outlives a release: homes, exports, signed results, archives of packs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.compatibility import entry_points
from tests.compatibility.entry_points import Clock
from tests.compatibility.machines import DESK, Machine, pack_up

MODELS = {
    "five.h5": "scored 5",
    "four.keras": "scored 4",
    "two": "scored 2",
    "refused.h5": "refused",
    "failed.h5": "failed",
    "failed": "failed",
    "unable.keras": "unable",
}
"""Name → what the scripted grader says of it; those without a suffix are SavedModel folders."""

SUBMITTED = (
    ("1", "five.h5"),
    ("2", "refused.h5"),
    ("3", "two"),
    ("3", "four.keras"),
    ("3", "refused.h5"),
    ("4", "failed"),
    ("5", "unable.keras"),
)
"""The submissions of the running exam, in turn: each outcome at least once."""

SETTINGS = {"theme": "light", "name": "Ada Lovelace", "pack": "small", "language": "en", "isolation": "required"}


def write(target: Path, clock: Clock) -> dict[str, Any]:
    """Write everything to the folder `target`; returns what is needed to set the machines up again."""
    with tempfile.TemporaryDirectory(prefix="mockexam-0.1.0-") as scratch:
        root = Path(scratch).resolve()
        machines = {}
        running = _machine(root / "running", clock)
        attempt = _begin(running)
        _submit_everything(running)
        _leave(running, target / "running.tar.gz")
        machines["running"] = _facts(running, attempt)
        _run(running, "export-attempt", "-o", str(target / "running.zip"))
        _leave(running, target / "moved.tar.gz")
        machines["moved"] = _facts(running, attempt)
        ended = _machine(root / "ended", clock)
        attempt = _begin(ended)
        _end_well(ended)
        _run(ended, "results", "export", "-o", str(target / "result.json"))
        _run(ended, "export-attempt", attempt, "-o", str(target / "ended.zip"))
        _leave(ended, target / "ended.tar.gz")
        machines["ended"] = _facts(ended, attempt)
        for option, name in (("--full", "drawn-1.0.0.zip"), ("--public", "drawn-1.0.0-public.zip")):
            _run(ended, "pack", "build", "drawn", option, "--seed", "3", "-o", str(target / name))
        pack_up(ended.desk, target / DESK, *(path.name for path in sorted(ended.desk.iterdir())))
    recorded = {"machines": machines}
    (target / "recorded.json").write_text(json.dumps(recorded, indent=2) + "\n", "utf-8")
    return recorded


def write_frames(target: Path) -> None:
    """Write each frame on a line of its own, as it is sent, after its name and a tab."""
    frames = entry_points.FRAMES.items()
    lines = [name.encode() + b"\t" + entry_points.encoded(frame) for name, frame in frames]
    (target / "frames.txt").write_bytes(b"\n".join(lines) + b"\n")


def _machine(root: Path, clock: Clock) -> Machine:
    machine = Machine(root, clock)
    entry_points.write_exam_pack(entry_points.packs_folder(machine.home))
    machine.desk.mkdir(parents=True)
    for name, says in MODELS.items():
        entry_points.write_model(machine.desk / name, says)
    entry_points.write_drawn_pack(machine.desk / "drawn")
    entry_points.write_faulty_pack(machine.desk / "faulty")
    (machine.desk / "text.zip").write_text("no zip\n", "utf-8")
    return machine


def _begin(machine: Machine) -> str:
    entry_points.write_settings(machine.home, SETTINGS)
    attempt = entry_points.begin_exam(machine.home, machine.project, machine.clock)
    (machine.project / "Category1" / "notes.txt").write_text("learning rate 0.01\n", "utf-8")
    machine.clock.advance(600)
    return attempt


def _submit_everything(machine: Machine) -> None:
    for category, model in SUBMITTED:
        machine.run("submit", category, model)
        machine.clock.advance(300)
    entry_points.submit_and_leave(machine.home, machine.clock, 5, machine.desk / "four.keras")
    machine.clock.advance(60)
    _run(machine, "status")


def _end_well(machine: Machine) -> None:
    for category in "12345":
        _run(machine, "submit", category, "two" if category == "2" else "five.h5")
        machine.clock.advance(60)
    _run(machine, "end", "--yes")


def _run(machine: Machine, *arguments: str) -> None:
    ran = machine.run(*arguments)
    assert ran.code == 0, ran


def _leave(machine: Machine, target: Path) -> None:
    pack_up(machine.root, target, "home", "project")


def _facts(machine: Machine, attempt: str) -> dict[str, Any]:
    return {"root": str(machine.root), "attempt": attempt, "moment": entry_points.moment(machine.clock)}
