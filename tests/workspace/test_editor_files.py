from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.workspace.project import write_project
from tests.sitting.fakes import write_pack
from tests.workspace.attempts import FakeAttempt, problems

PYTHON = '/opt/my "env" & co/bin/python'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path / "exam", FakeAttempt(), problems(), interpreter=PYTHON)
    return tmp_path / "exam"


def options(path: Path) -> dict[str | None, str | None]:
    return {option.get("name"): option.get("value") for option in ElementTree.parse(path).getroot().iter("option")}


def test_pycharm_runs_each_starter_in_its_folder_with_our_python(project: Path) -> None:
    for category in (1, 2, 3):
        found = options(project / ".idea" / "runConfigurations" / f"Category{category}.xml")
        assert found["SDK_HOME"] == PYTHON
        assert found["SCRIPT_NAME"] == f"$PROJECT_DIR$/Category{category}/starter.py"
        assert found["WORKING_DIRECTORY"] == f"$PROJECT_DIR$/Category{category}"
        assert found["MODULE_MODE"] == "false"


def test_pycharm_submits_each_category(project: Path) -> None:
    found = options(project / ".idea" / "runConfigurations" / "Submit_and_Test_2.xml")
    assert (found["MODULE_MODE"], found["SCRIPT_NAME"], found["PARAMETERS"]) == ("true", "mockexam", "submit 2")


def test_pycharm_finds_its_module(project: Path) -> None:
    module = ElementTree.parse(project / ".idea" / "modules.xml").getroot().find(".//module")
    assert module is not None
    path = module.get("filepath", "").replace("$PROJECT_DIR$", str(project))
    excluded = [folder.get("url") for folder in ElementTree.parse(path).getroot().iter("excludeFolder")]
    assert "file://$MODULE_DIR$/Category1/data" in excluded


def test_pycharm_has_an_external_tool_to_copy(project: Path) -> None:
    path = project / ".mockexam" / "editors" / "pycharm" / "tools" / "External Tools.xml"
    tool = ElementTree.parse(path).getroot().find("tool")
    assert tool is not None
    assert tool.get("name") == "Submit and Test"
    assert options(path)["COMMAND"] == PYTHON


def test_vscode_runs_and_submits(project: Path) -> None:
    tasks = json.loads((project / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"]
    assert len({task["label"] for task in tasks}) == len(tasks) == 6
    run, submit = tasks[2], tasks[3]
    assert (run["command"], run["args"]) == (PYTHON, ["starter.py"])
    assert run["options"]["cwd"] == "${workspaceFolder}/Category2"
    assert submit["args"] == ["-m", "mockexam", "submit", "2"]


def test_vscode_takes_our_python(project: Path) -> None:
    settings = json.loads((project / ".vscode" / "settings.json").read_text("utf-8"))
    assert settings["python.defaultInterpreterPath"] == PYTHON


def test_home_is_named_only_when_there_is_one(project: Path) -> None:
    written = [path for path in project.rglob("*") if path.is_file()]
    assert project / ".vscode" / "tasks.json" in written
    assert [path for path in written if "MOCKEXAM_HOME" in path.read_text("utf-8")] == []


SAYS_WHERE = "import os, pathlib, sys; pathlib.Path('ran').write_text(f'{os.getcwd()} {sys.executable}')"


@pytest.fixture
def usable(tmp_path: Path) -> Path:
    """A project whose files name a Python that is there, with starters that say where they ran."""
    folder = tmp_path / "Ada's exam & more"
    write_project(folder, FakeAttempt(), problems(), interpreter=sys.executable)
    for category in (1, 2, 3):
        (folder / f"Category{category}" / "starter.py").write_text(SAYS_WHERE)
    return folder


def started(command: list[str], cwd: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command as an editor starts it: from its own folder, without our virtual environment."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "MOCKEXAM_HOME": str(home / "mockexam")}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def test_vscodes_tasks_work_as_vscode_starts_them(usable: Path, tmp_path: Path) -> None:
    tasks = json.loads((usable / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"]
    run, submit = tasks[2], tasks[3]
    folder = run["options"]["cwd"].replace("${workspaceFolder}", str(usable))
    started([run["command"], *run["args"]], folder, tmp_path)
    assert (usable / "Category2" / "ran").read_text() == f"{usable}/Category2 {sys.executable}"
    folder = submit["options"]["cwd"].replace("${workspaceFolder}", str(usable))
    done = started([submit["command"], *submit["args"]], folder, tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "mockexam start" in done.stderr


def test_pycharms_configurations_work_as_pycharm_starts_them(usable: Path, tmp_path: Path) -> None:
    def start(name: str) -> subprocess.CompletedProcess[str]:
        found = options(usable / ".idea" / "runConfigurations" / name)
        found = {key: (value or "").replace("$PROJECT_DIR$", str(usable)) for key, value in found.items()}
        module = ["-m"] if found["MODULE_MODE"] == "true" else []
        program = [*module, str(found["SCRIPT_NAME"]), *shlex.split(str(found["PARAMETERS"]))]
        return started([str(found["SDK_HOME"]), *program], str(found["WORKING_DIRECTORY"]), tmp_path)

    start("Category3.xml")
    assert (usable / "Category3" / "ran").read_text() == f"{usable}/Category3 {sys.executable}"
    done = start("Submit_and_Test_3.xml")
    assert done.returncode == 3
    assert "mockexam start" in done.stderr


def test_pycharms_external_tool_submits_the_problem_of_the_open_file(usable: Path, tmp_path: Path) -> None:
    tool = options(usable / ".mockexam" / "editors" / "pycharm" / "tools" / "External Tools.xml")
    parameters = str(tool["PARAMETERS"]).replace("$FileDirName$", "Category1")
    folder = str(tool["WORKING_DIRECTORY"]).replace("$ProjectFileDir$", str(usable))
    done = started([str(tool["COMMAND"]), *shlex.split(parameters)], folder, tmp_path)
    assert done.returncode == 3
    assert "mockexam start" in done.stderr


@pytest.fixture
def sat(tmp_path: Path) -> Path:
    """The project of an exam that runs in a folder of its own, of which an editor started elsewhere knows nothing."""
    write_pack(tmp_path / "packs")
    home = Home.under(tmp_path / 'a "quoted" \\ & folder')
    exams = ExamService(home, SystemClock(), Catalogue(tmp_path / "packs"))
    attempt = exams.create("Ada Lovelace", tmp_path / "project", "small", seed=7)
    exams.provision(attempt.id)
    exams.start(attempt.id)
    exams.close()
    return attempt.project


def test_what_editors_start_finds_the_exam_of_another_home(sat: Path, tmp_path: Path) -> None:
    task = json.loads((sat / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"][1]
    configuration = ElementTree.parse(sat / ".idea" / "runConfigurations" / "Submit_and_Test_1.xml").getroot()
    variables = {one.attrib["name"]: one.attrib["value"] for one in configuration.iter("env")}
    tool = options(sat / ".mockexam" / "editors" / "pycharm" / "tools" / "External Tools.xml")
    submit = [sys.executable, "-m", "mockexam", "submit", "1"]
    as_tool = [str(tool["COMMAND"]), *shlex.split(str(tool["PARAMETERS"]).replace("$FileDirName$", "Category1"))]
    ways: list[tuple[list[str], dict[str, Any]]] = [
        (submit, task["options"]["env"]),
        (submit, variables),
        (as_tool, {}),
    ]
    for command, environment in ways:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environment}
        done = subprocess.run(command, cwd=sat, env=environment, capture_output=True, text=True, timeout=60)
        assert "Run starter.py so that it saves one" in done.stderr
