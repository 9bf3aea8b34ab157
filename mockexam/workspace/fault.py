"""What a workspace says when it can't do what was asked."""

from __future__ import annotations

import errno
from pathlib import Path

from mockexam.errors import Error


class WorkspaceError(Error):
    """Something in a workspace that a person can put right."""


class OutsideChangeError(WorkspaceError):
    """A file was changed by another program since it was loaded, so saving would lose that change."""


def from_os(error: OSError, path: Path, expected: str) -> WorkspaceError:
    """`error` in words for a person; `expected` names what was being done, as in "to write"."""
    place = Path(error.filename) if isinstance(error.filename, str) and error.filename else path
    found, advice = {
        errno.ENOSPC: ("that the disk is full", "Free some space, or choose a folder on another disk."),
        errno.EDQUOT: ("that your disk quota is used up", "Free some space, or choose a folder on another disk."),
        errno.EACCES: (f"no permission for {place}", "Choose a folder of your own, or ask its owner for permission."),
        errno.EPERM: (f"no permission for {place}", "Choose a folder of your own, or ask its owner for permission."),
        errno.EROFS: ("a read-only disk", "Choose a folder on a disk that can be written."),
        errno.ENAMETOOLONG: ("a name that is too long", "Choose a shorter name."),
        errno.ENOTDIR: (f"a file where a folder should be, at {place}", "Choose another folder."),
        errno.EISDIR: (f"a folder where a file should be, at {place}", "Move the folder away and try again."),
        errno.ENOENT: (f"nothing at {place}", "Check the path; something may have moved or deleted it."),
        errno.ELOOP: (f"a link that leads to itself, at {place}", "Remove the link and try again."),
    }.get(error.errno or 0, (error.strerror or str(error), "Try again, or choose another place."))
    return WorkspaceError(f"{expected} {path}", found, advice)
