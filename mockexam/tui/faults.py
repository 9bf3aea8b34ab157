"""The log of faults of ours, to send along with a report."""

from __future__ import annotations

import traceback
from pathlib import Path


def note_fault(error: BaseException, path: Path | None) -> Path | None:
    """Append a fault with its traceback to a file; returns its path, or None if it can't be written."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)) + "\n")
    except OSError:
        return None
    return path
