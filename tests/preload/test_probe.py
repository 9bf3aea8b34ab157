"""A call that is added to a function of others."""

from __future__ import annotations

import importlib.util
import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from mockexam.preload.folder.mockexam_preload.unsaved import probe

SOURCE = '''
from __future__ import annotations

import os
import os.path as paths
from textwrap import (
    dedent,
    indent,
)

try:
    import json
except ImportError:
    json = None


def plain(model, filepath, *more, key=None):
    """Documented."""
    if filepath is None:
        return "early"
    if filepath == "bad":
        raise ValueError(
            json.dumps(filepath)
        )
    return os.getcwd(), paths.join("a", "b"), dedent(" a"), [each for each in more], key


class Kept:
    """Has methods."""

    __secret = 4

    def run(self, times=1):
        """Documented as well."""
        for _ in range(times):
            self.last = self.__secret
            json.dumps(times)

    def only_documented(self):
        """Nothing else."""


def closing(over):
    def inner(model):
        return over
    return inner
'''


@pytest.fixture
def module(tmp_path: Path) -> Any:
    """A module of somebody else's."""
    file = tmp_path / "theirs.py"
    file.write_text(SOURCE, "utf-8")
    spec = importlib.util.spec_from_file_location("theirs", file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def seen() -> list[object]:
    """The arguments that were seen."""
    return []


@pytest.fixture
def noted(seen: list[object]) -> Callable[[object], object]:
    """What is called."""

    def note(value: object) -> None:
        seen.append(value)

    return note


def failure(call: Callable[[], object]) -> str:
    """The traceback of a call that fails, within what it calls."""
    with pytest.raises(ValueError, match="bad") as caught:
        call()
    return "".join(traceback.format_list(traceback.extract_tb(caught.value.__traceback__)[2:]))


def test_at_the_end_it_sees_what_came_to_the_end(
    module: Any, seen: list[object], noted: Callable[[object], object]
) -> None:
    before = (module.plain(1, "x", 2, key=3), failure(lambda: module.plain(1, "bad")), inspect.getsource(module.plain))
    signature, annotations = inspect.signature(module.plain), module.plain.__doc__
    alias = module.plain
    probe.insert(module.plain, "model", noted, probe.END)
    after = (alias(1, "x", 2, key=3), failure(lambda: alias(1, "bad")), inspect.getsource(module.plain))
    assert after == before
    assert (inspect.signature(module.plain), module.plain.__doc__) == (signature, annotations)
    assert seen == [1]
    assert alias(2, None) == "early"
    assert seen == [1]


@pytest.mark.parametrize("where", [probe.START, probe.END])
def test_methods_keep_their_class(
    module: Any, seen: list[object], noted: Callable[[object], object], where: str
) -> None:
    probe.insert(module.Kept.run, "self", noted, where)
    kept = module.Kept()
    kept.run()
    assert (kept.last, seen) == (4, [kept])
    assert module.Kept.run.__qualname__ == "Kept.run"
    with pytest.raises(TypeError):
        kept.run("many")
    assert len(seen) == (2 if where == probe.START else 1)


def test_a_docstring_alone_stays_one(module: Any, seen: list[object], noted: Callable[[object], object]) -> None:
    probe.insert(module.Kept.only_documented, "self", noted, probe.START)
    module.Kept().only_documented()
    assert module.Kept.only_documented.__doc__ == "Nothing else."
    assert len(seen) == 1


def test_what_is_unfit_stays_as_it_is(module: Any, noted: Callable[[object], object]) -> None:
    inner = module.closing(1)
    code = inner.__code__
    for function, argument in ((inner, "model"), (module.plain, "missing")):
        with pytest.raises(probe.UnfitError):
            probe.insert(function, argument, noted, probe.END)
    assert inner.__code__ is code


def test_a_source_that_says_something_else_changes_nothing(module: Any, noted: Callable[[object], object]) -> None:
    file = Path(module.__file__)
    file.write_text(SOURCE.replace('"early"', '"earlier"'), "utf-8")
    code = module.plain.__code__
    with pytest.raises(probe.UnfitError):
        probe.insert(module.plain, "model", noted, probe.END)
    file.unlink()
    with pytest.raises(OSError, match="theirs"):
        probe.insert(module.plain, "model", noted, probe.END)
    assert module.plain.__code__ is code


def test_functions_are_found_by_what_has_been_imported() -> None:
    assert probe.find("textwrap:dedent") is __import__("textwrap").dedent
    assert isinstance(probe.find("pathlib:Path.exists"), FunctionType)
    assert [probe.find(path) for path in ("never_imported:x", "textwrap:nothing", "os:nothing.more")] == [None] * 3
