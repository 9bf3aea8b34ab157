"""Raw system calls, for the few that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

LINUX = sys.platform == "linux"

libc: Any = ctypes.CDLL(None, use_errno=True)


def failure(what: str) -> OSError:
    """The error of the last call into the C library, with `what` as its text."""
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def call(name: str, number: int, *arguments: Any) -> int:
    """Make system call `number`; raises OSError, in whose text `name` appears, when it fails."""
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise failure(name)
    return result


def prctl(option: int, *arguments: int) -> int:
    """Call prctl(2); raises OSError when it fails. Missing arguments are zero, as the kernel demands."""
    filled = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    result: int = libc.prctl(ctypes.c_int(option), *filled)
    if result < 0:
        raise failure(f"prctl {option}")  # untranslated: the name of a call
    return result
