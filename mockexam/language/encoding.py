"""Names and texts in any script, whatever the locale says that this machine's encoding is.

Where Python takes another encoding than UTF-8 for names of files (PYTHONUTF8=0 with LC_ALL=C, a Korean locale in
cp949), most names can't be written, read or opened. A process of ours is therefore started again in Python's UTF-8
mode; programs that it starts are not. What it prints is still in the terminal's encoding.
"""

from __future__ import annotations

import io
import locale
import os
import sys

_AGAIN = "mockexam-again"
"""An option of Python's own kind, which says nothing to it."""


def use_utf_8() -> None:
    """Start this process again in UTF-8 mode, unless it is in it or needn't be. Returns only when there is no need."""
    if sys.getfilesystemencoding() == "utf-8" or _AGAIN in sys._xoptions or not sys.executable:
        return
    options = ["-X", "utf8", "-X", _AGAIN]
    try:
        os.execv(sys.executable, [sys.executable, *options, *sys.orig_argv[1:]])  # noqa: S606 - the same command
    except OSError:
        return


def fit_streams() -> None:
    """Have what is printed fit the terminal: in its encoding, and what that lacks as backslashes and digits.

    A name that the terminal's encoding lacks must not end a command that has done its work.
    """
    encoding = locale.getencoding() if _AGAIN in sys._xoptions and "PYTHONIOENCODING" not in os.environ else None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
