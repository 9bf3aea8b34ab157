"""Looks up names in modules, in a process of its own: the terminal's process must never load TensorFlow.

Run as a script, by the Python that programs run in: standard library only, for 3.7 and newer. Reads a JSON line and
answers {"id", "answer"} with a list of names. {"id", "call", "root", "path"} asks for the attributes of what the dotted
path leads to from the module `root`, an instance's when `call` is "instance"; with "arguments" for the names of the
parameters it takes, each with "=".
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import sys
from typing import Any

MOST = 2000


def found(root: str, path: list[str]) -> Any:
    """Return the object at the end of a path; raises AttributeError or ImportError."""
    thing: Any = importlib.import_module(root)
    for name in path:
        try:
            thing = getattr(thing, name)
        except AttributeError:
            if not inspect.ismodule(thing):
                raise
            thing = importlib.import_module(f"{thing.__name__}.{name}")
    return thing


def arguments(thing: Any) -> list[str]:
    """Return the parameters that can be given by name."""
    with contextlib.suppress(TypeError, ValueError):
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        parameters = inspect.signature(thing).parameters.values()
        return [f"{one.name}=" for one in parameters if one.kind in kinds and one.name != "self"]
    return []


def answer(request: dict[str, Any]) -> list[str]:
    """Return the names asked for; none for what can't be imported or doesn't exist."""
    try:
        thing = found(request["root"], request["path"])
        if request["call"] == "arguments":
            return arguments(thing)
        if request["call"] == "instance" and not inspect.isclass(thing):
            return []
        return dir(thing)[:MOST]
    except Exception:  # a module may fail in any way while it is imported
        return []


def main() -> None:
    """Answer until the other side closes."""
    os.nice(10)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps({"id": request["id"], "answer": answer(request)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
