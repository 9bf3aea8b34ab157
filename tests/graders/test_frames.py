"""Framing: what was sent comes out whatever way the pipe cuts it; what wasn't agreed never does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders import frames

types = st.sampled_from([frames.LOCKED, frames.READY, frames.STAGE, frames.REFUSED, frames.ERROR, frames.PREDICTIONS])
messages = st.lists(st.tuples(types, st.binary(max_size=60)), max_size=frames.MOST_FRAMES)


@given(messages, st.lists(st.integers(1, 40), min_size=1))
def test_frames_survive_any_cutting(sent: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(frames.frame(type_, body) for type_, body in sent)
    reader, received, at, turn = frames.FrameReader(1 << 10), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        received += [(frame.type, frame.body) for frame in reader.feed(stream[at : at + size])]
        at, turn = at + size, turn + 1

    assert received == sent


@given(st.binary(max_size=4000))
def test_arbitrary_bytes_give_frames_or_are_called_forged(data: bytes) -> None:
    reader = frames.FrameReader(1 << 10)
    try:
        taken = list(reader.feed(data))
    except frames.ForgedFrame:
        return
    assert sum(frames.HEAD.size + len(frame.body) for frame in taken) <= len(data)


@given(st.lists(st.integers(0, 5), min_size=0, max_size=3), st.integers(1, 6))
def test_predictions_survive(sizes: list[int], rows: int) -> None:
    values = np.arange(rows * math.prod(sizes), dtype="<f4").reshape(rows, *sizes)

    shape, raw = frames.read_predictions(frames.shape_head(values.shape) + values.tobytes(), rows, sizes)

    assert shape == values.shape
    assert np.frombuffer(raw, "<f4").tobytes() == values.tobytes()


@given(st.binary(max_size=200), st.integers(1, 9), st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=3))
def test_what_is_read_is_what_was_asked_for(body: bytes, rows: int, sizes: list[int | None]) -> None:
    try:
        shape, raw = frames.read_predictions(body, rows, sizes)
    except frames.ForgedFrame:
        return
    assert shape[0] == rows
    assert all(wanted in (None, found) for wanted, found in zip(sizes, shape[1:], strict=True))
    assert len(raw) == 4 * math.prod(shape)


@given(st.lists(st.integers(1, 5), max_size=3), st.integers(1, 6), st.integers(-9, 9).filter(bool))
def test_values_of_another_length_than_their_shape_are_forged(sizes: list[int], rows: int, more: int) -> None:
    values = bytes(max(0, 4 * rows * math.prod(sizes) + more))

    with pytest.raises(frames.ForgedFrame):
        frames.read_predictions(frames.shape_head((rows, *sizes)) + values, rows, sizes)


def test_too_many_frames_are_forged() -> None:
    reader = frames.FrameReader(100)
    with pytest.raises(frames.ForgedFrame):
        list(reader.feed(frames.frame(frames.STAGE, b"{}") * (frames.MOST_FRAMES + 1)))


def test_a_length_beyond_the_cap_is_forged_before_its_bytes_come() -> None:
    with pytest.raises(frames.ForgedFrame):
        list(frames.FrameReader(100).feed(frames.HEAD.pack(frames.PREDICTIONS, 101)))
