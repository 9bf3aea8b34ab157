"""The environment variables a candidate's program gets."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Sizes would outlive a resize; the others make programs think they are running in another terminal or tool.
REMOVED = frozenset({"COLUMNS", "LINES", "ROWS", "PYCHARM_HOSTED", "NO_COLOR", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"})
# Where our files are is no secret, and `mockexam submit`, run by the program, must find the same exam.
KEPT = frozenset({"MOCKEXAM_HOME"})


def child_environment(base: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The user's own variables without ours, set up for a terminal that shows colours; `extra` has the last word."""
    base = os.environ if base is None else base
    kept = {name: value for name, value in base.items() if name not in REMOVED and not _is_ours(name)}
    # TensorFlow's greeting on a machine without a GPU reads like an error; warnings from the candidate's own code stay.
    kept.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return {**kept, "PYTHONUNBUFFERED": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor", **(extra or {})}


def _is_ours(name: str) -> bool:
    return name.startswith(("MOCKEXAM_", "TEXTUAL")) and name not in KEPT
