"""This Python as programs know it, read from files."""

from __future__ import annotations

import sys
from importlib import metadata, util
from pathlib import Path

import msgspec
import pytest

from mockexam.interpreters.interpreter import Interpreter, keras_of, this_python


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
