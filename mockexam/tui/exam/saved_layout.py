"""What the exam screen remembers from one sitting to the next: tabs, cursors, windows, the problem worked on."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from mockexam.files.writing import write
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.windows import Windows
from mockexam.tui.tool_windows import DOCKED
from mockexam.workspace import layout

MOST_FILES = 300
MOST_TABS = 200
LARGEST = 10_000
"""Columns or rows of a window: more than a terminal has."""
Place = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
"""A row or column of a text, from 0."""


class OpenTab(msgspec.Struct, frozen=True):
    """A tab: its file, relative to the project when it lies inside, its cursor and first row."""

    path: str
    cursor: tuple[Place, Place] = (0, 0)
    top: Place = 0


class Memory(msgspec.Struct, frozen=True):
    """The content of .mockexam/workspace.json."""

    tabs: tuple[OpenTab, ...] = ()
    active: str | None = None
    recent: tuple[str, ...] = ()
    category: int = 1
    windows: tuple[str, ...] = tuple(window.id for window in DOCKED if window.opens)
    last_window: str = "run"
    sizes: dict[str, int] = {}
    folders: tuple[str, ...] = ()


def place(project: Path) -> Path:
    """The file."""
    return project / layout.OWN / "workspace.json"


def recall(project: Path) -> Memory | None:
    """Return what was remembered; None for a first sitting, and for a file that can't be understood."""
    try:
        return msgspec.convert(json.loads(place(project).read_text(encoding="utf-8")), Memory)
    except (OSError, ValueError, RecursionError, msgspec.ValidationError):
        return None


def remember(project: Path, memory: Memory) -> None:
    """Write it down; a disk that refuses loses the layout, nothing else."""
    content: Any = msgspec.to_builtins(memory)
    with contextlib.suppress(OSError):
        write(place(project), (json.dumps(content, indent=1) + "\n").encode())


def of(files: Files, windows: Windows, tree: ProjectTree, category: int) -> Memory:
    """Return what is to be remembered."""
    project = files.project
    return Memory(
        tabs=tuple(OpenTab(written(path, project), *files.place_of(path)) for path in files.tabs.paths),
        active=written(files.active, project) if files.active is not None else None,
        recent=tuple(written(path, project) for path in files.recent),
        category=category,
        windows=tuple(window.id for window in DOCKED if window.id in windows.opened),
        last_window=windows.last,
        sizes=dict(windows.sizes),
        folders=tuple(written(path, project) for path in sorted(tree.opened)),
    )


async def restore(memory: Memory, files: Files, windows: Windows, tree: ProjectTree, category: int) -> None:
    """Show windows, tabs, tree and files as they were left; `category` is the problem to show if none is remembered."""
    project, starter = files.project, layout.starter(files.project, category)
    windows.opened = {window.id for window in DOCKED if window.id in memory.windows}
    windows.sizes = {name: size for name, size in memory.sizes.items() if 0 < size <= LARGEST}
    windows.last = next((window.id for window in DOCKED if window.id == memory.last_window), windows.last)
    windows.apply()
    for tab in memory.tabs[:MOST_TABS]:
        path = project / tab.path
        if _is_there(path):
            files.places[path] = (tab.cursor, tab.top)
            files.add_tab(path)
    active = project / memory.active if memory.active else starter
    await files.open(active if _is_there(active) else starter, focus=False)
    recent = [project / name for name in memory.recent if _is_there(project / name)]
    files.recent += [path for path in recent if path not in files.recent]
    tree.fill({project / name for name in memory.folders} or {layout.category_folder(project, category)})
    for path in files.rescue.kept():
        if _is_there(path) and path not in files.pages:
            await files.open(path, focus=False)


def _is_there(path: Path) -> bool:
    """Whether there is a plain file; an imported project may remember what can't be a path."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def project_files(project: Path) -> Iterator[Path]:
    """Return the files a person may look for by name: no data, and none of the application's own files."""
    count = 0
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")) and name != "data")
        for name in sorted(names):
            if not name.startswith(".") and count < MOST_FILES:
                count += 1
                yield Path(folder, name)


def written(path: Path, project: Path) -> str:
    """Return a path as it is remembered: a project that was moved still finds its files."""
    return str(path.relative_to(project)) if path.is_relative_to(project) else str(path)
