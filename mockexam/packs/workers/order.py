"""The order in time of hidden rows, and what looking answers up in other rows would score. Needs NumPy.

Hidden rows that are windows of one series share runs of values, from which their order can be put together again; so a
model that sees many rows at once can find what it is asked for in another row. How well that works is measured here,
outside the grader and without a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from graders.contract import Scoring
from graders.scoring.sheet import Sheet
from mockexam.packs.workers.requests import LookUp

Array = np.ndarray[Any, Any]
MOST_VALUES = 20_000_000  # of a hidden set whose order is looked for
RUN_PARTS = (4, 2)  # a run of a fourth of a window links two rows, of a half where values seldom change
AGREEING = 0.99  # of the rows with the series that all make up together; fewer were linked by chance
MOST_TRIED = 16  # places where the same run was found, that are compared whole
LONGEST_LEAD = 400  # steps from the end of a window to the first predicted one
ALIKE = 0.9999  # correlation from which labels and values of the series are taken for the same
FEWEST = 8  # rows whose labels are found, without which nothing is concluded
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # Knuth's, for hashing


class Series(NamedTuple):
    """The series that rows are windows of.

    `starts` (n,) is the step at which each row begins, `values` (steps, features) what all rows together say of each
    step, `known` (steps,) whether any row does, and `length` the steps of a row.
    """

    starts: Array
    values: Array
    known: Array
    length: int


class Answers(NamedTuple):
    """Where the answers are in a series: `after` steps after a row begins, `ahead` steps of them.

    They are the features `columns`, times `scale` plus `shift` (each of one value per unit).
    """

    after: int
    ahead: int
    columns: Array
    scale: Array
    shift: Array


def windows(inputs: Array) -> Array | None:
    """The rows as windows (n, steps, features); None when they can't be windows of a series."""
    if inputs.dtype.kind not in "biuf" or inputs.ndim not in (2, 3) or inputs.shape[1] < 2:
        return None
    return inputs.reshape(*inputs.shape[:2], -1) if inputs.size <= MOST_VALUES else None


