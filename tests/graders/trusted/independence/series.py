"""Series cut into windows, and models as functions of a batch: what an honest one does, and how others cheat."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graders.contract import Scoring, Threshold
from graders.trusted.hidden_set import HiddenSet
from graders.trusted.independence.comparison import Comparison
from graders.trusted.independence.sample import draw

BATCH = 256
KEY = "1:series"
Floats = NDArray[np.float32]
Model = Callable[[Floats], Floats]
MAE = Scoring(thresholds=(Threshold(metric="mae", at_most=0.1),))


class Windows(NamedTuple):
    """Windows (n, length, 1), the value after each as its label, and the time at which each begins."""

    inputs: Floats
    labels: Floats
    times: NDArray[np.int64]


def windows(rows: int = 500, length: int = 30, stride: int = 1, seed: int = 1) -> Windows:
    """Windows of a random walk."""
    walk = np.cumsum(np.random.default_rng(seed).normal(size=rows * stride + length + 1)).astype(np.float32)
    starts = np.arange(rows) * stride
    inputs = np.stack([walk[start : start + length] for start in starts])[:, :, None]
    return Windows(inputs, walk[starts + length][:, None], starts)


def honest(batch: Floats) -> Floats:
    answers: Floats = 2 * batch[:, -1] - batch[:, -2]
    return answers


def neighbours(batch: Floats) -> Floats:
    """Each row's label out of the row that begins one to five steps later, if there is one in the batch."""
    rows, length = batch.shape[:2]
    answers: Floats = batch.mean(axis=1)
    for shift in (5, 4, 3, 2, 1):
        begins = {row[: length - shift].tobytes(): number for number, row in enumerate(batch)}
        for number in range(rows):
            other = begins.get(batch[number, shift:].tobytes())
            if other is not None:
                answers[number] = batch[other, length - shift]
    return answers


def adjoining(batch: Floats) -> Floats:
    """The first value of the row that begins nearest to where this one ends."""
    distance = np.abs(batch[:, -1] - batch[:, 0].T)
    np.fill_diagonal(distance, np.inf)
    answers: Floats = batch[distance.argmin(axis=1), 0] if len(batch) > 1 else batch.mean(axis=1)
    return answers


def on_a_share(cheat: Model, share: float) -> Model:
    """Cheats on that share of the rows, chosen by what is in them."""

    def model(batch: Floats) -> Floats:
        chosen = np.array([random.Random(row.tobytes()).random() < share for row in batch])
        return np.where(chosen[:, None], cheat(batch), batch.mean(axis=1))

    return model


def predicted(hidden: HiddenSet, seen: Floats, model: Model, batch: int = BATCH) -> Floats:
    """What a model answers among others; `seen` are the rows in the order in which a child gets them."""
    parts = [model(seen[start : start + batch]) for start in range(0, len(seen), batch)]
    return hidden.in_order(np.concatenate(parts).astype(np.float32), KEY)


class Trial:
    """A model on a hidden set, tried with one key after another."""

    def __init__(
        self, hidden: HiddenSet, inputs: Floats, model: Model, scoring: Scoring = MAE, batch: int = BATCH
    ) -> None:
        self._hidden, self._inputs, self._model, self._scoring = hidden, inputs, model, scoring
        self._company = predicted(hidden, inputs[hidden.shuffled(KEY)], model, batch)

    def promised(self, sampled: int) -> float:
        """How likely a sample of so many rows holds one that is answered differently alone."""
        alone = np.concatenate([self._model(row[None]) for row in self._inputs])
        rows, looking = len(alone), int((alone != self._company).any(axis=1).sum())
        return 1 - math.comb(rows - looking, sampled) / math.comb(rows, sampled)

    def differing(self, key: int) -> int:
        """How many sampled rows are answered differently."""
        sample = draw(self._hidden.rows, self._hidden.order, random.Random(key))
        parts, start = [], 0
        for size in sample.together:
            parts.append(self._model(self._inputs[list(sample.rows[start : start + size])]))
            start += size
        comparison = Comparison(self._hidden.labels, sample.rows, self._scoring)
        return comparison.differing(np.concatenate(parts).astype(np.float32), self._company[list(sample.rows)])

    def refused(self, keys: int) -> int:
        """How many of so many keys find it out."""
        return sum(self.differing(key) > 0 for key in range(keys))
