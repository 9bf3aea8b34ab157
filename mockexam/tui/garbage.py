"""When Python collects garbage: while nobody types.

By itself it does so at some allocation while a key is handled, and on the exam screen a full collection takes 50 ms.
Here the full ones wait for a moment without a key, and what the screen is made of is left out of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from time import monotonic

# Frequent small collections, since each delays a key; a full one comes by itself only if typing never pauses.
THRESHOLDS = (700, 3, 1_000)
DUE = 30

REST = 1.0
BETWEEN = 10.0

# Typing without such a pause would fill the memory: 90 MB in ten minutes. A collection takes 5 ms then.
LONGEST = 15.0

# From glibc's mallopt.
M_ARENA_MAX = -8


def hold() -> None:
    """Collect nothing while the program starts: what is imported stays."""
    gc.disable()
    _share_one_heap()


def _share_one_heap() -> None:
    """Have all threads share one heap: each of several would keep the most that its thread ever needed.

    An exam takes 76 MB instead of 82. Python's threads take turns anyway.
    """
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


class Garbage:
    """Collects garbage when it is due and nobody types; call `check` every other second."""

    def __init__(self) -> None:
        self.last_input = monotonic()
        self._last_look = self.last_input
        self._keeping = False

    def take_up(self) -> None:
        """Begin, after the first paint."""
        gc.set_threshold(*THRESHOLDS)
        gc.enable()

    def keep(self) -> None:
        """Make the next collection due, and exempt what survives it from all later ones."""
        self._keeping = True

    def check(self) -> None:
        """Collect if it is time to."""
        now = monotonic()
        due = self._keeping or (now - self._last_look >= BETWEEN and gc.get_count()[2] >= DUE)
        if due and (now - self.last_input >= REST or now - self._last_look >= LONGEST):
            self._last_look = now
            gc.collect()
            if self._keeping:
                self._keeping = False
                gc.freeze()
