"""Tries the lock: what a process that was just locked can still do although it must not.

A kernel that claims a mechanism need not enforce it: filters are emulated, switched off for containers, patched.
So nothing is believed until it is tried: a child that opens no model is locked like any other, attempts one harmless
instance of everything the lock forbids, and reports what got through.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from graders.sandbox import kernel, lock
from graders.sandbox.lock import Layer
from graders.sentences import Sentence, Words, sentence
from graders.usage import usage

TRIAL_SECONDS = 20.0
MOST_SECONDS = 60.0  # with the start of a Python
ADDRESS_BYTES = 8 << 30
CPU_SECONDS = 20
MOST_ANSWER = 1 << 16
BAIT, ALLOWED = "bait", "allowed"
PR_GET_NO_NEW_PRIVS = 39

HIDES = sentence("hide how much memory and how many threads it uses")

Holes = dict[str, tuple[str, ...]]  # layer → what could still be done although it must not, in English


class TrialError(Exception):
    """The lock could not be tried, so nothing is known about it."""


class Place(NamedTuple):
    """A folder of our own with one file that a locked process may read and one that it may not."""

    folder: str

    @classmethod
    def lay(cls, folder: Path) -> Place:
        """Write the two files; any user may read them, so that only the lock is in the way."""
        folder.mkdir(exist_ok=True)
        for name in (BAIT, ALLOWED):
            (folder / name).write_text(name)
            (folder / name).chmod(0o644)
        return cls(str(folder))

    @property
    def bait(self) -> str:
        """The file that must not be readable."""
        return os.path.join(self.folder, BAIT)  # noqa: PTH118 - used behind the lock, where pathlib is not imported

    @property
    def allowed(self) -> str:
        """The file that must be readable."""
        return os.path.join(self.folder, ALLOWED)  # noqa: PTH118


def attempts(place: Place) -> Iterator[tuple[Layer, Sentence, Callable[[], object]]]:
    """Everything to try: the layer that must stop it, the act in words ("could …"), and the act."""
    yield "files", sentence("open a file"), lambda: os.close(os.open(place.bait, os.O_RDONLY))
    yield "files", sentence("list a folder"), lambda: list(Path(place.folder).iterdir())
    yield (
        "files",
        sentence("read another process's environment"),
        lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    )
    yield "calls", sentence("write a file"), lambda: os.close(os.open(place.allowed, os.O_WRONLY))
    yield "calls", sentence("change a file's mode"), lambda: os.chmod(place.allowed, 0o600)  # noqa: PTH101
    yield "calls", sentence("lock a file"), lambda: _flock(place.allowed)
    yield "calls", sentence("open a network socket"), lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    yield "calls", sentence("open a local socket"), lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()
    yield "calls", sentence("start a process"), _fork
    yield "calls", sentence("start a program"), _exec
    yield "calls", sentence("signal another process"), lambda: os.kill(os.getppid(), 0)
    yield (
        "limits",
        sentence("use files of any size"),
        lambda: _require(resource.getrlimit(resource.RLIMIT_FSIZE)[1] != 0),
    )
    if kernel.LINUX:
        yield "calls", sentence("make memory that no limit counts"), lambda: os.close(os.memfd_create("x"))
        yield (
            "limits",
            sentence("use more memory"),
            lambda: _require(resource.getrlimit(resource.RLIMIT_AS)[1] > ADDRESS_BYTES),
        )
        yield "privileges", sentence("gain privileges"), lambda: _require(not kernel.prctl(PR_GET_NO_NEW_PRIVS))


def act_in_words(english: str) -> Words:
    """What was tried, in words, from the English that a locked process reports."""
    tried = (HIDES, *(what for _, what, _ in attempts(Place(""))))
    return next((what for what in tried if what.english == english), english)


def holes(place: Place, layers: Iterable[Layer]) -> Holes:
    """What the calling process, locked with `layers`, can still do; raises TrialError if it can't do its work."""
    try:
        Path(place.allowed).read_bytes()
    except OSError as error:
        # untranslated: crosses a pipe as text, like what the system says
        raise TrialError(f"a locked process can't read what it must ({error.strerror})") from error
    wanted = set(layers)
    found: Holes = {}
    for layer, what, act in attempts(place):
        if layer in wanted and _succeeds(act):
            found[layer] = (*found.get(layer, ()), what.english)
    return found


def run(place: Place, layers: tuple[Layer, ...]) -> Holes:
    """Fork a child, lock it, and have it try; raises TrialError. The calling process must have one thread."""
    if not _succeeds(lambda: os.close(os.open(place.bait, os.O_RDONLY))):
        # untranslated: crosses a pipe as text, like what the system says
        raise TrialError("the file that must not be readable isn't readable without the lock either")
    answer, end = os.pipe()
    caller = os.getpid()
    child = os.fork()
    if not child:
        _answer(end, caller, place, layers)
    os.close(end)
    try:
        text = _read(answer)
        hidden = usage(child) is None
    finally:
        os.close(answer)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    found = decoded(text)
    if hidden and "limits" in layers:
        found["limits"] = (*found.get("limits", ()), HIDES.english)
    return found


def decoded(text: bytes) -> Holes:
    """What a trial reported; raises TrialError."""
    try:
        told = msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    except msgspec.MsgspecError as error:
        # untranslated: it stands for what that process would have said
        raise TrialError("the process that tries the lock died") from error
    if "error" in told:
        raise TrialError(" ".join(told["error"]))
    return told


def _answer(end: int, caller: int, place: Place, layers: tuple[Layer, ...]) -> None:
    """Be the child; never returns."""
    try:
        from graders.sandbox import privileges

        privileges.die_with_parent(caller)
        lock.engage(layers, (os.fsencode(place.allowed),), (0, 1, 2, end), (ADDRESS_BYTES, CPU_SECONDS))
        told: Holes = holes(place, layers)
    except BaseException as error:
        told = {"error": (f"{error}",)}
    os.write(end, json.dumps(told).encode())
    os.close(end)
    time.sleep(TRIAL_SECONDS)  # until it has been looked at, and is killed
    os._exit(0)


def _read(answer: int) -> bytes:
    text, deadline = b"", time.monotonic() + TRIAL_SECONDS
    while len(text) < MOST_ANSWER and select.select([answer], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(answer, MOST_ANSWER)
        if not part:
            break
        text += part
    return text


def _succeeds(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def _require(condition: bool) -> None:
    if not condition:
        raise OSError("held")  # untranslated: caught where it was tried


def _flock(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _fork() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def _exec() -> None:
    try:
        os.execv("/dev/null/none", ["x"])  # noqa: S606 - a program that can't be there: only the refusal is wanted
    except OSError as error:
        _require(error.errno in (errno.ENOENT, errno.ENOTDIR))


def main() -> None:
    """Started by `graders.isolation_report(tried=True)`: a folder and the layers as arguments, the answer to stdout."""
    folder, layers = sys.argv[-2:]
    try:
        place = Place.lay(Path(folder) / "trial")
        told: Holes = run(place, tuple(msgspec.convert(layers.split(","), type=list[Layer])))
    except (TrialError, OSError) as error:
        told = {"error": (f"{error}",)}
    print(json.dumps(told))
