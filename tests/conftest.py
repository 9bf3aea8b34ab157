from __future__ import annotations

import inspect

import pytest


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
