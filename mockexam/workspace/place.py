"""Whether a folder will do for a project, asked before anything is written."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError, from_os

DRAFT = ".mockexam-unfinished"
# What desktop systems drop into a folder just because someone looked at it.
UNNOTICED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".directory"})
MARGIN = 20 << 20  # bytes to leave free for the candidate's first saves


def check_place(folder: Path, *, attempt_id: str | None = None, needed: int = 0) -> None:
    """Raise WorkspaceError when a project of `needed` bytes can't be written to `folder`.

    A folder that doesn't exist yet is fine. What a killed provisioning of the same attempt left there is fine too.
    """
    folder = Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 - resolve() would hide a link in the way
    if not str(folder).isprintable():
        raise WorkspaceError("a path", repr(str(folder)), "Choose a folder whose name has no control characters.")
    try:
        _check_surroundings(folder)
        if os.path.lexists(folder):
            _check_folder(folder, attempt_id)
        _check_disk(_nearest(folder), needed)
    except OSError as error:
        raise from_os(error, folder, "to write a project to") from error


def _nearest(folder: Path) -> Path:
    """The folder itself or the first one above it that exists."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _check_surroundings(folder: Path) -> None:
    nearest = _nearest(folder)
    if not nearest.is_dir():
        raise WorkspaceError(
            "a folder, or a path where one can be made",
            f"a file at {nearest}",
            "Choose another folder for the project.",
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise WorkspaceError(
            f"a folder you may write to at {nearest}", "no permission", "Choose a folder in your home directory."
        )
    for above in (folder, *folder.parents):
        if (above / "pack.toml").is_file():
            raise WorkspaceError(
                "a folder outside problem packs", f"the pack at {above}", "Choose a folder of its own for the exam."
            )
        if above != folder and layout.marker(above).is_file():
            raise WorkspaceError(
                "a folder outside other exams", f"the exam project at {above}", "Choose a folder beside it."
            )


def _check_folder(folder: Path, attempt_id: str | None) -> None:
    if attempt_id is not None and attempt_id in (draft_owner(folder), project_owner(folder)):
        return
    found = sorted(entry.name for entry in folder.iterdir() if entry.name not in {*UNNOTICED, DRAFT})
    if not found:
        return
    names = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    kind = "the project of another attempt" if project_owner(folder) else names
    raise WorkspaceError(f"an empty folder at {folder}", kind, "Choose a new folder; nothing of yours was touched.")


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise WorkspaceError(
            f"{(needed + MARGIN) >> 20} MB free on the disk of {folder}",
            f"{free >> 20} MB",
            "Free some space, or choose a folder on another disk.",
        )


def draft_owner(folder: Path) -> str | None:
    """The attempt whose unfinished project lies in `folder`."""
    try:
        return (folder / DRAFT / "attempt").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def project_owner(folder: Path) -> str | None:
    """The attempt whose finished project `folder` is."""
    try:
        return str(json.loads(layout.marker(folder).read_text("utf-8"))["attempt"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
