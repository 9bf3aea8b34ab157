"""What a program lacked around it: a file, memory, a network, a package."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from graders.sentences import Sentence, sentence
from mockexam.inspections.advice.failure import Failure
from mockexam.inspections.findings import MISSING
from mockexam.inspections.packages import DISTRIBUTIONS, installation

FILE, MEMORY, NETWORK = "missing-file", "memory", "network"

MOST_FILES = 2_000  # looked at for one that is meant; a folder of pictures holds more, and no typing error
MOST_NAMES = 3
LIKENESS = 0.6
DATA = "data"
"""The folder beside a program in which a problem's data lies."""

_MISSING_FILE = (
    re.compile(r"No such file or directory: '(?P<path>[^']+)'"),
    re.compile(r"unable to open file: name = '(?P<path>[^']+)', errno = 2"),
    re.compile(r"^File not found: filepath=(?P<path>.+?)\. Please ensure"),
    re.compile(r"^No file or directory found at (?P<path>\S+)"),
    re.compile(r"^Could not find directory (?P<path>\S+)"),
    re.compile(r"(?:^|\}\} )(?P<path>[^\s{}]+); No such file or directory"),
    re.compile(r"^No images found in directory (?P<path>.+?)\. Allowed formats"),
)
_ALLOCATING = re.compile(
    r"Unable to allocate (?P<size>[\d.]+ \w+) for an array with shape (?P<shape>\([\d, ]*\))"
    r"|OOM when allocating tensor with shape(?P<tensor>\[[\d,]*\])"
)
_MODULE = re.compile(r"^No module named '(?P<name>\w+)")
_ADDRESS = re.compile(r"https?://(?P<host>[\w.-]+)|host='(?P<pool>[\w.-]+)'")
_OFFLINE = re.compile(
    r"^URL fetch failure on |urlopen error \[Errno -?\d+\] (?:Name or service|Temporary failure|Connection refused|"
    r"Network is unreachable|No route)|Name or service not known|Temporary failure in name resolution|"
    r"Failed to resolve |Max retries exceeded with url|Network is unreachable"
)


class Surroundings(NamedTuple):
    """Where a program ran: its folder, its project, the path of its Python, and a question for another
    Python that has a module."""

    folder: Path
    project: Path
    python: str = ""
    elsewhere: Callable[[str], str | None] = lambda module: None


def told(failure: Failure, around: Surroundings) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    """The kind of what was lacking, what it was, and what to do; nothing for other failures."""
    yield from _package(failure, around)
    yield from _memory(failure)
    yield from _network(failure, around)
    yield from _file(failure, around)


def _package(failure: Failure, around: Surroundings) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    match = _MODULE.match(failure.message)
    if failure.exception not in ("ModuleNotFoundError", "ImportError") or match is None:
        return
    name = match["name"]
    if name == "google":
        yield (
            MISSING,
            sentence("google.colab is there on Colab alone."),
            sentence("Leave out this import and what uses it: here files are simply in the project's folder."),
        )
        return
    words = sentence("{package} is not installed for the Python that ran this.", package=DISTRIBUTIONS.get(name, name))
    line, other = installation(name, around.python), around.elsewhere(name)
    if other is not None:
        yield MISSING, words, sentence("Install it: {line} – or choose {other}, which has it.", line=line, other=other)
    else:
        yield MISSING, words, sentence("Install it: {line}", line=line)


def killed_for_memory() -> tuple[str, Sentence, Sentence]:
    """What is told of a program that the system ended because memory ran out."""
    return MEMORY, sentence("The system ended the program because memory ran out."), _LESS


_LESS = sentence("Take smaller batches, or read the data piece by piece instead of all at once.")


def _memory(failure: Failure) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    if failure.exception not in ("MemoryError", "_ArrayMemoryError", "ResourceExhaustedError"):
        return
    match = _ALLOCATING.search(failure.message)
    if match is None:
        yield MEMORY, sentence("It asked for more memory than there is."), _LESS
    elif match["size"]:
        yield (
            MEMORY,
            sentence(
                "It asked for {size} at once, for an array of the shape {shape}: more memory than there is.",
                size=match["size"],
                shape=match["shape"],
            ),
            _LESS,
        )
    else:
        yield (
            MEMORY,
            sentence(
                "It asked for an array of the shape {shape}: more memory than there is.",
                shape=match["tensor"].replace(",", ", "),
            ),
            _LESS,
        )


def _network(failure: Failure, around: Surroundings) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    if not _OFFLINE.search(failure.message):
        return
    match = _ADDRESS.search(failure.message)
    host = (match["host"] or match["pool"]) if match else ""
    words = (
        sentence("It wanted to download something from {host}, which can't be reached from here.", host=host)
        if host
        else sentence("It wanted to download something, and the network can't be reached from here.")
    )
    if _is_folder(around.folder / DATA):
        advice = sentence("What a problem gives you is on this machine: look into {folder}/.", folder=DATA)
        yield NETWORK, words, advice
    else:
        yield NETWORK, words, sentence("Download it where there is a network, and put it into the project's folder.")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


# ── a file that isn't there ──


def _file(failure: Failure, around: Surroundings) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    match = next((found for one in _MISSING_FILE if (found := one.search(failure.message))), None)
    if match is None:
        return
    wanted = match["path"]
    near = nearby(wanted, around)
    words = sentence(
        "There is no {path} where the program looked, seen from {folder}.",
        path=wanted,
        folder=_told(around.folder, around),
    )
    if Path(wanted).is_absolute():
        words = sentence("There is no {path}.", path=wanted)
    elif failure.message.startswith("No images found"):
        words = sentence("There are no images in {path}.", path=wanted)
    if near:
        yield FILE, words, sentence("Nearby there is {names}.", names=", ".join(near))
    else:
        yield (
            FILE,
            words,
            sentence("Look in the Project window for what is there: paths start at the program's folder."),
        )


def _told(folder: Path, around: Surroundings) -> str:
    try:
        return folder.relative_to(around.project).as_posix() + "/"
    except ValueError:
        return str(folder)


def nearby(wanted: str, around: Surroundings) -> list[str]:
    """Files and folders of the project that may be meant by a path, as the program would write them; best first."""
    paths = list(_paths(around))
    name = Path(wanted).name.lower()
    same = [path for path in paths if Path(path).name.lower() == name]
    named = difflib.get_close_matches(name, {Path(path).name.lower() for path in paths}, MOST_NAMES, LIKENESS)
    alike = [path for one in named for path in paths if Path(path).name.lower() == one]
    return list(dict.fromkeys([*same, *alike]))[:MOST_NAMES]


def _paths(around: Surroundings) -> Iterator[str]:
    """What lies in the program's folder, and then in the whole project, seen from that folder; hidden files aside."""
    seen = 0
    for top in dict.fromkeys((around.folder, around.project)):
        for place, folders, files in os.walk(top):
            folders[:] = sorted(one for one in folders if not one.startswith((".", "__")))
            for name in [*folders, *sorted(files)]:
                seen += 1
                if seen > MOST_FILES:
                    return
                if not name.startswith("."):
                    yield Path(os.path.relpath(Path(place) / name, around.folder)).as_posix()
