"""Which top-level modules are the candidate's own files: what they hold isn't known, and they are never missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def own_modules(project: Path | None) -> Callable[[str], bool]:
    """A question for a name: is there a file or a folder of Python of this name in the project's folder?"""
    known: dict[str, bool] = {}

    def own(name: str) -> bool:
        if name not in known:
            known[name] = project is not None and _is_module(project, name)
        return known[name]

    return own


def _is_module(folder: Path, name: str) -> bool:
    try:
        return (folder / f"{name}.py").is_file() or next((folder / name).glob("*.py"), None) is not None
    except OSError:
        return False
