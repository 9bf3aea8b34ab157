"""What Keras reports about its training, read from the lines it prints."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

HEADER = re.compile(r"Epoch (\d{1,7})/(\d{1,7})\s*$")
# 1875/1875 ━━━━ 4s 2ms/step - …   1875/1875 [=====] - 4s …   1875/1875 - 4s - …   32/Unknown 1s …
STEPS = re.compile(r"\s*(\d{1,9})/(\d{1,9}|Unknown)(?=\s)(.*)")
VALUE = re.compile(r"- ([A-Za-z_][\w ./]*): ([-+]?(?:nan|inf|\d+(?:\.\d*)?(?:e[-+]?\d+)?))(?=\s|$)", re.IGNORECASE)
RECENT = 3  # epochs whose mean duration predicts the next
MAX_LINE = 4_000


@dataclass(frozen=True)
class Epoch:
    """A finished epoch: `values` of loss, metrics, val_… and learning_rate; `fit` counts the calls of fit from 1.

    `seconds` is how long it took by our clock; None when its beginning was not seen.
    """

    number: int
    of: int
    values: dict[str, float]
    fit: int = 1
    seconds: float | None = None


@dataclass
class _Current:
    """The epoch that is being trained, or the last one."""

    number: int
    of: int
    started: float | None
    steps: int | None = None
    done: Epoch | None = None


class EpochReader:
    """Follows one run. Feed it each finished line, and glance at the unfinished one as often as you like."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.epochs: list[Epoch] = []
        self.fit = 0
        self.step = 0
        self.steps: int | None = None
        self._monotonic = monotonic
        self._current: _Current | None = None

    @property
    def number(self) -> int:
        """The epoch being trained or trained last; 0 before the first."""
        return self._current.number if self._current else 0

    @property
    def of(self) -> int:
        """How many epochs the current fit was asked for; 0 before the first."""
        return self._current.of if self._current else 0

    @property
    def training(self) -> bool:
        """Whether the last epoch seen is not the last of its fit, or isn't finished."""
        return self._current is not None and not (self._current.done and self._current.number >= self._current.of)

    def feed_all(self, lines: Iterable[str]) -> list[Epoch]:
        """`feed` for several lines; the epochs that finished or became more complete."""
        return [epoch for line in lines if (epoch := self.feed(line))]

    def feed(self, line: str) -> Epoch | None:
        """Take a finished line. Returns the epoch it completes, or that epoch again when the line adds to it."""
        if match := HEADER.match(line):
            self._begin(int(match[1]), int(match[2]))
            return None
        seen = self._progress(line)
        if seen is None:
            return None
        step, steps, values = seen
        self._advance(step, steps)
        if not values or steps is None or step < steps:
            return None  # a line that a warning or print broke off; where the total was unknown, the last line has it
        return self._finish(step, values)

    def glance(self, line: str) -> None:
        """Look at the line still being written, for the step count and the estimate."""
        if (seen := self._progress(line)) is not None:
            self._advance(seen[0], seen[1])

    def remaining(self) -> float | None:
        """Estimated seconds until the current fit ends; None when there is nothing to go by."""
        current = self._current
        if current is None or current.started is None or not self.training:
            return None
        spent = 0.0 if current.done else self._monotonic() - current.started
        each = self._epoch_seconds(current, spent)
        if each is None:
            return None
        finished = current.number if current.done else current.number - 1
        this = 0.0 if current.done else min(spent, each)
        return max(0.0, each * (current.of - finished) - this)

    def _epoch_seconds(self, current: _Current, spent: float) -> float | None:
        known = [epoch.seconds for epoch in self.epochs if epoch.fit == self.fit and epoch.seconds is not None]
        if known:
            recent = known[-RECENT:]
            return sum(recent) / len(recent)
        if self.steps and self.step and not current.done:
            return spent * self.steps / self.step
        return None

    def _progress(self, line: str) -> tuple[int, int | None, dict[str, float]] | None:
        match = STEPS.match(line[:MAX_LINE])
        if match is None:
            return None
        values = {name: float(number) for name, number in VALUE.findall(match[3])}
        return int(match[1]), None if match[2] == "Unknown" else int(match[2]), values

    def _advance(self, step: int, steps: int | None) -> None:
        if self._current is not None and self._current.done is None:
            self.step, self.steps = step, steps

    def _begin(self, number: int, of: int) -> None:
        if self._current is None or number <= self._current.number or of != self._current.of:
            self.fit += 1
        self._current = _Current(number, of, self._monotonic())
        self.step, self.steps = 0, None

    def _finish(self, steps: int, values: dict[str, float]) -> Epoch | None:
        current = self._current
        if current is not None and current.done is None:
            return self._add(current, steps, values)
        if current is not None and current.done is not None and _says_more(current, steps, values):
            self.epochs.pop()
            return self._add(current, steps, values)
        if any(name.startswith("val_") for name in values):
            # fit(epochs=1) prints no header; without validation it can't be told from evaluate().
            self.fit += 1
            self._current = _Current(1, 1, None)
            return self._add(self._current, steps, values)
        return None

    def _add(self, current: _Current, steps: int, values: dict[str, float]) -> Epoch:
        seconds = None if current.started is None else self._monotonic() - current.started
        current.steps = steps
        current.done = Epoch(current.number, current.of, values, self.fit, seconds)
        self.epochs.append(current.done)
        return current.done


def _says_more(current: _Current, steps: int, values: dict[str, float]) -> bool:
    """Whether a line repeats the epoch's with its validation added: a callback that prints splits it in two.

    evaluate() prints no new names, so its line doesn't pass for one.
    """
    return current.done is not None and current.steps == steps and values.keys() > current.done.values.keys()
