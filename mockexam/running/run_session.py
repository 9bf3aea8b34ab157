"""One run of a program and what is known of it: its output, its epochs, the time it still needs."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from graders.sentences import Sentence, sentence
from mockexam.interpreters.interpreter import Interpreter
from mockexam.running.console import Console
from mockexam.running.environment import Program
from mockexam.running.output.epochs import Epoch, EpochReader
from mockexam.running.output.folding import Folding
from mockexam.running.process import Exit, Run
from mockexam.running.usage import killed_for_memory
from mockexam.running.waiting import waits_for_input

if TYPE_CHECKING:
    from mockexam.inspections.advice.advice import Advice

TAIL = 1_000
"""How many lines of output are kept at the end, for whoever reads what went wrong."""


class RunSession:
    """A Run with its console. `changed` is called when there is something new to show, `ended` once.

    `interpreter` is the Python that it runs in, `once` says that it is another than the chosen one, for this run only.
    `thresholds` are the values its metrics should reach, by the names under which Keras prints them. `told` turns a
    sentence into the text that the console shows. `tail` is the end of its output, once it has ended. `advice` is what
    is told under it, set by whoever finds it out; `keras_2_offered`: it may be run again with Keras 2, and that helps.
    """

    def __init__(
        self,
        title: str,
        script: Path,
        program: Program,
        log: Path,
        *,
        interpreter: Interpreter,
        once: bool = False,
        category: int | None,
        thresholds: dict[str, float],
        size: tuple[int, int],
        told: Callable[[Sentence], str] = str,
    ) -> None:
        self.title = title
        self.category = category
        self.script = script
        self.interpreter = interpreter
        self.once = once
        self.tail = ""
        self.advice: Advice | None = None
        self.keras_2_offered = False
        self.thresholds = thresholds
        self.console = Console(rows=size[1])
        self.folding = Folding(self.console)
        self.changed: Callable[[], None] = lambda: None
        self.ended: Callable[[RunSession], None] = lambda session: None
        self._told = told
        self._reader = EpochReader()
        self._killed_before = 0
        self.run = Run(
            program.command,
            program.folder,
            log,
            size=size,
            environment=program.environment,
            on_output=self._received,
            on_exit=self._finished,
        )

    async def start(self) -> None:
        """Start the program. Raises RunError."""
        self.console.feed(f"\x1b[2m{' '.join(map(str, self.run.command))}\x1b[0m\n")
        self._killed_before = killed_for_memory()
        await self.run.start()

    async def stop(self) -> None:
        """Stop the program, however long it takes. Where it was is folded: nobody who stops a program asks that."""
        self.folding.expect_interrupt(self.console.dropped + self.console.row)
        await self.run.stop()

    @property
    def running(self) -> bool:
        """Whether the program is alive."""
        return self.run.pid is not None and self.run.exit is None

    @property
    def failed(self) -> bool:
        """Whether it ended by a fault of its own: neither well nor by being stopped."""
        exit = self.run.exit
        return exit is not None and not exit.stopped and exit.code != 0

    @property
    def out_of_memory(self) -> bool:
        """Whether the system ended it because memory ran out, as far as it tells."""
        exit = self.run.exit
        killed = exit is not None and not exit.stopped and exit.signal == signal.SIGKILL
        return killed and killed_for_memory() > self._killed_before

    @property
    def waiting(self) -> bool:
        """Whether the program waits for somebody to type."""
        return self.running and self.run.pid is not None and waits_for_input(self.run.pid)

    def _received(self, text: str) -> None:
        self.console.feed(text)
        self._reader.feed_all(self.console.take_finished())
        self._reader.glance(self.console.text(self.console.row))
        self.changed()

    def _finished(self, exit: Exit) -> None:
        rows = range(max(0, len(self.console) - TAIL), len(self.console))
        self.tail = "\n".join(self.console.text(row) for row in rows)
        if self.console.column:
            self.console.feed("\n")
        self.console.feed(f"\n\x1b[2m{self._told(outcome(exit))}\x1b[0m\n")
        self.changed()
        self.ended(self)

    @property
    def epoch(self) -> tuple[int, int]:
        """The epoch being trained or trained last, and how many its fit was asked for; 0 before the first."""
        return self._reader.number, self._reader.of

    @property
    def epochs(self) -> list[Epoch]:
        """The finished epochs of the latest fit."""
        return [epoch for epoch in self._reader.epochs if epoch.fit == self._reader.fit]

    @property
    def epochs_wanted(self) -> int:
        """How many epochs the latest fit was asked for."""
        return max(1, self._reader.of, len(self.epochs))

    def remaining(self) -> float | None:
        """Estimated seconds until the current fit ends; None when there is nothing to go by."""
        return self._reader.remaining() if self.running else None


def outcome(exit: Exit) -> Sentence:
    """How a program ended, as a line below its output."""
    if exit.stopped:
        return sentence("Stopped.")
    if exit.signal is not None:
        return sentence("Process killed by signal {signal}.", signal=exit.signal)
    return sentence("Process finished with exit code {code}", code=exit.code)


def short_outcome(exit: Exit) -> Sentence:
    """How a program ended, as one fact among others."""
    if exit.stopped:
        return sentence("stopped")
    if exit.signal is not None:
        return sentence("killed by signal {signal}", signal=exit.signal)
    return sentence("exit code {code}", code=exit.code)
