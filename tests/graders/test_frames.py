"""Framing: what was sent comes out whatever way the channel cuts it; what wasn't agreed never does."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from graders import frames

MOST_VALUES = 1 << 10

types = st.sampled_from([frames.LOCKED, frames.READY, frames.STAGE, frames.WANTING, frames.REFUSED, frames.ERROR])
messages = st.lists(st.tuples(types, st.binary(max_size=60)), max_size=frames.MOST_FRAMES)
open_sizes = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=3)


def _expected(rows: int, sizes: Sequence[int | None], most: int = MOST_VALUES) -> frames.Expected:
    return frames.Expected((rows, *sizes), most)


def _reader(expected: frames.Expected | None = None) -> frames.FrameReader:
    reader = frames.FrameReader()
    reader.expected = expected
    return reader


def _fed_without_end(reader: frames.FrameReader, head: bytes) -> None:
    list(reader.feed(head))
    for _ in range(1020):
        list(reader.feed(bytes(1 << 18)))


def _body(values: NDArray[np.float32]) -> bytes:
    return frames.shape_head(values.shape) + values.tobytes()


def _fed(reader: frames.FrameReader, stream: bytes, cuts: Sequence[int]) -> list[tuple[bytes, bytes]]:
    received, at, turn = [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        received += [(frame.type, bytes(frame.body)) for frame in reader.feed(stream[at : at + size])]
        at, turn = at + size, turn + 1
    return received


@given(messages, st.lists(st.integers(1, 40), min_size=1))
def test_frames_survive_any_cutting(sent: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(frames.frame(type_, body) for type_, body in sent)

    assert _fed(_reader(), stream, cuts) == sent


@given(st.integers(1, 6), st.lists(st.integers(1, 4), max_size=3), st.lists(st.integers(1, 40), min_size=1))
def test_predictions_survive_any_cutting(rows: int, sizes: list[int], cuts: list[int]) -> None:
    body = _body(np.arange(rows * math.prod(sizes), dtype="<f4").reshape(rows, *sizes))
    stream = frames.frame(frames.PREDICTIONS, body) + frames.frame(frames.STAGE, b"{}")

    assert _fed(_reader(_expected(rows, sizes)), stream, cuts) == [(frames.PREDICTIONS, body), (frames.STAGE, b"{}")]


@given(st.binary(max_size=4000), st.one_of(st.none(), st.tuples(st.integers(1, 9), open_sizes)))
def test_arbitrary_bytes_give_frames_or_are_called_forged(
    data: bytes, wanted: tuple[int, list[int | None]] | None
) -> None:
    try:
        taken = list(_reader(_expected(*wanted) if wanted else None).feed(data))
    except frames.ForgedFrame:
        return
    assert sum(frames.HEAD.size + len(frame.body) for frame in taken) <= len(data)


@given(st.lists(st.integers(0, 5), min_size=0, max_size=3), st.integers(1, 6))
def test_predictions_survive(sizes: list[int], rows: int) -> None:
    values = np.arange(rows * math.prod(sizes), dtype="<f4").reshape(rows, *sizes)

    shape, raw = frames.read_predictions(_body(values), _expected(rows, sizes))

    assert shape == values.shape
    assert np.frombuffer(raw, "<f4").tobytes() == values.tobytes()


@given(st.binary(max_size=200), st.integers(1, 9), open_sizes)
def test_what_is_read_is_what_was_asked_for(body: bytes, rows: int, sizes: list[int | None]) -> None:
    try:
        shape, raw = frames.read_predictions(body, _expected(rows, sizes))
    except frames.ForgedFrame:
        return
    assert shape[0] == rows
    assert all(wanted in (None, found) for wanted, found in zip(sizes, shape[1:], strict=True))
    assert len(raw) == 4 * math.prod(shape)
    assert math.prod(shape[1:]) <= MOST_VALUES


@given(st.lists(st.integers(1, 5), max_size=3), st.integers(1, 6), st.integers(-9, 9).filter(bool))
def test_values_of_another_length_than_their_shape_are_forged(sizes: list[int], rows: int, more: int) -> None:
    values = bytes(max(0, 4 * rows * math.prod(sizes) + more))

    with pytest.raises(frames.ForgedFrame):
        frames.read_predictions(frames.shape_head((rows, *sizes)) + values, _expected(rows, sizes))


def test_too_many_frames_are_forged() -> None:
    with pytest.raises(frames.ForgedFrame):
        list(_reader().feed(frames.frame(frames.STAGE, b"{}") * (frames.MOST_FRAMES + 1)))


def test_predictions_that_nobody_asked_for_are_forged_at_once() -> None:
    with pytest.raises(frames.ForgedFrame):
        list(_reader().feed(frames.HEAD.pack(frames.PREDICTIONS, 14)))


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (10 + 4 * 3 * MOST_VALUES + 8, b""),  # longer than anything that was asked for
        (17 + 4 * 6, frames.shape_head((2, 3))),  # another number of rows
        (17 + 4 * 3 * (MOST_VALUES + 1), frames.shape_head((3, MOST_VALUES + 1))),  # too many values for a row
        (17 + 4 * 3 * 5, frames.shape_head((3, 4))),  # a length that doesn't fit the shape
        (17 + 4 * 3 * 5, frames.shape_head((3,)) + bytes(8)),  # another number of axes
    ],
)
def test_predictions_are_judged_before_their_values_come(length: int, head: bytes) -> None:
    with pytest.raises(frames.ForgedFrame):
        list(_reader(_expected(3, [None])).feed(frames.HEAD.pack(frames.PREDICTIONS, length) + head))


def test_forged_predictions_take_no_memory() -> None:
    reader = _reader(_expected(3, [None]))
    tracemalloc.start()
    try:
        with pytest.raises(frames.ForgedFrame):
            _fed_without_end(reader, frames.HEAD.pack(frames.PREDICTIONS, 255 << 20))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
