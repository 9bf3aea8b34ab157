"""Commands whose exit code and `--json` are recorded, each run on a freshly set up machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.compatibility.machines import Machine, set_up

HERE = Path(__file__).parents[2]

GIVEN: dict[str, tuple[str, ...]] = {
    "running": (
        "status",
        "status --json",
        "submit 1 five.h5 --json",
        "submit Category2 two --json",
        "submit 1 refused.h5 --json",
        "submit 1 failed.h5 --json",
        "submit 1 unable.keras --json",
        "submit 1",
        "submit 9 five.h5",
        "submit 1 nonesuch.h5",
        "end",
        "end --yes",
        "end --yes <unable",
        "results",
        "results --json",
        "results export",
        "export-attempt --json",
        "export-attempt -o text.zip",
        "export-attempt nonesuch",
        "import-attempt running.zip",
        "practice line five.h5",
        "grade line five.h5",
        "doctor --json",
        "doctor --verify --json",
        "start",
        "nonesuch",
        "status --nonesuch",
    ),
    "moved": (
        "status",
        "submit 1 five.h5",
        "results",
        "export-attempt --json",
        "import-attempt running.zip --project taken-back --json",
    ),
    "ended": (
        "status",
        "status --json",
        "submit 1 five.h5",
        "end --yes",
        "results",
        "results --json",
        "results {attempt} --json",
        "results nonesuch",
        "results export",
        "results export -o text.zip",
        "results verify result.json --json",
        "results verify result.json --key 0123 --json",
        "results verify result.json --attempt ended.zip --json",
        "results verify result.json --attempt ended.zip --json <harsh",
        "results verify result.json --attempt ended.zip --json <unable",
        "results verify ended.zip --json",
        "results verify text.zip --json",
        "results verify nonesuch.json",
        "export-attempt",
        "export-attempt {attempt} --json",
        "practice --pack small",
        "practice --pack small problem-1",
        "practice --pack small problem-1 five.h5 --json",
        "practice --pack small problem-1 refused.h5 --json",
        "practice --pack small problem-1 failed --json",
        "practice --pack small problem-1 unable.keras --json",
        "practice --pack small nonesuch",
        "practice --pack small problem-1 nonesuch.h5",
        "grade --pack small problem-1 five.h5 two --json",
        "grade --pack small problem-1 five.h5 refused.h5 failed.h5 --json",
        "grade --pack small problem-1 five.h5 unable.keras --json",
        "grade --pack small problem-1 five.h5 --csv",
        "grade --pack small problem-1 five.h5 --csv --json",
        "grade --pack small problem-1 nonesuch.h5",
        "pack list --json",
        "pack info small --json",
        "pack info drawn --json",
        "pack info nonesuch",
        "pack check small --json",
        "pack check drawn --json",
        "pack check faulty --json",
        "pack build drawn",
        "pack build drawn --public",
        "pack build faulty",
        "pack install drawn-1.0.0.zip",
        "pack install drawn-1.0.0-public.zip",
        "pack install faulty",
        "pack install text.zip",
        "pack remove small",
        "pack remove nonesuch",
        "pack new written",
        "pack prove drawn --dry --json",
    ),
    "other": (
        "status",
        "import-attempt running.zip --json",
        "import-attempt ended.zip --json",
        "import-attempt text.zip",
        "import-attempt nonesuch.zip",
        "export-attempt",
        "results verify result.json --json",
    ),
}
"""Machine → commands; what follows `<` names the grader."""


def given_on(machine: Machine, command: str, attempt: str) -> dict[str, Any]:
    """Run the command; returns what has to be the same in the next release."""
    words, _, grader = command.format(attempt=attempt).partition(" <")
    ran = machine.run(*words.split(), grader=grader)
    printed = ran.out if "--json" in words.split() else ""
    for place, name in {str(machine.root): "/machine", sys.prefix: "/environment", str(HERE): "/repository"}.items():
        printed = printed.replace(place, name)
    return {"exit": ran.code, "json": json.loads(printed) if printed else None}


def all_given(fixtures: Path, scratch: Path, recorded: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Machine → command → what came of it."""
    answers: dict[str, dict[str, Any]] = {}
    for name, commands in GIVEN.items():
        answers[name] = {}
        attempt = recorded["machines"].get(name, {}).get("attempt", "")
        for number, command in enumerate(commands):
            machine = set_up(fixtures, name, scratch / f"{name}-{number}", recorded)
            answers[name][command] = given_on(machine, command, attempt)
    return answers
