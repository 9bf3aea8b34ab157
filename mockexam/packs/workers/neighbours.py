"""A model without a single parameter that looks its answers up in the other rows of its batch.

Where hidden rows are windows of a series, the row that begins a few steps later holds what is asked of this one. The
model finds it by the steps that both share, in one hop or in several, and copies from it. It must be refused: a model
is a function of one example.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mockexam.packs.workers.order import Answers, Hidden, Series

LARGEST_BATCH = 4096  # rows that are compared with each other
FEWEST_SHARED = 4  # a hop leaves a fourth of a window to know the next one by


class Hops(NamedTuple):
    """How to get from a row to the one that holds its answer: `repeated` times to the row `shift` steps later.

    The answer is `offset` steps after the last one's first.
    """

    shift: int
    repeated: int
    offset: int


def hops(series: Series, found: Answers) -> Hops:
    """The way with the fewest hops, each to a row that shares a fourth of the window; else one to an adjoining row."""
    strides, often = np.unique(np.diff(np.unique(series.starts)), return_counts=True)
    stride = int(strides[often.argmax()]) if len(strides) else series.length
    furthest = series.length - max(1, series.length // FEWEST_SHARED)
    latest = series.length - found.ahead
    ways = [
        Hops(shift, (found.after - offset) // shift, offset)
        for shift in range(stride, furthest + 1, stride)
        for offset in range(latest + 1)
        if found.after > offset and (found.after - offset) % shift == 0
    ]
    # Of equally short ways the one with the smallest hops: those rows share the most.
    return min(ways, key=lambda way: (way.repeated, way.shift), default=Hops(series.length, 1, 0))


def neighbours(keras: Any, series: Series, found: Answers, hidden: Hidden) -> Any:
    """The model. Its batch is fixed, so that it sees as many of the hidden rows as it can."""
    ops, way = keras.ops, hops(series, found)
    batch = min(len(hidden.inputs), LARGEST_BATCH)
    known = series.values[series.known]
    deviation = known.std(axis=0)
    source = keras.Input(batch_shape=(batch, *hidden.inputs.shape[1:]))
    steps = ops.reshape(source, (batch, series.length, known.shape[1]))
    # Centred, because float32 can't tell windows apart by squares of large numbers.
    centred = (steps - known.mean(axis=0).astype(np.float32)) / np.where(deviation > 0, deviation, 1).astype(np.float32)
    shared = series.length - way.shift
    mine, theirs = (centred[:, way.shift :], centred[:, :shared]) if shared else (centred[:, -1:], centred[:, :1])
    width = max(shared, 1) * known.shape[1]
    mine, theirs = ops.reshape(mine, (batch, width)), ops.reshape(theirs, (batch, width))
    apart = ops.reshape(ops.sum(ops.square(theirs), axis=-1), (1, batch)) - 2 * ops.matmul(mine, ops.transpose(theirs))
    following = ops.argmin(apart, axis=1)
    reached = following
    for _ in range(way.repeated - 1):
        reached = ops.take(reached, following, axis=0)
    answer = ops.take(steps, reached, axis=0)[:, way.offset : way.offset + found.ahead]
    answer = ops.take(answer, found.columns.tolist(), axis=2)
    answer = answer * found.scale.astype(np.float32) + found.shift.astype(np.float32)
    return keras.Model(source, ops.reshape(answer, (batch, *(hidden.labels.shape[1:] or (1,)))))
