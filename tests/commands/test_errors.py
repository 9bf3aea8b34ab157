"""There is one error that is shown to people, and one place that knows its exit code."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import get_args

import pytest

import mockexam
from mockexam import cli
from mockexam.commands import exit_codes
from mockexam.errors import AttemptError, Error, Kind
from mockexam.packs.workers.client import ChildError

STARTS_WORK = ("mockexam.packs.workers", "mockexam.preload.folder", "mockexam.running.launcher", "mockexam.__main__")


def kinds_of_error(kind: type[Error] = Error) -> Iterator[type[Error]]:
    yield kind
    for below in kind.__subclasses__():
        yield from kinds_of_error(below)


def test_no_error_has_parts_of_its_own() -> None:
    for module in pkgutil.walk_packages(mockexam.__path__, "mockexam."):
        if not module.name.startswith(STARTS_WORK):
            importlib.import_module(module.name)
    found = set(kinds_of_error())
    assert len(found) > 10
    assert [kind for kind in found - {Error} if "__init__" in vars(kind)] == []


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_an_exit_code(kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    error = AttemptError("a new file", "an old one", "Name another.", kind=kind)
    assert cli._explain(error) == exit_codes.OF_KIND[kind] != exit_codes.DONE
    assert capsys.readouterr().err == "Expected  a new file\nFound     an old one\nAdvice    Name another.\n"


def test_what_a_pack_printed_is_shown_below(capsys: pytest.CaptureFixture[str]) -> None:
    cli._explain(ChildError("an end", "none", "Wait.", log="step 1\nstep 2"))
    assert capsys.readouterr().err.endswith("Advice    Wait.\n\n    step 1\n    step 2\n")
