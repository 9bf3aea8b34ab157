"""The way of macOS, as far as it can be tried elsewhere: the profile's text, and that children start under it.

A stand-in for sandbox-exec lets Landlock enforce what the profile says of files, so it names all that grading needs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from graders import boot
from graders.contract import Contract, Scoring, Task, Threshold
from graders.protocol import Grade
from graders.sandbox import landlock, libraries, report, seatbelt
from graders.trusted.grading import Grader
from graders.trusted.spawn_server import Launcher, SpawnServer
from graders.verdict import Verdict

STAND_IN = Path(__file__).with_name("pretended_seatbelt.py")
SEATBELT = report.Isolation(level="seatbelt", layers={"files": "Seatbelt", "calls": "Seatbelt", "limits": "some"})

Make = Callable[[Launcher | None], SpawnServer]


def pretended(readable: Iterable[bytes], command: list[str]) -> list[str]:
    return [sys.executable, "-I", "-c", _code(), *seatbelt.command(readable, command)[1:]]


def _code() -> str:
    root = str(Path(__file__).parents[3])
    return f"import sys; sys.path.append({root!r}); from tests.graders.sandbox import pretended_seatbelt as p; p.main()"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made = []
    (tmp_path / "scratch").mkdir(mode=0o700)
    (tmp_path / "scratch" / "keras").mkdir()

    def fork_server(launcher: Launcher | None) -> SpawnServer:
        environment = boot.environment(tmp_path / "scratch")
        made.append(SpawnServer(libraries.readable, tmp_path / "scratch", environment, SEATBELT, launcher))
        made[-1].start()
        return made[-1]

    yield fork_server
    for one in made:
        one.stop()


def _graded(fork_server: SpawnServer, folder: Path) -> Verdict:
    model, hidden = folder / "mymodel.h5", folder / "hidden.npz"
    with h5py.File(model, "w") as file:
        file["nothing"] = [1, 2, 3]
    np.savez(hidden, inputs=np.zeros((8, 4), np.float32), labels=np.zeros((8, 1), np.float32))
    scoring = Scoring(thresholds=(Threshold(metric="mae", at_most=9.0),), draw_size=8)
    task = Task(contract=Contract(input_shape=(4,), output_shape=(1,)), scoring=scoring, hidden="")
    order = Grade(id=1, model=os.fsencode(model), hidden=os.fsencode(hidden), task=task, key="k", press=0)
    return Grader(fork_server, folder / "scratch", required=False).grade(order, lambda _: None, -1)


def test_the_profile_denies_all_but_reading() -> None:
    text = seatbelt.profile(["/lib/python"], ["/site"], ["/opt/python"])

    assert text.startswith("(version 1)\n(deny default)\n")
    allowed = set(re.findall(r"^\(allow ([a-z*-]+)", text, re.MULTILINE))
    assert allowed == {
        "file-read*", "file-read-metadata", "file-write-data", "mach-lookup", "process-exec", "signal", "sysctl-read"
    }  # fmt: skip
    assert '(allow file-write-data (literal "/dev/null"))' in text
    assert "(allow signal (target self))" in text
    executed = re.search(r"^\(allow process-exec (.*)\)$", text, re.MULTILINE)
    assert executed is not None
    assert executed[1].count("(") == len({"/opt/python", os.path.realpath("/opt/python")})
    assert '(subpath "/site")' not in text
    assert text.count("(") == text.count(")")


def test_a_path_cannot_end_its_own_quotes() -> None:
    text = seatbelt.profile(['/a") (allow default) (x "', "/b\\"], [], [])

    assert '(subpath "/a\\") (allow default) (x \\"")' in text
    assert '(subpath "/b\\\\")' in text


def test_labels_and_home_are_not_in_the_profile() -> None:
    command = seatbelt.command(libraries.readable(), boot.command("graders.child.spawned_process", ["1", "2", "3"]))
    subpaths = [path.rstrip("/") for path in re.findall(r'\(subpath "([^"]*)"\)', command[2])]

    assert command[0] == "/usr/bin/sandbox-exec"
    for guarded in (Path.home(), Path(__file__), Path(__file__).parents[3] / "problems" / "x"):
        assert not [path for path in subpaths if str(guarded) == path or str(guarded).startswith(path + "/")]


@pytest.mark.skipif(not landlock.version(), reason="the stand-in needs Landlock")
def test_children_start_under_the_launcher_and_what_does_not_hold_is_said(make: Make, tmp_path: Path) -> None:
    started = []

    def launcher(readable: Iterable[bytes], command: list[str]) -> list[str]:
        started.append(pretended(readable, command))
        return started[-1]

    fork_server = make(launcher)
    verdict = _graded(fork_server, tmp_path)

    isolation = fork_server.isolation
    assert isolation.layers["files"] == "Seatbelt"  # tried, and it held
    assert "start a process" in str(isolation.layers["calls"])  # the stand-in doesn't stop that
    assert isolation.level == verdict.isolation == "partial"
    assert verdict.reason is not None
    assert verdict.reason.code == "weights-only", verdict.reason  # only who has opened the file can tell
    assert ["graders.child.spawned_trial" in str(command) for command in started] == [True, False]


def test_a_launcher_that_lets_nothing_start_is_dropped_and_that_is_said(make: Make) -> None:
    fork_server = make(lambda readable, command: ["/bin/false", *command])

    isolation = fork_server.tried_isolation()

    assert isolation.level == "none"
    assert not isolation.holds_code
    assert "could not be tried" in str(isolation.layers["files"])
    assert fork_server._launcher is None


def test_the_level_is_only_as_good_as_its_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seatbelt, "available", lambda: True)
    asked = report.portable()

    assert (asked.level, asked.tried, asked.holds_code) == ("seatbelt", False, False)
    assert report.after_trial(asked, {}).level == "seatbelt"
    assert report.after_trial(asked, {"files": ("open a file",), "calls": ("start a process",)}).level == "none"
    monkeypatch.setattr(seatbelt, "available", lambda: False)
    assert report.portable().level == "none"
