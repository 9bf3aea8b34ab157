"""The parts that may stand before a program: modules with `start(settings)`, called when their switch is on."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing's own costs as much time as everything here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PREFIX = "MOCKEXAM_PRELOAD_"
PARTS = ("keras_2", "plots", "rescue")
"""The modules of this package that are parts, in the order in which they start."""
FIRST = PREFIX + "FIRST"
MOST_LOG = 1 << 18  # bytes; a fault that comes again and again must not fill the disk

settings: dict[str, str] = {}
"""The switches that are on, by name, with their values: `{"keras_2": "1", "rescue": "/folder", "log": "/file"}`."""


def start() -> None:
    """Start the parts whose switches are on, each guarded."""
    names = (*PARTS, "log")
    settings.update({name: os.environ[PREFIX + name.upper()] for name in names if PREFIX + name.upper() in os.environ})
    if settings:
        os.environ.setdefault(FIRST, str(os.getpid()))
    for name in PARTS:
        if name in settings:
            guarded(_start)(name)


def _start(name: str) -> None:
    part = __import__(__name__ + "." + name, fromlist=["start"])
    part.start(dict(settings))


def first_process() -> bool:
    """Whether this is the process that was run, and none that it forked, spawned or started."""
    return os.environ.get(FIRST) == str(os.getpid())


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, whose faults go to the log and never into the program: it returns None then."""

    def call(*arguments: object, **named: object) -> Any:
        try:
            return function(*arguments, **named)
        except Exception:
            import traceback

            log(traceback.format_exc())
            return None

    return call


def log(text: str) -> None:
    """Add a line, or several, to the log, if there is one. Never raises and never prints."""
    try:
        path = settings.get("log")
        if path is None or (os.path.exists(path) and os.path.getsize(path) > MOST_LOG):
            return
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{os.getpid()}: {text}\n")
    except Exception:  # noqa: S110 - there is nowhere else to tell it
        pass