def series_of(inputs: Array, time: Array | None = None) -> Series | None:
    """The series behind the rows (n, steps) or (n, steps, features); None when that isn't known.

    It is put together from the runs that rows share. Where most share none, `time` (n,) tells when each row begins, as
    long as it counts in steps.
    """
    rows = windows(inputs)
    starts = None if rows is None else _starts(rows)
    if starts is None and rows is not None and time is not None:
        starts = _given(time, MOST_VALUES // rows.shape[2])
    if rows is None or starts is None:
        return None
    length = rows.shape[1]
    values = np.zeros((int(starts.max()) + length, rows.shape[2]))
    known = np.zeros(len(values), bool)
    for step in range(length):
        values[starts + step] = rows[:, step]
        known[starts + step] = True
    agreeing = [(values[start : start + length] == row).all() for start, row in zip(starts, rows, strict=True)]
    return Series(starts, values, known, length) if np.mean(agreeing) >= AGREEING else None


def _given(time: Array, most: int) -> Array | None:
    """Starts as an author gave them; None when they aren't whole numbers of steps within `most`."""
    starts = time - time.min()
    return starts.astype(np.int64) if (starts % 1 == 0).all() and starts.max() < most else None


def _starts(rows: Array) -> Array | None:
    """The step at which each row begins, (n,); series that share nothing with each other lie far apart."""
    count, length, _ = rows.shape
    flat = np.ascontiguousarray(rows.astype(np.float64) + 0.0).reshape(count * length, -1)  # no negative zeros
    bytes_of_steps = flat.view(np.dtype((np.void, flat.itemsize * flat.shape[1])))  # ordered faster than columns are
    steps = np.unique(bytes_of_steps, return_inverse=True)[1].reshape(count, length)
    for part in RUN_PARTS:
        runs = _runs(steps, max(2, length // part))
        linked: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for row, earlier, shift in _links(steps, runs):
            linked[row].append((earlier, -shift))
            linked[earlier].append((row, shift))
        if 2 * sum(map(bool, linked)) >= count:
            starts = _placed(linked, length)
            return starts if _elsewhere(runs, starts) <= 1 - AGREEING else None
    return None


def _placed(linked: list[list[tuple[int, int]]], length: int) -> Array:
    """Where each row begins: `linked` has for each the rows that are linked to it, and how much later they begin."""
    starts = np.full(len(linked), -1, np.int64)
    free = 0
    for first in range(len(linked)):
        if starts[first] < 0:
            group = _group(first, linked)
            lowest = min(group.values())
            for row, start in group.items():
                starts[row] = free + start - lowest
            free += max(group.values()) - lowest + 4 * length
    return starts


class Runs(NamedTuple):
    """Every run of some steps in every row: `keys` (n, places) tell them apart, `telling` which are no chance."""

    keys: Array
    telling: Array


def _runs(steps: Array, run: int) -> Runs:
    """The runs of `run` steps; `steps` (n, length) has a number for each different step."""
    places = steps.shape[1] - run + 1
    keys = np.zeros((len(steps), places), np.uint64)
    for step in range(run):
        keys = keys * MULTIPLIER + steps[:, step : step + places].astype(np.uint64)
    turns = np.cumsum(np.pad(np.diff(steps, axis=1) != 0, ((0, 0), (1, 0))), axis=1)
    # A run that hardly changes, such as the nights of a year, is the same by chance.
    return Runs(keys, turns[:, run - 1 :] - turns[:, :places] >= min(2, run - 1))


def _elsewhere(runs: Runs, starts: Array) -> float:
    """The share of telling runs that were found at several steps of the series: then its order is a guess."""
    steps = (starts[:, None] + np.arange(runs.keys.shape[1]))[runs.telling]
    keys = runs.keys[runs.telling]
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=keys[order][:1] + np.uint64(1)))
    lowest, highest = (of.reduceat(steps[order], first) for of in (np.minimum, np.maximum))
    return float((lowest != highest).mean())


def _links(steps: Array, runs: Runs) -> Iterator[tuple[int, int, int]]:
    """Row, a row that begins the fewest steps earlier and runs into it, and those steps."""
    length, places = steps.shape[1], runs.keys.shape[1]
    order = np.argsort(runs.keys, axis=None, kind="stable")
    ordered = runs.keys.reshape(-1)[order]
    asked = np.flatnonzero(runs.telling.any(axis=1))
    first = runs.telling.argmax(axis=1)[asked]
    wanted = runs.keys[asked, first]
    lowest, highest = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
    for row, place, low, high in zip(asked, first, lowest, highest, strict=True):
        others, at = np.divmod(order[low:high], places)
        shifts = at - place
        for found in np.argsort(shifts, kind="stable")[np.count_nonzero(shifts <= 0) :][:MOST_TRIED]:
            other, shift = int(others[found]), int(shifts[found])
            if (steps[other, shift:] == steps[row, : length - shift]).all():
                yield int(row), other, shift
                break


def _group(first: int, linked: list[list[tuple[int, int]]]) -> dict[int, int]:
    """Every row that is linked to the first one, with its start relative to that one's."""
    starts, waiting = {first: 0}, [first]
    while waiting:
        row = waiting.pop()
        for other, shift in linked[row]:
            if other not in starts:
                starts[other] = starts[row] + shift
                waiting.append(other)
    return starts


def answers_in(series: Series, labels: Array) -> Answers | None:
    """Where the labels (n, …) are found in the series; None when they aren't, or each row holds its own."""
    best: tuple[float, Answers] | None = None
    for ahead, units in _layouts(labels.shape[1:], series.values.shape[1]):
        wanted = labels.reshape(len(labels), ahead, units).astype(np.float64)
        for after in range(max(1, series.length - ahead + 1), series.length + LONGEST_LEAD):
            alike, columns = _likeness(series, wanted, after)
            if alike > ALIKE and (best is None or alike > best[0] + 1e-9):
                best = alike, _fitted(series, wanted, Answers(after, ahead, columns, np.ones(units), np.zeros(units)))
    return best[1] if best is not None else None


def _layouts(shape: tuple[int, ...], features: int) -> Iterator[tuple[int, int]]:
    """How labels of that shape may be (steps, units)."""
    size = int(np.prod(shape))
    found = [shape] if len(shape) == 2 else []
    for ahead, units in dict.fromkeys([*found, (size, 1), (1, size)]):
        if units <= features:
            yield ahead, units


def _covered(series: Series, after: int, ahead: int) -> Array:
    """The rows for which the series knows all `ahead` steps that begin `after` steps after theirs."""
    known = np.concatenate([[0], np.cumsum(series.known)])
    first = np.minimum(series.starts + after, len(series.known))
    last = np.minimum(first + ahead, len(series.known))
    return np.flatnonzero(known[last] - known[first] == ahead)


def _likeness(series: Series, wanted: Array, after: int) -> tuple[float, Array]:
    """The least correlation of a unit with the feature that is most like it, and those features."""
    rows = _covered(series, after, wanted.shape[1])
    if len(rows) < max(FEWEST, len(wanted) // 4):
        return 0.0, np.zeros(0, int)
    values = _standard(series.values[series.starts[rows] + after])
    labels = _standard(wanted[rows, 0])
    alike = abs(labels.T @ values) / len(rows)
    return float(alike.max(axis=1).min()), alike.argmax(axis=1)


def _standard(columns: Array) -> Array:
    deviation = columns.std(axis=0)
    result: Array = (columns - columns.mean(axis=0)) / np.where(deviation > 0, deviation, np.inf)
    return result


def _fitted(series: Series, wanted: Array, found: Answers) -> Answers:
    """The answers with the scale and shift that bring the series' values nearest to the labels (least squares)."""
    rows = _covered(series, found.after, found.ahead)
    values = series.values[series.starts[rows, None] + found.after + np.arange(found.ahead)][..., found.columns]
    lines = [
        np.polyfit(values[..., unit].reshape(-1), wanted[rows, :, unit].reshape(-1), 1)
        for unit in range(wanted.shape[2])
    ]
    scale, shift = np.array(lines).T
    return found._replace(scale=scale, shift=shift)


def looked_up(series: Series, found: Answers, later: int) -> Array:
    """Predictions (n, ahead, units) that copy the series, `later` steps after the answers.

    Where no row knows a step, the last one of the row itself stands for it.
    """
    last = (series.starts + series.length - 1)[:, None]
    steps = series.starts[:, None] + found.after + later + np.arange(found.ahead)
    there = np.pad(series.known, (0, int(steps.max()) + 1))[steps]
    predicted = series.values[np.where(there, steps, last)][..., found.columns]
    result: Array = predicted * found.scale + found.shift
    return result


def times(inputs: Array, labels: Array) -> Array | None:
    """The position in time (n,) of the first predicted value of each row; None when the rows don't tell."""
    series = series_of(inputs)
    if series is None:
        return None
    found = answers_in(series, labels)
    first: Array = series.starts + (found.after if found is not None else series.length)
    return first


class Hidden(NamedTuple):
    """What a hidden set holds: `inputs` and `labels` (n, …), and `time` (n,) where it says when its rows are."""

    inputs: Array
    labels: Array
    time: Array | None

    @property
    def series(self) -> Series | None:
        """The series behind the rows, if any."""
        return series_of(self.inputs, self.time)


def read(hidden: Path) -> Hidden:
    """The arrays of a hidden set that has been inspected."""
    with np.load(hidden, allow_pickle=False) as arrays:
        time = arrays["time"] if "time" in arrays.files else None
        return Hidden(arrays["inputs"], arrays["labels"], time)


def different_labels(hidden: Hidden) -> Array:
    """The labels (n, …), of a series each only once: overlapping rows ask for the same steps again."""
    series = hidden.series
    if series is None or (found := answers_in(series, hidden.labels)) is None:
        return hidden.labels
    steps = series.starts[:, None] + found.after + np.arange(found.ahead)
    first = np.unique(steps, return_index=True)[1]
    different: Array = hidden.labels.reshape(steps.size, -1)[first]
    return different


def with_times(source: Path, target: Path) -> bool:
    """Write the hidden set at `source` to `target`, with the times of its rows; returns whether they are known."""
    inputs, labels, time = read(source)
    time = times(inputs, labels) if time is None else time
    arrays = {"inputs": inputs, "labels": labels} | ({} if time is None else {"time": time})
    np.savez_compressed(target, allow_pickle=False, **arrays)
    return time is not None


def look_up(hidden: Path, scoring: Scoring) -> LookUp:
    """What looking answers up in the other hidden rows scores: in those that hold them, and in those that adjoin."""
    arrays = read(hidden)
    if (series := arrays.series) is None:
        return LookUp(ordered=arrays.time is not None)
    if (found := answers_in(series, arrays.labels)) is None:
        return LookUp(ordered=True)
    held, adjoining = (_scores(looked_up(series, found, later), arrays.labels, scoring) for later in (0, found.ahead))
    return LookUp(ordered=True, held=held, adjoining=adjoining)


def _scores(predictions: Array, labels: Array, scoring: Scoring) -> dict[str, float]:
    """Each metric over all rows."""
    sheet = Sheet(predictions.reshape(labels.shape).astype(np.float32), labels, scoring)
    return {name: float(values[0]) for name, values in sheet.of_draws([np.arange(sheet.rows)]).items()}
