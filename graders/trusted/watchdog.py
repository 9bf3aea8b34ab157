"""Watches one child until it has answered, keeps its limits, and never believes it.

What it is asked, and what its answers are worth, is for an `Interview` to say.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import msgspec

from graders import frames, threads
from graders.contract import Limits
from graders.sentences import Words, sentence, sentences
from graders.texts import clean
from graders.trusted.fork_server import Child, Lost
from graders.usage import kills_for_memory, processor_seconds, usage

STEP_SECONDS = 0.05
MOST_UNSEEN = 10
MOST_OUTPUT = 64 << 20
LINGER_SECONDS = 0.5
CHUNK = 1 << 18
MOST_SAID = 400
NEITHERS_FAULT = ("cancelled", "lock")  # codes that a verdict has of its own


class Asked(NamedTuple):
    """A question, the descriptor of its rows, which is closed once it is sent, and what must come back."""

    question: frames.Question
    rows: int
    expected: frames.Expected


class Interview(Protocol):
    """What a child is asked. `stage` and `begin` get what it told of itself while it hadn't seen a row."""

    def stage(self, body: bytes | bytearray) -> None:
        """The child has read or loaded the model."""

    def begin(self, body: bytes | bytearray) -> Asked | None:
        """The child waits for rows; the first question, None for none."""

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None:
        """Take the answer to the last question, float32 in C order; the next question, None when that was all."""


@dataclass
class Answer:
    """What became of a child: it answered everything (`complete`), or one of `refusal`, `error` and `failure` is set.

    `asked` is whether it had seen rows by then. `failure` is a code and what was found. `peak` is in bytes; `moments`
    are seconds since the fork.
    """

    complete: bool = False
    asked: bool = False
    refusal: bytes | None = None
    error: bytes | None = None
    failure: tuple[str, Words] | None = None
    moments: dict[str, float] = field(default_factory=dict)
    peak: int = 0
    cpu: float = 0.0


class _Stop(Exception):  # noqa: N818 - an order
    """There is nothing more to wait for."""


