"""What 0.1.0 wrote is read, continued, verified and installed, and every command answers in the same form."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compatibility import commands, entry_points
from tests.compatibility.forms import form
from tests.compatibility.machines import Machine, set_up

FIXTURES = Path(__file__).with_name("v0_1_0")
RECORDED = json.loads((FIXTURES / "recorded.json").read_text("utf-8"))
ANSWERS = json.loads((FIXTURES / "commands.json").read_text("utf-8"))
GIVEN = [(machine, command) for machine, answers in ANSWERS.items() for command in answers]
FRAMES = dict(line.split(b"\t", 1) for line in (FIXTURES / "frames.txt").read_bytes().splitlines())

Open = Callable[..., Machine]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Sets up a copy of a recorded machine."""

    def open_copy(name: str, at: str = "") -> Machine:
        return set_up(FIXTURES, name, tmp_path / (at or name), RECORDED)

    return open_copy


def attempt_of(name: str) -> str:
    found: str = RECORDED["machines"].get(name, {}).get("attempt", "")
    return found


# -- every command


@pytest.mark.parametrize(("name", "command"), GIVEN, ids=[": ".join(pair) for pair in GIVEN])
def test_a_command_answers_as_before(opened: Open, name: str, command: str) -> None:
    before = ANSWERS[name][command]
    answer = commands.given_on(opened(name), command, attempt_of(name))
    assert form(answer["json"]) == form(before["json"])
    if not command.startswith("doctor"):  # whose answer depends on the machine
        assert answer["exit"] == before["exit"]


def test_every_command_of_the_table_was_recorded() -> None:
    assert {name: list(answers) for name, answers in ANSWERS.items()} == {
        name: list(given) for name, given in commands.GIVEN.items()
    }


# -- a running exam


def test_a_running_exam_stands_as_it_did(opened: Open) -> None:
    status = opened("running").run("status", "--json").json()
    assert status["seconds_left"] == (300 - 46) * 60
    assert status["total"] == 26.0
    fields = ("category", "tests_passed", "graded", "pending", "submissions")
    assert [tuple(one[name] for name in fields) for one in status["categories"]] == [
        (1, 5, True, False, 1),
        (2, 0, False, False, 1),
        (3, 4, True, False, 3),
        (4, 0, True, False, 1),
        (5, 0, False, True, 2),
    ]


def test_a_running_exam_goes_on_to_its_result(opened: Open) -> None:
    machine = opened("running")
    entry_points.write_model(machine.project / "Category2" / "mymodel.h5", "scored 5")
    assert machine.run("submit", "2").code == 0
    assert machine.run("end", "--yes").code == 0
    (result,) = machine.run("results", "--json").json()
    assert (result["total"], result["end_reason"]) == (10 + 15 + 16 + 0 + 24, "candidate")
    assert machine.run("results", "export", "-o", "mine.json").code == 0
    assert machine.run("results", "verify", "mine.json", "--json").json()["faults"] == []


def test_a_running_exam_ends_at_the_recorded_deadline(opened: Open) -> None:
    machine = opened("running")
    machine.clock.advance((300 - 46) * 60 - 1)
    assert machine.run("status", "--json").json()["seconds_left"] == 1
    machine.clock.advance(1)
    assert machine.run("status").code == 3
    (result,) = machine.run("results", "--json").json()
    assert (result["total"], result["end_reason"]) == (10 + 16 + 24, "time")
    assert result["ended_at"] == "2026-03-28T17:00:00Z"


def test_a_lost_ledger_is_rebuilt_from_the_files_beside_it(opened: Open) -> None:
    before = opened("running").run("status", "--json").json()
    machine = opened("running", at="damaged")
    entry_points.ledger_file(machine.home).unlink()
    ran = machine.run("status", "--json")
    assert "1 attempt and 8 submissions were restored" in ran.err
    assert ran.json() == before | {"project": str(machine.project)}


def test_the_marks_know_that_an_older_ledger_is_older(opened: Open) -> None:
    machine, earlier = opened("moved"), opened("running")
    shutil.copy(entry_points.ledger_file(earlier.home), entry_points.ledger_file(machine.home))
    assert machine.run("status").code == 3
    assert "to go on elsewhere" in machine.run("status").err


