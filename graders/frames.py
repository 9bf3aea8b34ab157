"""How a child answers: frames through its channel, each a type, a length and as many bytes.

The child runs the candidate's code and may send anything, so the reading side believes nothing: every length has a
cap, predictions are held to their shape before their values are taken, and what doesn't fit is a `ForgedFrame`.
Nothing is unpickled, and only small JSON texts of known fields are parsed.

    L  {}                       locked; nothing of the model has been read
    G  {}                       ready to read the model: wall time starts
    X  {"message"}              the lock could not be engaged (only before L)
    S  {"stage", ...}           what was read and loaded: "read", "loaded" (only before W)
    W  {"memory", "notes", ...} the model waits for rows: after this, no more words are believed
    R  {"link", "code", "expected", "found", "advice"}      the contract is broken
    E  {"type", "message"}      the model raised an error
    P  rank, sizes, values      predictions: one byte, 8 bytes a size, float32 little-endian

The other way go questions: each a JSON object (`Question`) and, with it, a descriptor of the rows.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from graders.sentences import Words, sentence, sentences

HEAD = struct.Struct("<cI")
LOCKED, READY, LOCK_FAILED, STAGE, WANTING, REFUSED, ERROR, PREDICTIONS = b"L", b"G", b"X", b"S", b"W", b"R", b"E", b"P"
CAPS = {LOCKED: 64, READY: 64, LOCK_FAILED: 4096, STAGE: 16384, WANTING: 16384, REFUSED: 16384, ERROR: 16384}
MOST_FRAMES = 32
MOST_AXES = 8
MOST_QUESTION_BYTES = 1 << 14
VALUE_BYTES = 4


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a child is to predict; `shape` is that of all of them.

    `together` says how many rows are predicted in one call, call by call; None leaves it to the child, which takes as
    many as it can. With `singly` there is a call for each row, and before each the model is brought back to the state
    in which it was loaded.
    """

    shape: tuple[int, ...]
    together: tuple[int, ...] | None = None
    singly: bool = False


class Expected(NamedTuple):
    """What predictions must be: their shape, where None stands for any size, and the most values of a row."""

    shape: tuple[int | None, ...]
    most_values: int


class ForgedFrame(Exception):  # noqa: N818 - what came, not an error of ours
    """The child sent something that isn't an answer; `found` says what."""

    def __init__(self, found: Words) -> None:
        super().__init__(str(found))
        self.found = found


class Frame(NamedTuple):
    """One piece of the answer."""

    type: bytes
    body: bytes | bytearray


def frame(type_: bytes, body: bytes) -> bytes:
    """The bytes of one frame."""
    return HEAD.pack(type_, len(body)) + body


def shape_head(shape: Sequence[int]) -> bytes:
    """The bytes that precede the values of predictions of this shape."""
    return struct.pack(f"<B{len(shape)}Q", len(shape), *shape)


class FrameReader:
    """Splits what comes out of a channel into frames, and never holds more than the caps allow.

    Predictions are taken only while `expected` is set, and only if their shape is as it says.
    """

    def __init__(self) -> None:
        self.expected: Expected | None = None
        self._buffer = bytearray()
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with `data`; raises ForgedFrame as soon as one can't be right."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            type_, length = HEAD.unpack_from(self._buffer)
            self._judge(type_, length)
            end = HEAD.size + length
            if len(self._buffer) < end:
                return
            body = self._buffer
            self._buffer = body[end:]
            del body[end:]
            del body[: HEAD.size]
            self._frames += 1
            if self._frames > MOST_FRAMES:
                raise ForgedFrame(sentence("too many frames"))
            yield Frame(type_, body)

    def _judge(self, type_: bytes, length: int) -> None:
        """Raise ForgedFrame for a frame that may not come, by what has come of it."""
        if type_ == PREDICTIONS:
            self._judge_predictions(length)
        elif type_ not in CAPS:
            raise ForgedFrame(sentence("an unknown frame"))
        elif length > CAPS[type_]:
            raise _too_long(length)

    def _judge_predictions(self, length: int) -> None:
        if self.expected is None:
            raise ForgedFrame(sentence("an answer out of turn"))
        axes = len(self.expected.shape)
        most = (self.expected.shape[0] or 0) * self.expected.most_values * VALUE_BYTES
        if length > 1 + 8 * axes + most:
            raise _too_long(length)
        if len(self._buffer) >= HEAD.size + 1 + 8 * axes:
            _judge_shape(_shape(memoryview(self._buffer)[HEAD.size :], axes), self.expected, length)


def _too_long(length: int) -> ForgedFrame:
    return ForgedFrame(sentences("a frame of {count} byte", "a frame of {count} bytes", count=length))


def read_predictions(body: bytes | bytearray | memoryview, expected: Expected) -> tuple[tuple[int, ...], memoryview]:
    """The shape and the values (float32, little-endian, C order) in the body of a frame of predictions.

    Raises ForgedFrame unless the shape is as expected and the length is what that shape needs.
    """
    view = memoryview(body)
    shape = _shape(view, len(expected.shape))
    _judge_shape(shape, expected, len(view))
    return shape, view[1 + 8 * len(shape) :]


def _shape(view: memoryview, axes: int) -> tuple[int, ...]:
    found = view[0] if len(view) else 0
    if found != axes or axes > MOST_AXES or len(view) < 1 + 8 * axes:
        raise ForgedFrame(sentences("predictions with {count} axis", "predictions with {count} axes", count=found))
    shape: tuple[int, ...] = struct.unpack_from(f"<{axes}Q", view, 1)
    return shape


def _judge_shape(shape: tuple[int, ...], expected: Expected, length: int) -> None:
    """`length` is that of the whole body in bytes."""
    if any(size is not None and size != found for size, found in zip(expected.shape, shape, strict=True)):
        raise ForgedFrame(sentence("predictions of shape {shape}", shape=shape))
    if math.prod(shape[1:]) > expected.most_values:
        raise ForgedFrame(sentence("predictions of shape {shape}", shape=shape))
    if 1 + 8 * len(shape) + math.prod(shape) * VALUE_BYTES != length:
        raise ForgedFrame(sentence("predictions whose length and shape disagree"))
