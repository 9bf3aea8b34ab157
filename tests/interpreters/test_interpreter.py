"""This Python as programs know it, read from files."""

from __future__ import annotations

import json
import sys
import time
from importlib import metadata, util
from pathlib import Path

import msgspec
import pytest

from mockexam.interpreters.installation import installation_of
from mockexam.interpreters.interpreter import Interpreter, keras_of, this_python
from mockexam.interpreters.named import InterpreterError, named, of_generation
from mockexam.interpreters.reading import Reader
from tests.interpreters import trees


@pytest.fixture(scope="module")
def ours() -> Interpreter:
    return this_python()


def test_this_python_is_the_one_that_runs_us(ours: Interpreter) -> None:
    assert ours.ours
    assert ours.executable == Path(sys.executable)
    assert ours.python == ".".join(map(str, sys.version_info[:3]))
    assert ours.prefix == Path(sys.prefix)
    assert (ours.keras, ours.legacy) == (3, False)


def test_its_name_tells_the_keras_that_programs_get(ours: Interpreter) -> None:
    short = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert ours.name().english == f"Python {short} · Keras 3"
    legacy = this_python(2)
    assert legacy.name().english == f"Python {short} · Keras 2"
    assert legacy.legacy
    without = msgspec.structs.replace(ours, keras=None)
    assert without.name().english == f"Python {short}"


@pytest.mark.parametrize("name", ["tensorflow", "keras", "tf-keras", "numpy", "textual-serve", "msgspec"])
def test_versions_are_those_that_python_itself_finds(ours: Interpreter, name: str) -> None:
    assert ours.versions[name] == metadata.version(name)


def test_every_distribution_is_found(ours: Interpreter) -> None:
    found = {one.metadata["Name"].lower().replace("_", "-").replace(".", "-") for one in metadata.distributions()}
    assert found - ours.versions.keys() == set()


def test_modules_are_what_can_be_imported(ours: Interpreter) -> None:
    modules = ours.modules()
    there = ["json", "sys", "math", "zlib", "_json", "PIL", "tensorflow", "tf_keras", "mockexam", "graders", "__main__"]
    assert [name for name in there if name not in modules] == []
    for name in ("torch", "cv2", "winreg", "no_such_module"):
        assert (name in modules) == (util.find_spec(name) is not None), name


def test_nothing_of_the_standard_library_is_missing(ours: Interpreter) -> None:
    missing = [name for name in sys.stdlib_module_names - ours.modules() if util.find_spec(name) is not None]
    assert missing == []


@pytest.mark.parametrize(
    ("installed", "generation"),
    [
        ({}, None),
        ({"keras": "3.5.0"}, None),
        ({"tensorflow": "1.15.5"}, 2),
        ({"tensorflow": "2.6.0"}, 2),
        ({"tensorflow-cpu": "2.15.1"}, 2),
        ({"tensorflow": "2.16.0rc0", "tf-keras": "2.16.0"}, 3),
        ({"tf-nightly": "2.22.0.dev20260101"}, 3),
        ({"tensorflow-macos": "2.13.0"}, 2),
        ({"tensorflow": "something"}, None),
    ],
)
def test_the_version_of_tensorflow_tells_the_generation(installed: dict[str, str], generation: int | None) -> None:
    assert keras_of(installed) == generation


def test_its_path_is_that_of_this_process(ours: Interpreter) -> None:
    read = {str(folder) for folder in ours.search_path()}
    assert {folder for folder in sys.path if Path(folder).is_dir() and "site-packages" in folder} <= read
    assert str(Path(json.__file__).parents[1]) in read


def test_the_fingerprint_changes_with_the_packages(tmp_path: Path) -> None:
    trees.installed(tmp_path / "base", "3.8", patch="3.8.18")
    interpreter = named(str(tmp_path / "base"))
    before = interpreter.fingerprint()
    assert interpreter.fingerprint() == before
    time.sleep(0.01)
    trees.package(trees.site_of(tmp_path / "base", "3.8"), "pandas", "1.5.3")
    assert interpreter.fingerprint() != before


def test_names_are_read_from_everything_that_a_package_may_be(tmp_path: Path) -> None:
    trees.installed(tmp_path / "base", "3.8", patch="3.8.18")
    site = trees.site_of(tmp_path / "base", "3.8")
    for name in (
        "plain.py",
        "compiled.cpython-38-x86_64-linux-gnu.so",
        "stable.abi3.so",
        "bare.so",
        "sourceless.pyc",
        "newer.cpython-311-x86_64-linux-gnu.so",
        "not-a-name.py",
        "data.txt",
    ):
        (site / name).touch()
    (site / "namespace").mkdir()
    (site / "__pycache__").mkdir()
    (site / "elsewhere.pth").write_text(
        f"# a comment\nimport os\n{tmp_path / 'src'}\n{tmp_path / 'nowhere'}\n../../..\n"
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "developed.py").touch()
    (site / "hooked-1.0.dist-info").mkdir()
    (site / "hooked-1.0.dist-info" / "top_level.txt").write_text("hooked\nother_one\nnot-a-name\n")
    found = named(str(tmp_path / "base")).modules()
    there = {"plain", "compiled", "stable", "bare", "sourceless", "namespace", "developed", "hooked", "other_one"}
    assert there | {"json", "os", "_csv", "sys", "zlib", "parser", "audioop", "__main__"} <= found
    assert not found & {"newer", "not-a-name", "data", "__pycache__", "distutils_of_nobody"}


@pytest.mark.parametrize(("version", "gone"), [("3.12", {"parser", "_sha256"}), ("3.13", {"parser", "audioop"})])
def test_modules_that_left_python_are_missing(tmp_path: Path, version: str, gone: set[str]) -> None:
    trees.installed(tmp_path / "base", version, patch=f"{version}.0")
    assert not named(str(tmp_path / "base")).modules() & gone


def test_the_other_generation_of_the_same_python(tmp_path: Path) -> None:
    assert of_generation(this_python(3), 2).legacy
    assert of_generation(this_python(2), 3) == this_python(3)
    trees.installed(tmp_path / "base", "3.8", patch="3.8.18")
    trees.package(trees.site_of(tmp_path / "base", "3.8"), "tensorflow", "2.10.0")
    other = named(str(tmp_path / "base"))
    assert of_generation(other, 2) == other
    with pytest.raises(InterpreterError):
        of_generation(other, 3)


@pytest.mark.parametrize("said", ["\0", "/usr/" + "x" * 5000, "/usr/bin\0/x"])
def test_a_configuration_that_names_no_path_leads_to_no_python(home: Path, said: str) -> None:
    trees.installed(home / "base", "3.8")
    trees.venv(home / "env", home / "base", "3.8.18")
    executable = home / "env" / "bin" / "python"
    assert installation_of(executable, Reader()) is not None
    executable.unlink()
    trees.program(executable)
    (home / "env" / "pyvenv.cfg").write_text(f"home = {said}\nversion = 3.8.18\n")
    assert installation_of(executable, Reader()) is None


@pytest.mark.parametrize("line", ["x" * 5000, "a\0b"], ids=["long", "nul"])
def test_a_line_that_names_no_folder_adds_none(tmp_path: Path, line: str) -> None:
    trees.installed(tmp_path / "base", "3.8", patch="3.8.18")
    site = trees.site_of(tmp_path / "base", "3.8")
    site.mkdir(parents=True, exist_ok=True)
    before = named(str(tmp_path / "base")).modules()
    (site / "more.pth").write_text(f"{line}\n")
    assert named(str(tmp_path / "base")).modules() == before
