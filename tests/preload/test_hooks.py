"""Waiting for an import, in each Python, as the program sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.preload.switches import Switches
from tests.preload.programs import Outcome, outcome, starter

BEGINNING = """
import sys
from mockexam_preload.hooks import after_import
calls = []
def note(module):
    calls.append((module.__name__, getattr(module, "DONE", False)))
"""


def run(python: Path, packages: Path, tmp_path: Path, text: str, **files: str) -> Outcome:
    """The outcome of a program that begins with the lines above."""
    program = starter(BEGINNING + text, **files)
    return outcome(python, program, tmp_path / "project", Switches(keras_2=True, log=tmp_path / "log"), path=packages)


def test_it_is_called_once_when_the_import_has_finished(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
after_import("other", note)
print("other" in sys.modules, calls)
import other
import importlib
importlib.reload(other)
print(calls)
after_import("other", note)
print(calls)
"""
    said = run(python, packages, tmp_path, text, other="import json\nDONE = True")
    assert said == Outcome(0, "False []\n[('other', True)]\n[('other', True), ('other', True)]\n", "")


def test_it_is_called_for_what_lies_in_a_package_and_for_several_who_wait(
    python: Path, packages: Path, tmp_path: Path
) -> None:
    text = """
after_import("tf_keras.layers", note)
after_import("tf_keras.layers", note)
after_import("keras", note)
import keras
print(calls)
"""
    said = run(python, packages, tmp_path, text)
    assert said.out == "[('tf_keras.layers', False), ('tf_keras.layers', False), ('tf_keras', False)]\n"


@pytest.mark.parametrize("first", ["", "after_import('one', note)\n"])
def test_a_module_that_is_being_imported_is_waited_for(
    first: str, python: Path, packages: Path, tmp_path: Path
) -> None:
    two = """
import one
from mockexam_preload.hooks import after_import
after_import('one', lambda module: print('two', module.DONE))
"""
    said = run(python, packages, tmp_path, first + "import one\nprint(calls)", one="import two\nDONE = True", two=two)
    assert said == Outcome(0, f"two True\n{[('one', True)] if first else []}\n", "")


def test_an_import_that_fails_is_as_without_and_waited_for_again(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import os, traceback
after_import("other", note)
after_import("nowhere", note)
for number in range(2):
    try:
        import other
    except ValueError:
        traceback.print_exc(file=sys.stdout)
        print(calls)
try:
    import nowhere
except ImportError as error:
    print(error, error.name)
print(calls)
"""
    other = """
import os
if not os.environ.pop('AGAIN', None):
    os.environ['AGAIN'] = '1'
    raise ValueError('first')
DONE = True
"""
    said = run(python, packages, tmp_path, text, other=other)
    assert said.err == ""
    assert said.out.count("File ") == 2
    assert said.out.endswith("ValueError: first\n[]\nNo module named 'nowhere' nowhere\n[('other', True)]\n")


def test_the_spec_and_the_loader_are_as_without(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
after_import("other", note)
import other, third
print(other.said == third.said.replace("third", "other"))
for part in ("__spec__", "__loader__"):
    print(type(getattr(other, part)) is type(getattr(third, part)), sorted(vars(other)) == sorted(vars(third)))
print(vars(other.__spec__).keys() == vars(third.__spec__).keys())
"""
    own = "said = repr(__spec__)[:40]"
    said = run(python, packages, tmp_path, text, other=own, third=own)
    assert said == Outcome(0, "True\nTrue True\nTrue True\nTrue\n", "")


def test_a_fault_in_a_callback_goes_to_the_log(python: Path, packages: Path, tmp_path: Path) -> None:
    text = "after_import('other', lambda m: m.nothing)\nafter_import('other', note)\nimport other\nprint(calls)"
    assert run(python, packages, tmp_path, text, other="DONE = True") == Outcome(0, "[('other', True)]\n", "")
    assert "AttributeError" in (tmp_path / "log").read_text("utf-8")


@pytest.mark.parametrize("number", [200])
def test_a_fault_that_comes_again_and_again_fills_no_disk(
    number: int, python: Path, packages: Path, tmp_path: Path
) -> None:
    text = f"import mockexam_preload\nfor _ in range({number}):\n    mockexam_preload.log('x' * 10_000)"
    assert run(python, packages, tmp_path, text) == Outcome(0, "", "")
    assert 200_000 < (tmp_path / "log").stat().st_size < 300_000


def test_only_what_was_run_is_the_first_process(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import os, subprocess
from mockexam_preload import first_process
print(first_process(), flush=True)
if not os.fork():
    print(first_process(), flush=True)
    os._exit(0)
os.wait()
ask = "from mockexam_preload import first_process; print(first_process())"
subprocess.run([sys.executable, "-c", ask])
os.execv(sys.executable, [sys.executable, "-c", ask])
"""
    assert run(python, packages, tmp_path, text) == Outcome(0, "True\nFalse\nFalse\nTrue\n", "")
