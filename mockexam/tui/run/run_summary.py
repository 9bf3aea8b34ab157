"""What the Run window says of a run: a line for its header, and its metrics as curves."""

from __future__ import annotations

from collections.abc import Sequence

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.running.output.epochs import Epoch
from mockexam.running.run_session import RunSession, short_outcome
from mockexam.tui import keymap
from mockexam.tui.look import formatting
from mockexam.tui.run.curves import Series


def facts(session: RunSession) -> str:
    """Return time, epoch, time to the end and memory, or how the program ended."""
    run = session.run
    parts = [formatting.clock(run.seconds)]
    number, of = session.epoch
    if number:
        parts.append(shown(sentence("epoch {number}/{epochs}", number=number, epochs=of)))
    if (left := session.remaining()) is not None:
        parts.append(shown(sentence("{time} to go", time=formatting.clock(left))))
    if session.waiting:
        waits = sentence("waits for input: {key}, then type", key=keymap.shown("window_run"))
        parts.insert(0, shown(waits))
    if session.running:
        used = run.usage()
        if used.memory:
            parts.append(formatting.size(used.memory))
    elif run.exit is not None:
        parts.append(shown(short_outcome(run.exit)))
    return "  ".join(parts)


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