def test_the_settings_hold(opened: Open) -> None:
    machine = opened("running")
    assert entry_points.read_setting(machine.home, "theme") == "light"
    asked: list[str] = []
    machine.run("submit", "1", "five.h5", isolation_asked_for=asked)
    assert asked == ["required"]


def test_every_submitted_model_is_whole(opened: Open) -> None:
    machine = opened("running")
    exported = machine.run("export-attempt", "--json").json()
    assert (exported["submissions"], exported["left_out"]) == (8, [])


# -- an exam in a file


def test_an_exported_exam_goes_on_on_another_machine(opened: Open) -> None:
    machine = opened("other")
    machine.clock.advance(60)
    imported = machine.run("import-attempt", "running.zip", "--project", "exam", "--json").json()
    assert (imported["state"], imported["seconds_left"]) == ("running", (300 - 47) * 60)
    project = Path(imported["project"])
    assert (project / "Category1" / "notes.txt").read_text("utf-8") == "learning rate 0.01\n"
    entry_points.write_model(project / "Category2" / "mymodel.h5", "scored 5")
    assert machine.run("submit", "2").code == 0
    assert machine.run("status", "--json").json()["total"] == 10 + 15 + 16
    assert machine.run("export-attempt", "-o", "back.zip", "--json").json()["left_out"] == []


def test_an_exam_that_left_is_taken_back(opened: Open) -> None:
    machine = opened("moved")
    assert machine.run("import-attempt", "running.zip", "--project", "again").code == 0
    assert machine.run("status", "--json").json()["total"] == 26.0


# -- a signed result


def test_a_signed_result_verifies(opened: Open) -> None:
    found = opened("other").run("results", "verify", "result.json", "--attempt", "ended.zip", "--json").json()
    assert (found["faults"], found["total"], found["passed"]) == ([], 91.0, True)
    assert [(one["then"], one["now"]) for one in found["regraded"]] == [(5, 5), (2, 2), (5, 5), (5, 5), (5, 5)]


def test_a_changed_result_does_not_verify(opened: Open) -> None:
    machine = opened("other")
    file = machine.desk / "result.json"
    text = file.read_text("utf-8")
    assert '"total": 91.0' in text
    file.write_text(text.replace('"total": 91.0', '"total": 99.0'), "utf-8")
    ran = machine.run("results", "verify", "result.json")
    assert ran.code == 1
    assert "changed since" in ran.err


def test_the_signing_key_stays_this_user_s_own(opened: Open) -> None:
    assert opened("ended").run("results", "verify", "result.json", "--json").json()["own_key"] is True


# -- a pack


def test_an_archive_installs_and_is_built_again_the_same(opened: Open) -> None:
    machine = opened("other")
    assert machine.run("pack", "install", "drawn-1.0.0.zip").code == 0
    digest = ANSWERS["ended"]["pack info drawn --json"]["json"]["digest"]
    shutil.rmtree(machine.desk / "drawn")  # so that the name means the installed one
    assert machine.run("pack", "info", "drawn", "--json").json()["digest"] == digest
    for option, name in (("--full", "drawn-1.0.0.zip"), ("--public", "drawn-1.0.0-public.zip")):
        assert machine.run("pack", "build", "drawn", option, "--seed", "3", "-o", "again.zip").code == 0
        assert members(machine.desk / "again.zip") == members(FIXTURES / name)


def members(archive: Path) -> dict[str, bytes]:
    """What is in it; of the label all but the version that it was built with."""
    with zipfile.ZipFile(archive) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    label = json.loads(found.pop("mockexam-pack.json"))
    del label["built_with"]
    return found | {"label": json.dumps(label).encode()}


# -- the grader's frames


def test_every_frame_was_recorded() -> None:
    assert [name.decode() for name in FRAMES] == list(entry_points.FRAMES)


@pytest.mark.parametrize("name", entry_points.FRAMES)
def test_a_frame_is_read_and_written_as_before(name: str) -> None:
    recorded = FRAMES[name.encode()]
    assert entry_points.decoded(name, recorded) == entry_points.FRAMES[name]
    assert entry_points.encoded(entry_points.decoded(name, recorded)) == recorded
