"""Files for editors follow the Python that was chosen; what somebody edited stays."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockexam.workspace.bridges import Bridges
from mockexam.workspace.editors import Launch
from mockexam.workspace.project import write_project
from tests.workspace.attempts import FakeAttempt, problems

CATEGORIES = (1, 2, 3)
HOME = Path("/home/ada/mockexam")


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(tmp_path: Path, language: str) -> Path:
    write_project(tmp_path / "exam", FakeAttempt(), problems(), language, home=HOME)
    return tmp_path / "exam"


@pytest.fixture
def bridges(project: Path, tmp_path: Path, language: str) -> Bridges:
    record = tmp_path / "beside" / "editors.json"
    return Bridges(project, record, CATEGORIES, language=language, interpreter=sys.executable, home=HOME)


def launch(project: Path, name: str) -> Launch:
    """A choice of a Python in a folder of that name."""
    prefix = f"/opt/{name}"
    variables = {
        category: {
            "PYTHONPATH": "/usr/lib/folder",
            "VIRTUAL_ENV": prefix,
            "MOCKEXAM_PRELOAD_RESCUE": f"{project}/Category{category}",
        }
        for category in CATEGORIES
    }
    return Launch(
        name="Python 3.8 · Keras 2",
        executable=f"{prefix}/bin/python",
        project=str(project),
        first=(f"{prefix}/bin",),
        variables=variables,
    )


def configuration(project: Path, name: str) -> tuple[str | None, dict[str, str]]:
    """The Python of a PyCharm configuration, and its variables."""
    root = ElementTree.parse(project / ".idea" / "runConfigurations" / f"{name}.xml").getroot()
    found = {one.get("name"): one.get("value") for one in root.iter("option")}
    return found["SDK_HOME"], {one.attrib["name"]: one.attrib["value"] for one in root.iter("env")}


def contents(project: Path) -> dict[str, bytes]:
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_run_takes_the_chosen_python_and_submit_ours(project: Path, bridges: Bridges) -> None:
    assert bridges.follow(launch(project, "tf210")) == []
    python, variables = configuration(project, "Category2")
    assert python == "/opt/tf210/bin/python"
    assert variables == {
        "PYTHONUNBUFFERED": "1",
        "MOCKEXAM_HOME": str(HOME),
        "PYTHONPATH": "/usr/lib/folder",
        "VIRTUAL_ENV": "/opt/tf210",
        "MOCKEXAM_PRELOAD_RESCUE": "$PROJECT_DIR$/Category2",
        "PATH": "/opt/tf210/bin:$PATH$",
    }
    assert configuration(project, "Submit_and_Test_2")[0] == sys.executable
    run, submit = json.loads((project / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"][2:4]
    assert (run["command"], run["args"]) == (sys.executable, ["-m", "mockexam", "run", "2"])
    assert (submit["command"], submit["args"]) == (sys.executable, ["-m", "mockexam", "submit", "2"])
    debug = json.loads((project / ".vscode" / "launch.json").read_text("utf-8"))["configurations"][1]
    assert (debug["python"], debug["cwd"]) == ("/opt/tf210/bin/python", "${workspaceFolder}/Category2")
    assert debug["env"]["PATH"] == "/opt/tf210/bin:${env:PATH}"
    assert debug["env"]["MOCKEXAM_PRELOAD_RESCUE"] == "${workspaceFolder}/Category2"
    settings = json.loads((project / ".vscode" / "settings.json").read_text("utf-8"))
    assert settings["python.defaultInterpreterPath"] == "/opt/tf210/bin/python"


def test_the_readme_tells_two_pythons_apart(project: Path, bridges: Bridges) -> None:
    bridges.follow(launch(project, "tf210"))
    text = (project / "README.md").read_text("utf-8")
    assert "Python 3.8 · Keras 2" in text
    assert "/opt/tf210/bin/python" in text
    assert sys.executable in text
    assert "mockexam run 1" in text
    bridges.follow(launch(project, "tf215"))
    again = (project / "README.md").read_text("utf-8")
    assert again == text.replace("tf210", "tf215")


def test_every_change_is_followed(project: Path, bridges: Bridges) -> None:
    bridges.follow(launch(project, "tf210"))
    first = contents(project)
    bridges.follow(launch(project, "tf215"))
    assert configuration(project, "Category1")[0] == "/opt/tf215/bin/python"
    bridges.follow(launch(project, "tf210"))
    assert contents(project) == first


def test_what_was_edited_stays_and_is_told(project: Path, bridges: Bridges) -> None:
    bridges.follow(launch(project, "tf210"))
    settings, readme = project / ".vscode" / "settings.json", project / "README.md"
    settings.write_text("{}\n", "utf-8")
    readme.write_text(readme.read_text("utf-8").replace("#", "# My", 1), "utf-8")
    (project / ".idea" / "runConfigurations" / "Category3.xml").unlink()
    assert bridges.follow(launch(project, "tf215")) == [".vscode/settings.json"]
    assert settings.read_text("utf-8") == "{}\n"
    assert not (project / ".idea" / "runConfigurations" / "Category3.xml").exists()
    assert readme.read_text("utf-8").startswith("# My")
    assert "tf215" in readme.read_text("utf-8")
    assert configuration(project, "Category1")[0] == "/opt/tf215/bin/python"


def test_a_file_of_the_candidates_own_is_left_alone(project: Path, bridges: Bridges) -> None:
    own = project / ".vscode" / "launch.json"
    own.write_text("{}", "utf-8")
    assert bridges.follow(launch(project, "tf210")) == [".vscode/launch.json"]
    assert own.read_text("utf-8") == "{}"


def test_a_kill_at_any_file_leaves_all_recognised(
    project: Path, bridges: Bridges, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(contents(project))
    for number in range(whole):
        written = 0

        def killed(self: Bridges, path: Path, content: bytes, number: int = number) -> None:
            nonlocal written
            if written == number:
                raise KeyboardInterrupt
            written += 1
            path.write_bytes(content)

        with monkeypatch.context() as patched:
            patched.setattr(Bridges, "_write", killed)
            try:
                bridges.follow(launch(project, f"killed-{number}"))
            except KeyboardInterrupt:
                continue
            break
    assert number >= 5
    assert bridges.follow(launch(project, "tf210")) == []
    assert [name for name, content in contents(project).items() if b"killed" in content] == []


def test_nothing_of_a_choice_travels(project: Path, bridges: Bridges) -> None:
    before = contents(project)
    assert bridges.plain() == {}
    bridges.follow(launch(project, "tf210"))
    bridges.follow(launch(project, "tf215"))
    plain = bridges.plain()
    there = {name: plain.get(name, content) for name, content in contents(project).items()}
    assert {name: content for name, content in there.items() if content is not None} == before


def test_what_was_edited_travels_without_the_path(project: Path, bridges: Bridges) -> None:
    bridges.follow(launch(project, "tf210"))
    for name in ("README.md", ".vscode/launch.json", ".idea/runConfigurations/Category1.xml"):
        path = project / name
        path.write_bytes(path.read_bytes() + b"\n")
        content = bridges.plain()[name]
        assert content is not None
        assert b"tf210" not in content
        assert content.endswith(b"\n\n")


def test_a_link_in_a_files_place_is_not_followed(project: Path, bridges: Bridges, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    settings = project / ".vscode" / "settings.json"
    settings.rename(outside)
    settings.symlink_to(outside)
    before = outside.read_bytes()
    assert bridges.follow(launch(project, "tf210")) == [".vscode/settings.json"]
    assert outside.read_bytes() == before


def test_a_project_is_known_from_another_installation(
    project: Path, bridges: Bridges, tmp_path: Path, language: str
) -> None:
    """mockexam was installed anew, or is started by another name of its Python."""
    bridges.begin()
    record = tmp_path / "beside" / "editors.json"
    other = Bridges(project, record, CATEGORIES, language=language, interpreter="/opt/new/bin/python3", home=HOME)

    assert other.follow(launch(project, "chosen")) == []
    assert "/opt/new/bin/python3" in (project / ".vscode" / "tasks.json").read_text()
