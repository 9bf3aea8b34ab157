"""How a child answers: frames through a pipe, each a type, a length and as many bytes.

The child runs the candidate's code and may send anything, so the reading side believes nothing: every length has a
cap, predictions have a size known beforehand, and what doesn't fit is a `ForgedFrame`. Nothing is unpickled, and only
small JSON texts of known fields are parsed.

    L  {}                       locked; nothing of the model has been read
    G  {}                       ready to read the model: wall time starts
    X  {"message"}              the lock could not be engaged (only before L)
    S  {"stage", ...}           a stage is done: "loaded", "predicted"
    R  {"link", "code", "expected", "found", "advice"}      the contract is broken
    E  {"type", "message"}      the model raised an error
    P  rank, sizes, values      predictions: one byte, 8 bytes a size, float32 little-endian
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graders.sentences import Words, sentence, sentences

HEAD = struct.Struct("<cI")
LOCKED, READY, LOCK_FAILED, STAGE, REFUSED, ERROR, PREDICTIONS = b"L", b"G", b"X", b"S", b"R", b"E", b"P"
CAPS = {LOCKED: 64, READY: 64, LOCK_FAILED: 4096, STAGE: 16384, REFUSED: 16384, ERROR: 16384}
MOST_FRAMES = 32
MOST_AXES = 8
LARGEST_RESULT = 256 << 20  # bytes, for outputs whose length the contract leaves open
VALUE_BYTES = 4


class ForgedFrame(Exception):  # noqa: N818 - what came, not an error of ours
    """The child sent something that isn't an answer; `found` says what."""

    def __init__(self, found: Words) -> None:
        super().__init__(str(found))
        self.found = found


class Frame(NamedTuple):
    """One piece of the answer."""

    type: bytes
    body: bytes


def frame(type_: bytes, body: bytes) -> bytes:
    """The bytes of one frame."""
    return HEAD.pack(type_, len(body)) + body


def shape_head(shape: Sequence[int]) -> bytes:
    """The bytes that precede the values of predictions of this shape."""
    return struct.pack(f"<B{len(shape)}Q", len(shape), *shape)


def largest_predictions(rows: int, output_shape: Sequence[int | None]) -> int:
    """The most bytes a frame of predictions may have: exactly this many where the contract leaves nothing open."""
    head = 1 + 8 * MOST_AXES
    if any(size is None for size in output_shape):
        return LARGEST_RESULT
    return head + rows * math.prod(size or 0 for size in output_shape) * VALUE_BYTES


def read_predictions(
    body: bytes | bytearray | memoryview, rows: int, output_shape: Sequence[int | None]
) -> tuple[tuple[int, ...], memoryview]:
    """The shape and the values (float32, little-endian, C order) in the body of a frame of predictions.

    Raises ForgedFrame unless the shape is (rows, *output_shape) and the length is what that shape needs.
    """
    view = memoryview(body)
    axes = view[0] if len(view) else 0
    if axes != 1 + len(output_shape) or axes > MOST_AXES or len(view) < 1 + 8 * axes:
        raise ForgedFrame(sentences("predictions with {count} axis", "predictions with {count} axes", count=axes))
    shape: tuple[int, ...] = struct.unpack_from(f"<{axes}Q", view, 1)
    wanted = (rows, *output_shape)
    if any(size is not None and size != found for size, found in zip(wanted, shape, strict=True)):
        raise ForgedFrame(sentence("predictions of shape {shape}", shape=shape))
    values = view[1 + 8 * axes :]
    if math.prod(shape) * VALUE_BYTES != len(values):
        raise ForgedFrame(sentence("predictions whose length and shape disagree"))
    return shape, values


class FrameReader:
    """Splits what comes out of a pipe into frames, and never holds more than the caps allow.

    `largest` is the cap of the frame of predictions in bytes.
    """

    def __init__(self, largest: int) -> None:
        self._caps = {**CAPS, PREDICTIONS: largest}
        self._buffer = bytearray()
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with `data`; raises ForgedFrame."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            type_, length = HEAD.unpack_from(self._buffer)
            cap = self._caps.get(type_)
            if cap is None:
                raise ForgedFrame(sentence("an unknown frame"))
            if length > cap:
                raise ForgedFrame(sentences("a frame of {count} byte", "a frame of {count} bytes", count=length))
            end = HEAD.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[HEAD.size : end])
            del self._buffer[:end]
            self._frames += 1
            if self._frames > MOST_FRAMES:
                raise ForgedFrame(sentence("too many frames"))
            yield Frame(type_, body)