class Watchdog:
    """One child, one interview; `cancelled` becomes readable when it should stop."""

    def __init__(self, child: Child, limits: Limits, cancelled: int, interview: Interview) -> None:
        self._child = child
        self._limits = limits
        self._reader = frames.FrameReader()
        self._cancelled = cancelled
        self._interview = interview
        self._answer = Answer()
        self._began = time.monotonic()
        self._deadline = self._began + child.start_seconds
        self._locked = self._ready = False
        self._printed = 0
        self._said = b""
        self._looked = 0.0
        self._unseen = 0
        self._most_threads = threads.most_for_a_model()
        self._spent_before: float | None = None  # processor time by the moment it was ready
        self._kills_before = kills_for_memory()

    def run(self) -> Answer:
        """Wait for the answer; raises Lost when the child was lost through no fault of its own."""
        self._child.channel.setblocking(False)
        os.set_blocking(self._child.output, False)
        try:
            with contextlib.suppress(_Stop):
                while True:
                    self._turn()
        except frames.ForgedFrame as forged:
            self._fail("forged", forged.found)
        return self._settle()

    # ------------------------------------------------------------------------- while it runs

    def _turn(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._time_out()
        poll = select.poll()
        for descriptor in (self._child.channel.fileno(), self._child.output, self._cancelled):
            if descriptor >= 0:
                poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(1000 * min(STEP_SECONDS, max(left, 0.001))):
            if descriptor == self._cancelled:
                self._fail("cancelled", sentence("it was cancelled"))
                raise _Stop
            self._read(descriptor)
        self._look()

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        except ConnectionResetError:  # it ended before it had read its question
            data = b""
        if descriptor == self._child.output:
            self._count_output(data)
        elif data:
            for frame in self._reader.feed(data):
                self._take(frame)
        else:
            raise _Stop

    def _count_output(self, data: bytes) -> None:
        if not data:
            os.close(self._child.output)
            self._child.output = -1
        if not self._ready:  # still our own code's words
            self._said = (self._said + data)[:MOST_SAID]
        self._printed += len(data)
        if self._printed > MOST_OUTPUT:
            self._fail("output", sentence("it printed more than {size} MiB", size=MOST_OUTPUT >> 20))
            raise _Stop

    def _take(self, frame: frames.Frame) -> None:
        answer = self._answer
        if answer.refusal is not None or answer.error is not None:
            raise frames.ForgedFrame(sentence("more than one answer"))
        if frame.type == frames.LOCKED and not self._locked:
            self._locked = True
            self._mark("locked")
        elif frame.type == frames.READY and self._locked and not self._ready:
            self._ready = True
            self._mark("ready")
            self._spent_before = processor_seconds(self._child.process)
            self._deadline = time.monotonic() + self._limits.wall_seconds
        elif frame.type == frames.LOCK_FAILED and not self._locked:
            self._fail("lock", bytes(frame.body).decode(errors="replace"))
            raise _Stop
        elif not self._ready:
            raise frames.ForgedFrame(sentence("an answer out of turn"))
        else:
            self._take_answer(frame)

    def _take_answer(self, frame: frames.Frame) -> None:
        answer, waits = self._answer, "loaded" in self._answer.moments
        if frame.type == frames.STAGE and not waits:
            self._interview.stage(frame.body)
        elif frame.type == frames.WANTING and not waits:
            self._mark("loaded")
            self._ask(self._interview.begin(frame.body))
        elif frame.type == frames.PREDICTIONS and self._reader.expected is not None:
            shape, values = frames.read_predictions(frame.body, self._reader.expected)
            self._ask(self._interview.answered(shape, values))
        elif frame.type == frames.REFUSED:
            answer.refusal = bytes(frame.body)
            self._answered()
        elif frame.type == frames.ERROR:
            answer.error = bytes(frame.body)
            self._answered()
        else:
            raise frames.ForgedFrame(sentence("an answer out of turn"))

    def _ask(self, asked: Asked | None) -> None:
        if asked is None:
            self._reader.expected = None
            self._answer.complete = True
            self._answered()
            raise _Stop
        self._answer.asked = True
        self._reader.expected = asked.expected
        try:
            # A child that died already, or that has never read what it was sent before, is noticed elsewhere.
            with contextlib.suppress(OSError):
                socket.send_fds(self._child.channel, [msgspec.json.encode(asked.question)], [asked.rows])
        finally:
            os.close(asked.rows)

    def _answered(self) -> None:
        self._mark("answered")
        # An honest child closes the channel right away. One that lingers is not waited for.
        self._deadline = min(self._deadline, time.monotonic() + LINGER_SECONDS)

    def _mark(self, moment: str) -> None:
        self._answer.moments[moment] = time.monotonic() - self._began

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < STEP_SECONDS:
            return
        self._looked = now
        used = usage(self._child.process)
        if used is None:
            self._miss()
            return
        self._unseen = 0
        self._answer.peak = max(self._answer.peak, used.peak)
        if used.resident > self._limits.resident_bytes:
            most = self._limits.resident_bytes >> 20
            self._fail("memory", sentence("it used more than {size} MiB of memory", size=most))
            raise _Stop
        if used.threads > self._most_threads:
            started = sentences("it started {count} thread", "it started {count} threads", count=used.threads)
            self._fail("threads", started)
            raise _Stop
        spent = processor_seconds(self._child.process)
        if self._spent_before is None or spent is None:
            return
        if spent - self._spent_before > self._limits.cpu_seconds + 1:
            self._out_of_processor_time()
            raise _Stop

    def _miss(self) -> None:
        """It can't be seen: it has ended, or nothing here can be seen, or it hides what it uses."""
        self._unseen = 0 if self._child.has_ended() or not self._child.visible else self._unseen + 1
        if self._unseen >= MOST_UNSEEN:
            self._fail("memory", sentence("its memory and threads could no longer be seen"))
            raise _Stop

    def _time_out(self) -> None:
        if "answered" not in self._answer.moments:
            if not self._ready:
                self._child.kill()
                raise Lost(sentence("the process that tests the model did not get ready"))
            seconds = f"{self._limits.wall_seconds:g}"
            self._fail("time", sentence("it had not finished after {seconds} seconds", seconds=seconds))
        raise _Stop

    def _fail(self, code: str, found: Words) -> None:
        self._answer.failure = (code, found)
        self._answer.refusal = self._answer.error = None

    # ------------------------------------------------------------------------- when it is over

    def _settle(self) -> Answer:
        answer = self._answer
        ended_itself = False
        if "answered" not in answer.moments and answer.failure is None:
            ended_itself = self._child.wait(1.0) is not None  # so that its status says why
        self._child.kill()
        ended = self._child.wait(5.0)
        if ended is not None:
            answer.cpu = ended.cpu
            answer.peak = max(answer.peak, ended.peak)
        if answer.failure is not None and not self._ready and answer.failure[0] not in NEITHERS_FAULT:
            raise Lost(answer.failure[1])  # nothing of the model had been read
        if answer.failure is None and "answered" not in answer.moments:
            if ended is None and self._ready and not self._child.has_ended():
                self._fail("silent", sentence("its process closed the pipe for its answer and went on"))
                return answer
            if ended is None or not self._ready:
                with contextlib.suppress(OSError):
                    self._said = (self._said + os.read(self._child.output, MOST_SAID))[:MOST_SAID]
                how = "" if ended is None else _ending(ended.status)
                said = clean(self._said.partition(b"\n")[0])
                raise Lost(
                    sentence(
                        "the process that tests the model died before it could begin: {how} {said}", how=how, said=said
                    )
                )
            self._explain(ended.status, ended.cpu, ended_itself)
        return answer

    def _explain(self, status: int, cpu: float, ended_itself: bool) -> None:
        """Why there is no answer, from how the process ended; raises Lost when somebody else ended it."""
        killed = _is_of(status, signal.SIGKILL)
        if cpu >= self._limits.cpu_seconds or _is_of(status, signal.SIGXCPU):
            self._out_of_processor_time()
        elif killed and ended_itself and self._was_greedy():
            used = self._answer.peak >> 20
            self._fail("memory", sentence("it used {size} MiB of memory, and the machine had no more", size=used))
        elif killed and ended_itself:
            # A model can't send this signal: it comes from the kernel when others use up the memory, or from a person.
            raise Lost(
                sentence("the process that tested the model was killed, perhaps because the machine ran out of memory")
            )
        elif killed:
            self._fail("silent", sentence("its process closed the channel for its answer and went on"))
        elif os.WIFSIGNALED(status):
            self._fail("crash", _ending(status))
        else:
            self._fail("silent", _ending(status))

    def _out_of_processor_time(self) -> None:
        self._fail(
            "cpu",
            sentences(
                "it had not finished after {count} second of processor time",
                "it had not finished after {count} seconds of processor time",
                count=self._limits.cpu_seconds,
            ),
        )

    def _was_greedy(self) -> bool:
        """Whether the machine ran out of memory, and half of what a model may use was this one's."""
        return kills_for_memory() > self._kills_before and self._answer.peak >= self._limits.resident_bytes // 2


def _is_of(status: int, number: signal.Signals) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == number


def _ending(status: int) -> Words:
    if os.WIFSIGNALED(status):
        return _died_of(os.WTERMSIG(status))
    return sentence("its process ended with status {status} and no answer", status=os.WEXITSTATUS(status))


def _died_of(number: int) -> Words:
    try:
        return sentence("its process died of {signal}", signal=signal.Signals(number).name)
    except ValueError:
        return sentence("its process died of signal {number}", number=number)
