"""One run of a program as the Run window knows it: its output, its epochs, how long it will still take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mockexam.running.console import Console
from mockexam.running.epochs import Epoch, EpochReader
from mockexam.running.process import Exit, Run
from mockexam.running.waiting import waits_for_input
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.run.curves import Series


class Session:
    """A Run with its console. `changed` is called when there is something new to show, `ended` once."""

    def __init__(
        self,
        title: str,
        command: Sequence[str],
        cwd: Path,
        log: Path,
        *,
        category: int | None,
        bars: dict[str, float],
        size: tuple[int, int],
    ) -> None:
        self.title = title
        self.category = category
        self.script = Path(command[-1])
        self.bars = bars
        self.console = Console(rows=size[1])
        self.changed: Callable[[], None] = lambda: None
        self.ended: Callable[[Session], None] = lambda session: None
        self._reader = EpochReader()
        self.run = Run(command, cwd, log, size=size, on_output=self._received, on_exit=self._finished)

    async def start(self) -> None:
        """Start the program. Raises RunError."""
        self.console.feed(f"\x1b[2m{' '.join(map(str, self.run.command))}\x1b[0m\n")
        await self.run.start()

    @property
    def running(self) -> bool:
        """Whether the program is alive."""
        return self.run.pid is not None and self.run.exit is None

    def _received(self, text: str) -> None:
        self.console.feed(text)
        self._reader.feed_all(self.console.take_finished())
        self._reader.glance(self.console.text(self.console.row))
        self.changed()

    def _finished(self, exit: Exit) -> None:
        if self.console.column:
            self.console.feed("\n")
        self.console.feed(f"\n\x1b[2m{outcome(exit)}\x1b[0m\n")
        self.changed()
        self.ended(self)

    @property
    def epochs(self) -> list[Epoch]:
        """The finished epochs of the latest fit."""
        return [epoch for epoch in self._reader.epochs if epoch.fit == self._reader.fit]

    @property
    def epochs_wanted(self) -> int:
        """How many epochs the latest fit was asked for."""
        return max(1, self._reader.of, len(self.epochs))

    def facts(self) -> str:
        """Return what the window's header says: time, epoch, time to the end, memory."""
        parts = [formatting.clock(self.run.seconds)]
        if self._reader.number:
            parts.append(f"epoch {self._reader.number}/{self._reader.of}")
        if self.running and (left := self._reader.remaining()) is not None:
            parts.append(f"{formatting.clock(left)} to go")
        if self.run.pid is not None and self.running and waits_for_input(self.run.pid):
            parts.insert(0, f"waits for input: {keymap.shown('window_run')}, then type")
        if self.running:
            used = self.run.usage()
            if used.memory:
                parts.append(formatting.size(used.memory))
        elif self.run.exit is not None:
            parts.append(outcome(self.run.exit, short=True))
        return "  ".join(parts)

    def series(self) -> tuple[Series, ...]:
        """Return the metrics by epoch: those with a bar first, then loss, then the others."""
        epochs = self.epochs
        names = list(dict.fromkeys(name for epoch in epochs for name in epoch.values if not name.startswith("val_")))
        names.sort(key=lambda name: (name not in self.bars, name != "loss"))
        return tuple(
            Series(name, _values(epochs, name), _values(epochs, f"val_{name}"), self.bars.get(name))
            for name in names
            if name not in ("learning_rate", "lr")
        )


def _values(epochs: Sequence[Epoch], name: str) -> tuple[float, ...]:
    return tuple(epoch.values[name] for epoch in epochs if name in epoch.values)


def outcome(exit: Exit, *, short: bool = False) -> str:
    """Say how a program ended."""
    if exit.stopped:
        return "stopped" if short else "Stopped."
    if exit.signal is not None:
        return f"killed by signal {exit.signal}" if short else f"Process killed by signal {exit.signal}."
    return f"exit code {exit.code}" if short else f"Process finished with exit code {exit.code}"
