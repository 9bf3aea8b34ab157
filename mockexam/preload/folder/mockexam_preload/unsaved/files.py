"""The files that rescued models become: named when they are whole, told apart by program, the newest kept.

A file says inside which program its model is from, a `.keras` file in the comment of the archive, an `.h5` file in an
attribute, a SavedModel in a file, so that what somebody else calls `unsaved-…` is never taken for ours.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WEIGHTS = ".weights.h5"
NAME = re.compile(r"unsaved-\d{8}T\d{6}(-\d)?(\.keras|\.h5|\.weights\.h5)?")
PARTIAL = re.compile(r"\.unsaved-(\d+)\.partial")
MARK = "mockexam: unsaved model of "  # untranslated: this program reads it
ATTRIBUTE = "mockexam"
ZIP, HDF5, SAVED_MODEL = b"PK", b"\x89HDF", "saved_model.pb"


def program(folder: str) -> str:
    """What the running program is called in its files: its path from the folder; "" for a command or standard input.

    To be asked while it runs: Python forgets its file before the handlers at the end.
    """
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.relpath(path, folder) if path else ""


@contextlib.contextmanager
def partial(folder: str) -> Iterator[str]:
    """A folder inside of `folder` for files that aren't whole yet; nothing is left of it after."""
    clear_partials(folder)
    path = os.path.join(folder, ".unsaved-{}.partial".format(os.getpid()))
    os.mkdir(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clear_partials(folder: str) -> None:
    """Remove what killed processes have left unfinished."""
    for name in os.listdir(folder):
        match = PARTIAL.fullmatch(name)
        if match and not _is_running(int(match.group(1))):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return process != os.getpid()  # an earlier process of our number has left it


def content(path: str) -> str | None:
    """The suffix that a model's file should have by its content, "" for a SavedModel; None where it is no model."""
    if os.path.isdir(path):
        return "" if os.path.isfile(os.path.join(path, SAVED_MODEL)) else None
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        start = file.read(4)
    return ".keras" if start.startswith(ZIP) else ".h5" if start == HDF5 else None


def stem() -> str:
    """How the names of the models begin that are rescued now."""
    return time.strftime("unsaved-%Y%m%dT%H%M%S")


def keep(path: str, folder: str, stem: str, of: str) -> str:
    """Name a whole file `stem`, and return that name. It is on the disk, with all in it, before it is named."""
    suffix = WEIGHTS if path.endswith(WEIGHTS) else content(path) or ""
    _mark(path, of)
    for folders in os.walk(path):
        for each in folders[2]:
            _sync(os.path.join(folders[0], each))
    _sync(path)
    for number in range(1, 10):
        name = stem + ("" if number == 1 else "-{}".format(number)) + suffix
        if not os.path.lexists(os.path.join(folder, name)):
            os.rename(path, os.path.join(folder, name))
            _sync(folder)
            return name
    raise FileExistsError(stem + suffix)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mark(path: str, of: str) -> None:
    kind = content(path)
    if kind == ".keras":
        import zipfile

        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = (MARK + of).encode("utf-8", "surrogateescape")
    elif kind == ".h5":
        with sys.modules["h5py"].File(path, "a") as file:
            file.attrs[ATTRIBUTE] = MARK + of.encode("utf-8", "backslashreplace").decode("utf-8")
    else:
        with open(os.path.join(path, ATTRIBUTE), "w", encoding="utf-8", errors="surrogateescape") as note:
            note.write(MARK + of)


def owner(path: str) -> str | None:
    """The program that a file's model is from; None when it isn't one of ours, or can't be read."""
    try:
        text = _read_mark(path)
    except Exception:
        return None
    return text[len(MARK) :] if text.startswith(MARK) else None


def _read_mark(path: str) -> str:
    kind = content(path)
    if kind == ".keras":
        import zipfile

        with zipfile.ZipFile(path) as archive:
            return archive.comment.decode("utf-8", "surrogateescape")
    if kind == ".h5":
        with sys.modules["h5py"].File(path, "r") as file:
            return str(file.attrs.get(ATTRIBUTE, ""))
    with open(os.path.join(path, ATTRIBUTE), encoding="utf-8", errors="surrogateescape") as note:
        return note.read(4096)


def remove_older(folder: str, of: str, kept: list[str], begun: float) -> None:
    """Remove the files of the same program that aren't among `kept` and are from before a time, in seconds.

    What else is newer than this run is from one beside it, whose model isn't older than ours.
    """
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if not NAME.fullmatch(name) or name in kept or os.path.islink(path) or owner(path) != of:
            continue
        if os.path.getmtime(path) < begun:
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
