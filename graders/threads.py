"""Starting threads where the system may have none left: `ulimit -u`, pids.max of a container, no memory for a stack."""

from __future__ import annotations

import errno
import threading


class NoThread(OSError):  # noqa: N818 - what the system said
    """The system has no thread to give."""


def start(thread: threading.Thread) -> None:
    """Start the thread, or raise NoThread; it may be started again then."""
    try:
        thread.start()
    except RuntimeError as error:
        # untranslated: it stands where the system's own words for an error do
        raise NoThread(errno.EAGAIN, "no thread can be started") from error
