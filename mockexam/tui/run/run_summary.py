"""What the Run window says of a run: a line for its header, and its metrics as curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.running.output.epochs import Epoch
from mockexam.running.run_session import RunSession, short_outcome
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.run.curves import Series


def facts(session: RunSession, room: int) -> str:
    """Return interpreter, time, epoch, time to the end and memory, or how the program ended.

    Where `room` cells are too few, memory is left out first, then the time to the end, the epoch and the time.
    """
    run = session.run
    first = [_interpreter(session)]
    last = [shown(short_outcome(run.exit))] if run.exit is not None else []
    between = [formatting.clock(run.seconds), *_progress(session)]
    if session.waiting:
        waits = shown(sentence("waits for input: {key}, then type", key=keymap.shown("window_run")))
        fits = cell_len("  ".join([waits, *first])) <= room
        first.insert(0, waits if fits else shown(sentence("waits for input")))
    while between and cell_len("  ".join([*first, *between, *last])) > room:
        between.pop()
    return "  ".join([*first, *between, *last])


def _progress(session: RunSession) -> Iterator[str]:
    """What may be left out, the least important last."""
    number, of = session.epoch
    if number:
        yield shown(sentence("epoch {number}/{epochs}", number=number, epochs=of))
    if (left := session.remaining()) is not None:
        yield shown(sentence("{time} to go", time=formatting.clock(left)))
    if session.running and (memory := session.run.usage().memory):
        yield formatting.size(memory)


def _interpreter(session: RunSession) -> str:
    name = session.interpreter.name()
    return shown(sentence("{interpreter} (this run)", interpreter=name) if session.once else name)


def series(session: RunSession) -> tuple[Series, ...]:
    """Return the metrics by epoch: those with a threshold first, then loss, then the others."""
    epochs, thresholds = session.epochs, session.thresholds
    names = list(dict.fromkeys(name for epoch in epochs for name in epoch.values if not name.startswith("val_")))
    names.sort(key=lambda name: (name not in thresholds, name != "loss"))
    return tuple(
        Series(name, _values(epochs, name), _values(epochs, f"val_{name}"), thresholds.get(name))
        for name in names
        if name not in ("learning_rate", "lr")
    )


def _values(epochs: Sequence[Epoch], name: str) -> tuple[float, ...]:
    return tuple(epoch.values[name] for epoch in epochs if name in epoch.values)
