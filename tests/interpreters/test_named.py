"""Naming a Python by a word, a folder or an executable, and what is said when that names none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mockexam.interpreters.named import InterpreterError, named
from tests.interpreters import trees


@pytest.fixture
def base(home: Path) -> Path:
    trees.installed(home / "base", "3.8", patch="3.8.18")
    return home / "base"


def refusal(text: str | Path) -> InterpreterError:
    with pytest.raises(InterpreterError) as caught:
        named(str(text))
    return caught.value


@pytest.mark.parametrize(("word", "keras", "legacy"), [("this", 3, False), ("keras3", 3, False), ("keras2", 2, True)])
def test_words_name_this_python(word: str, keras: int, legacy: bool) -> None:
    interpreter = named(word)
    assert (interpreter.ours, interpreter.keras, interpreter.legacy) == (True, keras, legacy)
    assert interpreter.executable == Path(sys.executable)


def test_our_own_executable_is_this_python() -> None:
    assert named(sys.executable).ours
    assert named(sys.prefix, 2).legacy


@pytest.mark.parametrize("way", ["", "bin", "bin/python", "bin/python3.8"])
def test_a_root_its_bin_and_its_executables_name_the_same(base: Path, way: str) -> None:
    assert named(str(base / way)).prefix == base


def test_a_home_folder_may_be_written_as_a_tilde(base: Path) -> None:
    assert named("~/base").prefix == base


def test_links_to_an_environment_s_python_are_not_followed(base: Path, home: Path) -> None:
    trees.venv(home / "env", base, "3.8.18")
    assert named(str(home / "env/bin/python")).prefix == home / "env"
    (home / "link").symlink_to(home / "env")
    assert named(str(home / "link")).prefix == home / "link"


def test_a_relative_path_is_taken_from_here(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base)
    assert named("bin/python").executable == base / "bin/python"


def test_what_isnt_there_or_isnt_a_python_is_said(base: Path, home: Path) -> None:
    (home / "empty").mkdir()
    (home / "notes").write_text("hello")
    (home / "dangling").symlink_to(home / "nowhere")
    shim = home / "shims" / "python3"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\n")
    shim.chmod(0o755)
    data = home / "data"
    data.write_bytes(b"\0" * 64)
    data.chmod(0o755)
    os.mkfifo(home / "pipe")
    os.mkfifo(home / "pipe-x", 0o777)
    gone = home / "gone"
    trees.venv(gone, base, "3.8.18")
    (gone / "bin/python").unlink()
    for name, found in {
        "no-such": "no such file or folder",
        "dangling": "a link that leads nowhere",
        "empty": "a folder without a Python",
        "notes": "a file that can't be executed",
        "shims/python3": "a script",
        "data": "a file that is no program of this machine",
        "pipe": "no plain file",
        "pipe-x": "no plain file",
        "gone": "an environment whose Python is gone",
    }.items():
        error = refusal(home / name)
        assert str(error.expected) == "a Python 3.7 or newer"
        assert str(error.found) == f"{found}: {home / name}"
        assert str(error.advice)
        assert error.kind == "usage"
    assert str(refusal("/bin/ls").found).startswith("a program that is no Python")


@pytest.mark.parametrize("text", ["a\0b", "x" * 5000, "~nobody-of-that-name/x"])
def test_a_text_that_is_no_path_is_refused(home: Path, text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(("version", "advice"), [("3.6.15", "too old"), ("2.7.18", "TensorFlow 2 needs Python 3")])
def test_older_pythons_are_refused_by_their_version(home: Path, version: str, advice: str) -> None:
    trees.installed(home / "old", version.rpartition(".")[0], patch=version)
    error = refusal(home / "old")
    assert str(error.found) == f"Python {version} at {home / 'old'}"
    assert advice in str(error.advice)


def test_a_generation_that_a_python_lacks_is_refused(base: Path) -> None:
    site = trees.site_of(base, "3.8")
    with pytest.raises(InterpreterError) as caught:
        named(str(base), 2)
    assert "without TensorFlow" in str(caught.value.found)
    trees.package(site, "tensorflow", "2.10.0")
    assert named(str(base), 2).keras == 2
    with pytest.raises(InterpreterError) as caught:
        named(str(base), 3)
    assert str(caught.value.found) == "TensorFlow 2.10.0 with Keras 2"


def test_keras_2_in_a_newer_tensorflow_needs_tf_keras(home: Path) -> None:
    trees.installed(home / "new", "3.12", patch="3.12.1")
    site = trees.site_of(home / "new", "3.12")
    trees.package(site, "tensorflow", "2.18.0")
    with pytest.raises(InterpreterError) as caught:
        named(str(home / "new"), 2)
    assert "tf_keras" in str(caught.value.advice)
    trees.package(site, "tf_keras", "2.18.0")
    assert named(str(home / "new"), 2).legacy
    assert not named(str(home / "new")).legacy
