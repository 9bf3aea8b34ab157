from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockexam.workspace.project import write_project
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
