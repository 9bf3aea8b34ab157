from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interpreters import other_pythons


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Retry the tests that wait for real time, and no others: what holds only most of the time must fail.

    Coroutines are marked here: each of them runs an app, a program or a server and waits for what it does.
    """
    for item in items:
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker("real_time")
        if item.get_closest_marker("real_time"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(autouse=True)
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for a machine's fonts takes seconds; a test that is about them says so."""
    monkeypatch.setattr("mockexam.plots.fonts.COMMAND", ("true",))


@pytest.fixture(scope="session")
def other_python() -> Callable[[str], Path]:
    """`other_python("py38-tf213")`: the executable of that environment; the test is skipped where it wasn't made."""

    def found(name: str) -> Path:
        executable, why_not = other_pythons.environment_python(name, other_pythons.default_folder(os.environ))
        return executable or pytest.skip(why_not)

    return found


@pytest.fixture(scope="session")
def plain_python() -> Callable[[str], Path]:
    """`plain_python("3.7")`: a Python with nothing installed for us; the test is skipped where there is none."""

    def found(version: str) -> Path:
        return other_pythons.plain_python(version) or pytest.skip(f"no Python {version} on this machine")

    return found
