"""When Python looks for garbage: while nobody types.

It looks by itself, at some allocation in the middle of a key, and on the exam screen a full look takes 50 ms. Here the
full ones wait for a moment without a key, and what the screen is made of is left out of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from time import monotonic

# Small looks often, since each is felt by a key; the full one comes by itself only if nobody ever rests.
THRESHOLDS = (700, 3, 1_000)
DUE = 30

REST = 1.0
BETWEEN = 10.0

# Who never rests so long would fill the memory: 90 MB in ten minutes of keys without a pause. A look takes 5 ms then.
LONGEST = 15.0

# Of glibc's mallopt.
M_ARENA_MAX = -8


def hold() -> None:
    """Look for none while the program starts: what is imported stays."""
    gc.disable()
    _share_one_heap()


def _share_one_heap() -> None:
    """Have all threads take memory from one heap: of several, each keeps what its thread once needed at most.

    An exam takes 76 MB instead of 82. Python's threads take turns anyway.
    """
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


class Garbage:
    """Looks for garbage when it is due and nobody types; call `check` every other second."""

    def __init__(self) -> None:
        self.last_input = monotonic()
        self._last_look = self.last_input
        self._keeping = False

    def take_up(self) -> None:
        """Begin, once the first picture stands."""
        gc.set_threshold(*THRESHOLDS)
        gc.enable()

    def keep(self) -> None:
        """Leave out of all later looks what is there at the next one, which is due."""
        self._keeping = True

    def check(self) -> None:
        """Look if it is time to."""
        now = monotonic()
        due = self._keeping or (now - self._last_look >= BETWEEN and gc.get_count()[2] >= DUE)
        if due and (now - self.last_input >= REST or now - self._last_look >= LONGEST):
            self._last_look = now
            gc.collect()
            if self._keeping:
                self._keeping = False
                gc.freeze()
