"""What a workspace says when it can't do what was asked."""

from __future__ import annotations

import errno
from pathlib import Path

from graders.sentences import Sentence, Words, sentence
from mockexam.errors import Error


class WorkspaceError(Error):
    """Something in a workspace that a person can put right."""


class OutsideChangeError(WorkspaceError):
    """A file was changed by another program since it was loaded, so saving would lose that change."""


NO_SPACE = sentence("Free some space, or choose a folder on another disk.")
NO_PERMISSION = sentence("Choose a folder of your own, or ask its owner for permission.")


def from_os(error: OSError, path: Path, expected: Words) -> WorkspaceError:
    """`error` in words for a person; `expected` names what was being done to `path`, as in "to write /tmp/file"."""
    place = Path(error.filename) if isinstance(error.filename, str) and error.filename else path
    known = _found(place).get(error.errno or 0)
    found, advice = known or (error.strerror or str(error), sentence("Try again, or choose another place."))
    return WorkspaceError(expected, found, advice)


def _found(place: Path) -> dict[int, tuple[Sentence, Sentence]]:
    """What was found, and advice, by the errno."""
    return {
        errno.ENOSPC: (sentence("that the disk is full"), NO_SPACE),
        errno.EDQUOT: (sentence("that your disk quota is used up"), NO_SPACE),
        errno.EACCES: (sentence("no permission for {place}", place=place), NO_PERMISSION),
        errno.EPERM: (sentence("no permission for {place}", place=place), NO_PERMISSION),
        errno.EROFS: (sentence("a read-only disk"), sentence("Choose a folder on a disk that can be written.")),
        errno.ENAMETOOLONG: (sentence("a name that is too long"), sentence("Choose a shorter name.")),
        errno.ENOTDIR: (
            sentence("a file where a folder should be, at {place}", place=place),
            sentence("Choose another folder."),
        ),
        errno.EISDIR: (
            sentence("a folder where a file should be, at {place}", place=place),
            sentence("Move the folder away and try again."),
        ),
        errno.ENOENT: (
            sentence("nothing at {place}", place=place),
            sentence("Check the path; something may have moved or deleted it."),
        ),
        errno.ELOOP: (
            sentence("a link that leads to itself, at {place}", place=place),
            sentence("Remove the link and try again."),
        ),
    }
