"""What is believed of a child, and until when: its words before it sees a row, afterwards only what was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from graders import frames
from graders.contract import Limits
from graders.trusted.watchdog import Answer, Asked, Watchdog
from tests.graders.trusted.pretended_child import PretendedChild, Talk, Voice, asked

ROWS = np.arange(6, dtype=np.float32).reshape(3, 2)


class Twice:
    """Asks for the same rows twice, and keeps what it was told."""

    def __init__(self) -> None:
        self.stages: list[bytes] = []
        self.begun: list[bytes] = []
        self.answers: list[NDArray[np.float32]] = []

    def stage(self, body: bytes | bytearray) -> None:
        self.stages.append(bytes(body))

    def begin(self, body: bytes | bytearray) -> Asked | None:
        self.begun.append(bytes(body))
        return asked(ROWS, (1,))

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None:
        self.answers.append(np.frombuffer(values, "<f4").reshape(shape))
        return asked(ROWS, (1,)) if len(self.answers) < 2 else None


def _watched(talk: Talk) -> tuple[Answer, Twice]:
    child, interview = PretendedChild(talk), Twice()
    try:
        return Watchdog(child, Limits(wall_seconds=20.0), -1, interview).run(), interview
    finally:
        child.close()


def _sums(voice: Voice) -> None:
    for _ in range(2):
        _, rows = voice.hear()
        voice.answer(rows.sum(axis=1, keepdims=True))


def test_a_child_is_shown_rows_once_it_waits_for_them() -> None:
    def talk(voice: Voice) -> None:
        voice.begin()
        voice.say(frames.STAGE, stage="loaded")
        voice.say(frames.WANTING, memory="nothing")
        _sums(voice)

    answer, interview = _watched(talk)

    assert answer.complete
    assert answer.asked
    assert len(interview.stages) == len(interview.begun) == 1
    assert [each[:, 0].tolist() for each in interview.answers] == [[1.0, 5.0, 9.0]] * 2


def _before_it_waits(voice: Voice) -> None:
    voice.answer(np.zeros((3, 1)))


def _stage_afterwards(voice: Voice) -> None:
    voice.say(frames.WANTING)
    voice.hear()
    voice.say(frames.STAGE, stage="loaded", notes=["a label"])


def _waits_again(voice: Voice) -> None:
    voice.say(frames.WANTING)
    voice.hear()
    voice.say(frames.WANTING)


def _other_shape(voice: Voice) -> None:
    voice.say(frames.WANTING)
    voice.hear()
    voice.answer(np.zeros((2, 1)))


def _too_long(voice: Voice) -> None:
    voice.say(frames.WANTING)
    voice.hear()
    voice.write(frames.HEAD.pack(frames.PREDICTIONS, 255 << 20))
    for _ in range(1020):
        voice.write(bytes(1 << 18))


@pytest.mark.parametrize("lie", [_before_it_waits, _stage_afterwards, _waits_again, _other_shape, _too_long])
def test_what_comes_out_of_turn_is_forged(lie: Callable[[Voice], None]) -> None:
    def talk(voice: Voice) -> None:
        voice.begin()
        lie(voice)

    answer, interview = _watched(talk)

    assert answer.failure is not None
    assert answer.failure[0] == "forged"
    assert not answer.complete
    assert interview.answers == []
    assert interview.stages == []


def test_what_comes_after_the_last_answer_is_not_read() -> None:
    def talk(voice: Voice) -> None:
        voice.begin()
        voice.say(frames.WANTING)
        _sums(voice)
        voice.say(frames.REFUSED, link="load", code="x", expected="", found="", advice="")

    answer, _ = _watched(talk)

    assert answer.complete
    assert answer.refusal is None


def test_a_child_that_ends_before_it_hears_the_question_ended_by_itself() -> None:
    def talk(voice: Voice) -> None:
        voice.begin()
        voice.say(frames.WANTING)

    answer, _ = _watched(talk)

    assert answer.failure is not None
    assert answer.failure[0] == "silent"
