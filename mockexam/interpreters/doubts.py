"""Why a Python that was found is better asked about before it runs: others may have put it there, or can change it."""

from __future__ import annotations

import functools
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from graders.sentences import Sentence, sentence
from mockexam.interpreters.installation import CONFIGURATION
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.packages import search_path
from mockexam.interpreters.reading import Reader

MOST = 3
"""How many doubts are told; one would do."""
ROOT = 0
RUN_AT_START = ("sitecustomize.py", "usercustomize.py")
ACCESS_LIST = "system.posix_acl_access"


def doubts(interpreter: Interpreter, project: Path | None) -> tuple[Sentence, ...]:
    """What speaks against running this Python without asking; none for the one that mockexam itself runs in.

    It lies inside the project, whose files may have come from somebody else, or a file that it would run, or a folder
    on the way there, belongs to somebody else or can be changed by others.
    """
    if interpreter.ours:
        return ()
    found = [*_inside(interpreter, project)]
    checked: set[str] = set()
    for path in _files(interpreter):
        for part, is_last in _way_to(path):
            if os.fspath(part) in checked:
                continue
            checked.add(os.fspath(part))
            found += _of_place(part, is_last=is_last)
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def _inside(interpreter: Interpreter, project: Path | None) -> Iterator[Sentence]:
    if project is None:
        return
    for root in {project.absolute(), Path(os.path.realpath(project))}:
        for path in (interpreter.executable, interpreter.prefix):
            for way in (path, Path(os.path.realpath(path))):
                if way.is_relative_to(root):
                    yield sentence("It lies inside the project: {path}. Did you put it there?", path=path)
                    return


def _files(interpreter: Interpreter) -> Iterator[Path]:
    """What runs when it starts, as far as names tell, and the folders that it imports from."""
    reader = Reader()
    yield interpreter.executable
    if (configuration := interpreter.prefix / CONFIGURATION).exists():
        yield configuration
    for folder in search_path(interpreter.installation, reader):
        yield folder
        for name in reader.names(folder):
            if name.endswith(".pth") or name in RUN_AT_START:
                yield folder / name
    for name in reader.names(scripts := interpreter.prefix / "etc" / "conda" / "activate.d"):
        yield scripts / name


def _way_to(path: Path) -> Iterator[tuple[Path, bool]]:
    """Each folder on the way, then the file; the same for where links lead. True for the last of a way."""
    for way in dict.fromkeys((path, Path(os.path.realpath(path)))):
        for folder in reversed(way.parents):
            yield folder, False
        yield way, True


def _of_place(path: Path, *, is_last: bool) -> Iterator[Sentence]:
    try:
        status = path.lstat()
    except OSError:
        return
    if status.st_uid not in (ROOT, os.geteuid()):
        yield sentence("{path} belongs to {owner}, who can change it.", path=path, owner=_owner(status.st_uid))
    elif stat.S_ISLNK(status.st_mode):
        return
    elif stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX and not is_last:
        return  # as in /tmp: there only the owner of a file, whom we look at too, can put another in its place
    elif status.st_mode & stat.S_IWOTH:
        yield sentence("{path} can be changed by everybody on this machine.", path=path)
    elif status.st_mode & stat.S_IWGRP and (_has_others(status.st_gid) or _has_access_list(path)):
        yield sentence("{path} can be changed by the group {group}.", path=path, group=_group(status.st_gid))


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"{uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"{gid}"


@functools.lru_cache(maxsize=64)
def _has_others(gid: int) -> bool:
    """Whether a group has members besides root and this user; one that nobody knows may have."""
    try:
        members = set(grp.getgrgid(gid).gr_mem)
    except KeyError:
        return True
    members |= {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == gid}
    return bool(members - {_owner(ROOT), _owner(os.geteuid())})


def _has_access_list(path: Path) -> bool:
    """Whether a list of its own says who may write; the group's permission then stands for all of that list."""
    try:
        return ACCESS_LIST in os.listxattr(path)
    except (AttributeError, OSError):  # no Linux, or a file system without
        return False
