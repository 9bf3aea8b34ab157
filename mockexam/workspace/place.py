"""Whether a folder is suitable for a project, checked before anything is written."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from graders.sentences import Words, sentence
from mockexam.workspace import layout
from mockexam.workspace.fault import NO_SPACE, WorkspaceError, from_os

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
        raise WorkspaceError(
            sentence("a path"),
            repr(str(folder)),
            sentence("Choose a folder whose name has no control characters."),
        )
    try:
        _check_surroundings(folder)
        if os.path.lexists(folder):
            _check_folder(folder, attempt_id)
        _check_disk(_nearest(folder), needed)
    except OSError as error:
        raise from_os(error, folder, sentence("to write a project to {folder}", folder=folder)) from error


def _nearest(folder: Path) -> Path:
    """The folder itself or the first one above it that exists."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _check_surroundings(folder: Path) -> None:
    nearest = _nearest(folder)
    if not nearest.is_dir():
        raise WorkspaceError(
            sentence("a folder, or a path where one can be made"),
            sentence("a file at {path}", path=nearest),
            sentence("Choose another folder for the project."),
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise WorkspaceError(
            sentence("a folder you may write to at {folder}", folder=nearest),
            sentence("no permission"),
            sentence("Choose a folder in your home directory."),
        )
    for above in (folder, *folder.parents):
        if (above / "pack.toml").is_file():
            raise WorkspaceError(
                sentence("a folder outside problem packs"),
                sentence("the pack at {folder}", folder=above),
                sentence("Choose a folder of its own for the exam."),
            )
        if above != folder and layout.marker(above).is_file():
            raise WorkspaceError(
                sentence("a folder outside other exams"),
                sentence("the exam project at {folder}", folder=above),
                sentence("Choose a folder beside it."),
            )


def _check_folder(folder: Path, attempt_id: str | None) -> None:
    if attempt_id is not None and attempt_id in (draft_owner(folder), project_owner(folder)):
        return
    found = sorted(entry.name for entry in folder.iterdir() if entry.name not in {*UNNOTICED, DRAFT})
    if not found:
        return
    raise WorkspaceError(
        sentence("an empty folder at {folder}", folder=folder),
        sentence("the project of another attempt") if project_owner(folder) else _listed(found),
        sentence("Choose a new folder; nothing of yours was touched."),
    )


def _listed(names: list[str]) -> Words:
    """Some of the names, and how many there are besides."""
    some, more = ", ".join(names[:3]), len(names) - 3
    return sentence("{names} and {number} more", names=some, number=more) if more > 0 else some


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise WorkspaceError(
            sentence("{size} MB free on the disk of {folder}", size=(needed + MARGIN) >> 20, folder=folder),
            sentence("{size} MB", size=free >> 20),
            NO_SPACE,
        )


def draft_owner(folder: Path) -> str | None:
    """The attempt whose unfinished project is in `folder`."""
    try:
        return (folder / DRAFT / "attempt").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def project_owner(folder: Path) -> str | None:
    """The attempt whose finished project `folder` is."""
    try:
        return str(json.loads(layout.marker(folder).read_text("utf-8"))["attempt"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
