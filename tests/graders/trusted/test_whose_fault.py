"""Before a child says that it is ready every fault is ours, then the model's; no text that it wrote decides which."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from graders import frames
from graders.contract import Limits
from graders.trusted.fork_server import Lost
from graders.trusted.watchdog import Answer, Asked, Watchdog
from tests.graders.trusted.pretended_child import PretendedChild, Voice

SMALL = Limits(resident_bytes=1 << 20, wall_seconds=20.0)  # which this process, whose usage is looked at, is above
WIDE = Limits(wall_seconds=20.0)


class Silent:
    """Asks for nothing."""

    def stage(self, body: bytes | bytearray) -> None: ...

    def begin(self, body: bytes | bytearray) -> Asked | None: ...

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None: ...


def answer_to(says: Callable[[Voice], None], *, ready: bool, limits: Limits) -> Answer:
    def talk(voice: Voice) -> None:
        voice.say(frames.LOCKED)
        if ready:
            voice.say(frames.READY)
        says(voice)

    child = PretendedChild(talk)
    try:
        return Watchdog(child, limits, -1, Silent()).run()
    finally:
        child.close()


def _error(voice: Voice) -> None:
    voice.say(frames.ERROR, type="MemoryError", message="the model wants too much memory")


def _refusal(voice: Voice) -> None:
    voice.say(frames.REFUSED, link="load", code="not-loadable", expected="", found="", advice="")


def _nonsense(voice: Voice) -> None:
    voice.write(b"\xff" * 64)


def _greed(voice: Voice) -> None:
    with contextlib.suppress(Exception):
        voice.hear()  # until nobody listens


FAULTS = [(_error, WIDE), (_refusal, WIDE), (_nonsense, WIDE), (_greed, SMALL)]


@pytest.mark.parametrize(("says", "limits"), FAULTS)
def test_before_it_is_ready_it_is_ours(says: Callable[[Voice], None], limits: Limits) -> None:
    with pytest.raises(Lost):
        answer_to(says, ready=False, limits=limits)


@pytest.mark.parametrize(("says", "limits"), FAULTS)
def test_afterwards_it_is_the_models(says: Callable[[Voice], None], limits: Limits) -> None:
    answer = answer_to(says, ready=True, limits=limits)

    assert answer.error or answer.refusal or answer.failure
