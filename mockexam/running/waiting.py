"""Whether a program waits for somebody to type."""

from __future__ import annotations

import platform
from pathlib import Path

# The numbers of read() and of select() as Linux numbers them: the second is what a prompt with line editing waits in.
_READ, _SELECT = {"x86_64": ({0}, {23, 270}), "aarch64": ({63}, {72})}.get(platform.machine(), (set(), set()))


def waits_for_input(pid: int) -> bool:
    """Whether the main thread of a program is reading its standard input; False where that can't be seen."""
    try:
        call, first, *_ = Path(f"/proc/{pid}/syscall").read_text("ascii").split()
    except (OSError, ValueError):  # not Linux, gone, or running
        return False
    number = int(call)
    return (number in _READ and first == "0x0") or (number in _SELECT and first == "0x1")
