"""Time on the exam screen: warnings, the automatic end, minutes spent on each problem."""

from __future__ import annotations

from collections.abc import Callable

from graders.sentences import Sentence, sentences
from mockexam.exam.clock import warning_due

# The minutes during sleep or a frozen terminal were not spent on the problem.
LONGEST_TICK = 5.0

FLUSH_EVERY = 5.0


class Hours:
    """Takes the time left and the uptime once a second; knows what follows from them."""

    def __init__(self, left: float, uptime: float) -> None:
        # Someone who comes back with 14 minutes left sees the countdown, not an old warning.
        self._left = left
        self._uptime = uptime
        self._spent: dict[int, float] = {}
        self._flushed = uptime
        self.over = False

    def warning(self, left: float) -> Sentence | None:
        """Return what to say when a warning is due, each once; only the last when several are due."""
        minutes = warning_due(self._left, left)
        self._left = min(self._left, left)
        if minutes is None:
            return None
        return sentences("{count} minute left.", "{count} minutes left.", count=minutes)

    def ends(self, left: float) -> bool:
        """Return True once, when time is up."""
        if self.over or left > 0:
            return False
        self.over = True
        return True

    def spend(self, category: int, uptime: float) -> None:
        """Count the time since the last call for a problem."""
        passed = min(max(0.0, uptime - self._uptime), LONGEST_TICK)
        self._uptime = uptime
        self._spent[category] = self._spent.get(category, 0.0) + passed

    def unwritten(self, category: int) -> float:
        """Return the seconds that the ledger doesn't have yet."""
        return self._spent.get(category, 0.0)

    def flush(self, write: Callable[[int, float], None], *, now: bool = False) -> None:
        """Write what was spent, every few seconds."""
        if not now and self._uptime - self._flushed < FLUSH_EVERY:
            return
        self._flushed = self._uptime
        spent, self._spent = self._spent, {}
        for category, seconds in spent.items():
            if seconds > 0:
                write(category, seconds)
