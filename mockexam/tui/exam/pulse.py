"""What the exam screen looks after while nobody does anything: the clock, the ledger, files, new models, the layout.

One timer for all of it: an exam that nobody touches is woken as seldom as possible.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.exam.timing import Hours

if TYPE_CHECKING:
    from mockexam.sitting.service import Attempt
    from mockexam.tui.host import Host

BEAT = 0.5
MIND = 0.25
TICK_EVERY = 2  # beats
REMEMBER_EVERY = 10


class Timer(Protocol):
    """The part of Textual's timer that is used here."""

    def pause(self) -> None:
        """Rest."""

    def reset(self) -> None:
        """Run again, from the beginning."""


@dataclass(frozen=True)
class Beats:
    """Who is told of time: every second, every few seconds, of the end, of news in the ledger."""

    every_second: tuple[Callable[[], None], ...]
    show_time: Callable[[float], None]
    remember: Callable[[], None]
    on_time_up: Callable[[], object]
    on_news: Callable[[], None]


class Pulse:
    """Told of each beat; between beats it looks after files while something was typed."""

    def __init__(
        self,
        host: Host,
        attempt: Attempt,
        category: Callable[[], int],
        hours: Hours,
        files: Files,
        notify: Notify,
        start: Start,
        beats: Beats,
    ) -> None:
        self._host = host
        self._attempt = attempt
        self._category = category
        self._hours = hours
        self._files = files
        self._notify = notify
        self._start = start
        self._beats = beats
        self._count = 0
        self._version: int | None = None
        self._looking = False
        self._minding: Timer | None = None
        self._minds = True

    def begin(self, set_interval: Callable[[float, Callable[[], None]], Timer]) -> None:
        """Start the timers."""
        set_interval(BEAT, self._beat)
        self._minding = set_interval(MIND, self._mind)
        self._files.saving.on_change = self._mind_files

    def _beat(self) -> None:
        self._poll()
        if self._files.saving.dirty:
            self._mind_files()
        if self._count % TICK_EVERY == 0:
            self._tick()
        if self._count % REMEMBER_EVERY == 0:
            self._beats.remember()
        self._count += 1

    def _tick(self) -> None:
        """Once a second: the countdown, time spent, programs, new models."""
        left = self._host.exams.remaining(self._attempt)
        self._beats.show_time(left)
        self.spend()
        self._hours.flush(lambda category, seconds: self._start(self._write(category, seconds), group="time"))
        if words := self._hours.warning(left):
            self._notify(shown(words), title=shown(sentence("The clock")), severity="warning", timeout=10)
        if self._hours.ends(left):
            self._beats.on_time_up()
            return
        for look in self._beats.every_second:
            look()

    def spend(self) -> None:
        """Count the time until now for the problem that is worked on."""
        self._hours.spend(self._category(), self._host.clock.reading().uptime)

    async def write_time(self) -> None:
        """Write down all time spent until now."""
        self.spend()
        spent: list[tuple[int, float]] = []
        self._hours.flush(lambda category, seconds: spent.append((category, seconds)), now=True)
        for category, seconds in spent:
            await self._write(category, seconds)

    async def _write(self, category: int, seconds: float) -> None:
        await asyncio.to_thread(self._host.exams.add_time, self._attempt.id, category, seconds)

    def _poll(self) -> None:
        """Twice a second: what other programs wrote, to the ledger and to the files."""
        if not self._looking and self._host.exams.may_have_changed():
            self._looking = True
            self._start(self._look_around(), group="poll")
        if self._files.outside.touched():
            self._start(self._files.outside.look(), group="outside", exclusive=True)

    async def _look_around(self) -> None:
        try:
            # Now and then it writes down the time it saw, and a slow disk would delay a key.
            version = await asyncio.to_thread(self._host.exams.version)
        finally:
            self._looking = False
        if version != self._version:
            self._version = version
            self._beats.on_news()

    def _mind_files(self) -> None:
        """Start the timer that rests while nothing is typed."""
        if not self._minds and self._minding is not None:
            self._minds = True
            self._minding.reset()

    def _mind(self) -> None:
        """Four times a second while something was typed: saving, rescuing, checking."""
        if self._files.saving.dirty:
            self._start(self._files.saving.mind(), group="mind")
        elif self._minding is not None:
            self._minds = False
            self._minding.pause()
