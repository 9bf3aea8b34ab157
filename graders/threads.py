"""Starting threads where the system may have few or none left: `ulimit -u`, pids.max of a container, no memory."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OF_ANY_MODEL = 256
PER_PROCESSOR, BESIDES = 4, 16  # TensorFlow starts two for each processor, and some more


class NoThread(OSError):  # noqa: N818 - what the system said
    """The system has no thread to give."""


def start(thread: threading.Thread) -> None:
    """Start the thread, or raise NoThread; it may be started again then."""
    try:
        thread.start()
    except RuntimeError as error:
        # untranslated: it stands where the system's own words for an error do
        raise NoThread(errno.EAGAIN, "no thread can be started") from error


def most_for_a_model() -> int:
    """How many threads a model's process may have: what TensorFlow starts by itself, and a share of what there is."""
    own = PER_PROCESSOR * (os.cpu_count() or 1) + BESIDES
    return max(OF_ANY_MODEL, 2 * own) if (most := available()) is None else own + min(OF_ANY_MODEL, most // 4)


def available() -> int | None:
    """How many threads the user, or the container, may have in all; None where nothing limits them."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    own = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if os.geteuid() and own != resource.RLIM_INFINITY:  # root has no such limit
        yield own
    for folder in _cgroups():
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            yield int((folder / "pids.max").read_text("ascii"))


def _cgroups() -> Iterator[Path]:
    """The control groups that count this process, as folders that may exist (cgroups(7), versions 1 and 2)."""
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "pids" in controllers.split(","):
            folder = CGROUPS / controllers / path.lstrip("/")
            yield from (above for above in (folder, *folder.parents) if above.is_relative_to(CGROUPS))
