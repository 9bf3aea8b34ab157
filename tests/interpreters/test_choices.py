"""The choice of a Python is this user's and this machine's; it is used only while it is what was chosen."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import msgspec
import pytest

from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import Choices
from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.interpreter import Change, Interpreter, this_python
from mockexam.interpreters.named import InterpreterError, named
from mockexam.store.home import Home
from tests.interpreters import trees

FREE = ProgramRules()
ID = "a1b2c3"


@pytest.fixture
def choices(tmp_path: Path) -> Choices:
    return Choices(Home.under(tmp_path / "mockexam"))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return Home.under(tmp_path / "mockexam").attempts / ID / "interpreter.json"


@pytest.fixture
def base(home: Path) -> Path:
    trees.installed(home / "base", "3.8", patch="3.8.18")
    return home / "base"


@pytest.fixture
def other(home: Path, base: Path) -> Interpreter:
    """An environment with TensorFlow 2.10."""
    trees.venv(home / "env", base, "3.8.18")
    trees.package(trees.site_of(home / "env", "3.8"), "tensorflow", "2.10.0")
    return named(str(home / "env"))


def why(choices: Choices, rules: ProgramRules = FREE) -> str:
    """Why this Python is used instead of the one that was chosen."""
    chosen = choices.chosen(ID, rules)
    assert chosen.interpreter.ours
    assert chosen.why_fallen_back is not None
    return chosen.why_fallen_back.english


def test_without_a_choice_it_is_this_python_with_todays_keras(choices: Choices) -> None:
    assert choices.chosen(ID, FREE) == (this_python(3), None)


def test_a_choice_is_kept_for_its_attempt_alone(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    assert choices.chosen(ID, FREE) == (other, None)
    assert choices.chosen("another", FREE).interpreter.ours
    choices.choose(ID, this_python(2), FREE)
    assert choices.chosen(ID, FREE) == (this_python(2), None)
    choices.forget(ID)
    assert choices.chosen(ID, FREE) == (this_python(3), None)


def test_only_this_user_may_read_it(choices: Choices, other: Interpreter, kept: Path) -> None:
    choices.choose(ID, other, FREE)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_the_activation_scripts_did_is_kept_with_it(choices: Choices, other: Interpreter) -> None:
    chosen = msgspec.structs.replace(other, variables={"X": Change(value="1"), "PATH": Change(before="/x:")})
    choices.choose(ID, chosen, FREE)
    assert choices.chosen(ID, FREE).interpreter.variables == chosen.variables


def test_packages_are_as_they_are_now(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    trees.package(trees.site_of(other.prefix, "3.8"), "pandas", "1.5.3")
    assert choices.chosen(ID, FREE).interpreter.versions["pandas"] == "1.5.3"


def test_keras_2_of_a_newer_tensorflow_is_kept(choices: Choices, home: Path) -> None:
    trees.installed(home / "new", "3.12", patch="3.12.1")
    for name in ("tensorflow", "tf_keras"):
        trees.package(trees.site_of(home / "new", "3.12"), name, "2.18.0")
    legacy = named(str(home / "new"), 2)
    choices.choose(ID, legacy, FREE)
    assert choices.chosen(ID, FREE).interpreter == legacy


# It is no longer what was chosen


def test_one_that_is_gone_falls_back_and_says_so(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    shutil.rmtree(other.prefix)
    told = why(choices)
    assert str(other.executable) in told
    assert "It is gone" in told
    assert "Python 3.11 · Keras 2" in told or "Keras 2" in told


def test_one_that_leads_elsewhere_falls_back(choices: Choices, other: Interpreter, home: Path) -> None:
    choices.choose(ID, other, FREE)
    trees.installed(home / "base2", "3.8", patch="3.8.18")
    other.executable.unlink()
    other.executable.symlink_to(home / "base2/bin/python3.8")
    assert "another file now" in why(choices)


def test_a_file_in_its_place_falls_back(choices: Choices, other: Interpreter, base: Path) -> None:
    choices.choose(ID, other, FREE)
    executable = base / "bin/python3.8"
    executable.rename(executable.with_name("old"))
    trees.program(executable)
    assert "another file now" in why(choices)


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to somebody else needs root")
def test_a_new_owner_falls_back(choices: Choices, other: Interpreter, base: Path) -> None:
    choices.choose(ID, other, FREE)
    os.chown(base / "bin/python3.8", 12345, -1)
    assert "belongs to somebody else" in why(choices)


def test_what_others_can_change_since_falls_back(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    other.prefix.chmod(0o777)
    assert "can be changed by everybody" in why(choices)
    other.prefix.chmod(0o755)
    assert choices.chosen(ID, FREE) == (other, None)


# Doubts


def test_a_doubt_must_be_confirmed(choices: Choices, other: Interpreter, kept: Path) -> None:
    other.prefix.chmod(0o777)
    with pytest.raises(InterpreterError):
        choices.choose(ID, other, FREE)
    assert not kept.exists()
    choices.choose(ID, other, FREE, confirmed=doubts(other, None))
    assert choices.chosen(ID, FREE) == (other, None)


def test_one_inside_the_project_must_be_confirmed(choices: Choices, home: Path, base: Path) -> None:
    project = home / "exam"
    trees.venv(project / ".venv", base, "3.8.18")
    inside = named(str(project / ".venv"))
    with pytest.raises(InterpreterError):
        choices.choose(ID, inside, FREE, project=project)
    choices.choose(ID, inside, FREE, project=project, confirmed=doubts(inside, project))
    assert choices.chosen(ID, FREE, project).interpreter == inside


# Rules


def test_rules_refuse_what_they_dont_allow(choices: Choices, other: Interpreter, kept: Path) -> None:
    for interpreter, rules in (
        (other, ProgramRules(others=False)),
        (other, ProgramRules(keras=3)),
        (this_python(2), ProgramRules(keras=3)),
        (this_python(3), ProgramRules(keras=2, others=False)),
        (msgspec.structs.replace(other, keras=None), ProgramRules(keras=2)),
    ):
        with pytest.raises(InterpreterError) as caught:
            choices.choose(ID, interpreter, rules)
        assert "the rules of this exam" in str(caught.value.expected)
        assert not kept.exists()
    choices.choose(ID, other, ProgramRules(keras=2))


def test_rules_hold_for_what_was_chosen_before(choices: Choices, other: Interpreter) -> None:
    assert choices.chosen(ID, ProgramRules(keras=2)).interpreter.legacy
    choices.choose(ID, other, FREE)
    assert "rules" in why(choices, ProgramRules(others=False))
    assert "rules" in why(choices, ProgramRules(keras=3))
    assert choices.chosen(ID, ProgramRules(keras=3)).interpreter.keras == 3
    choices.choose(ID, this_python(2), FREE)
    assert choices.chosen(ID, ProgramRules(keras=3)) == (this_python(3), None)


# Moving


def test_after_an_import_another_python_falls_back_until_one_is_chosen(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    choices.arrived(ID, other.record())
    told = why(choices)
    assert "3.8.18" in told
    assert str(other.prefix) not in told
    assert choices.chosen(ID, FREE).interpreter.keras == 2, "what ran under Keras 2 goes on under it"
    choices.choose(ID, other, FREE)
    assert choices.chosen(ID, FREE) == (other, None)


@pytest.mark.parametrize("keras", [2, 3])
def test_after_an_import_this_python_keeps_its_keras(choices: Choices, keras: int) -> None:
    generation = this_python(2 if keras == 2 else 3)
    choices.arrived(ID, generation.record())
    assert choices.chosen(ID, FREE) == (generation, None)


def test_an_attempt_that_ran_nothing_arrives_without_a_choice(choices: Choices, other: Interpreter) -> None:
    choices.choose(ID, other, FREE)
    choices.arrived(ID, None)
    assert choices.chosen(ID, FREE) == (this_python(3), None)


def test_the_record_names_no_path(other: Interpreter) -> None:
    record = other.record()
    assert record == InterpreterRecord(kind="other", python="3.8.18", keras=2, versions={"tensorflow": "2.10.0"})
    assert str(other.prefix.parent) not in repr(record)


# Damage


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"keras": 7}', b'{"executable": 1}', b"\xff" * 99, b'{"x":' * 9999]
)
def test_a_damaged_file_counts_as_none_and_is_told(choices: Choices, kept: Path, content: bytes) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    assert str(kept) in why(choices)
    choices.choose(ID, this_python(2), FREE)
    assert choices.chosen(ID, FREE) == (this_python(2), None)


def test_a_file_that_others_could_have_written_isnt_believed(choices: Choices, other: Interpreter, kept: Path) -> None:
    choices.choose(ID, other, FREE)
    kept.chmod(0o666)
    assert "written by others" in why(choices)


def test_a_link_in_its_place_isnt_believed(choices: Choices, other: Interpreter, kept: Path, home: Path) -> None:
    choices.choose(ID, other, FREE)
    kept.rename(home / "elsewhere.json")
    kept.symlink_to(home / "elsewhere.json")
    assert "written by others" in why(choices)


def test_a_choice_that_cant_be_kept_says_why(choices: Choices, kept: Path, other: Interpreter) -> None:
    kept.parent.parent.mkdir(parents=True)
    kept.parent.write_text("in the way")
    with pytest.raises(InterpreterError) as caught:
        choices.choose(ID, other, FREE)
    assert caught.value.kind == "fault"
