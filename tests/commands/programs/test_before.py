"""What stands before a program in a shell: listed, switched off for a run, and as the settings have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockexam.cli import main
from mockexam.store.home import Home

TELL = "import json, os\nprint(json.dumps([name for name in os.environ if name.startswith('MOCKEXAM_PRELOAD_')]))"
Output = pytest.CaptureFixture[str]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    script = tmp_path / "program.py"
    script.write_text(TELL, "utf-8")
    return script


def seen(arguments: list[str], capfd: Output) -> set[str]:
    """The switches that the program finds."""
    assert main(["run", *arguments]) == 0
    names: list[str] = json.loads(capfd.readouterr().out)
    return {name.removeprefix("MOCKEXAM_PRELOAD_") for name in names} - {"FIRST", "LOG"}


def test_a_bare_run_has_nothing_before_it(script: Path, capfd: Output) -> None:
    assert seen([str(script)], capfd) == {"PLOTS", "RESCUE"}
    assert seen([str(script), "--bare"], capfd) == set()


def test_a_bare_run_keeps_the_keras_that_was_chosen(script: Path, capfd: Output) -> None:
    assert seen([str(script), "--bare", "--keras", "2"], capfd) == {"KERAS_2"}


def test_the_settings_are_followed(script: Path, capfd: Output) -> None:
    settings = Home.default().settings
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('{"rescue": false}', "utf-8")
    assert seen([str(script)], capfd) == {"PLOTS"}


def test_the_parts_are_listed_and_nothing_is_run(script: Path, capfd: Output) -> None:
    script.write_text("raise SystemExit(5)", "utf-8")
    assert main(["run", str(script), "--parts", "--keras", "2"]) == 0
    listed = capfd.readouterr().out
    for file in ("sitecustomize.py", "keras_2.py", "plots.py", "rescue.py"):
        assert f"/{file}\n" in listed
    assert main(["run", str(script), "--parts", "--bare"]) == 0
    assert capfd.readouterr().out == "Nothing stands before the program.\n"
