"""Has matplotlib find this machine's fonts before the exam, where its first figure would wait for that for seconds."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading

# untranslated: Python
COMMAND: tuple[str, ...] = (sys.executable, "-P", "-c", "import os; os.nice(10); import matplotlib.font_manager")
"""In the user's own environment: what is found is kept where matplotlib keeps it, MPLCONFIGDIR or its usual folder."""
SECONDS = 300.0


def find_fonts() -> threading.Thread:
    """Begin, in a process that ends by itself; nothing waits for it, and nothing depends on it."""
    thread = threading.Thread(target=_run, name="fonts", daemon=True)
    thread.start()
    return thread


def _run() -> None:
    quiet = subprocess.DEVNULL
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            COMMAND, stdin=quiet, stdout=quiet, stderr=quiet, timeout=SECONDS, check=False, start_new_session=True
        )
