"""From a key press to the drawn screen, in files of 1,000 and 5,000 lines.

Types, breaks lines, deletes and moves in the middle of the file, each key followed by all that Textual does until its
screen is written. Run it with `python benchmarks/editor.py`; it prints milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time

from textual.app import App, ComposeResult

from mockexam.tui import theme
from mockexam.tui.widgets.editor import Editor

BARS = {1_000: 16.0, 5_000: 33.0}

BLOCK = '''
def block_{n}(values, scale=1.0):
    """Return the scaled values."""
    total = 0.0
    for index, value in enumerate(values):
        if value is None:
            raise ValueError("no value at %d" % index)
        total += value * scale  # kept as a float
    return [value / total for value in values], {{"name": "block {n}", "total": total}}

'''

KEYS = [*"model = tf.keras.Sequential([", "right", "enter", *"x = 1", "backspace", "left", "down", "up", "enter"]


class Bench(App[None]):
    """One editor and nothing else."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        for name in theme.LOOKS:
            self.register_theme(theme.app_theme(name))
        self.theme = theme.DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield Editor(self.text, language="python")


def source(lines: int) -> str:
    """Python of so many lines."""
    count = lines // BLOCK.count("\n") + 1
    return "\n".join("".join(BLOCK.format(n=n) for n in range(count)).split("\n")[:lines])


async def measure(lines: int, presses: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each key by the clock, and of processor time: the second holds on a busy machine, too."""
    app = Bench(source(lines))
    taken: list[float] = []
    spent: list[float] = []
    async with app.run_test(size=(120, 36)) as pilot:
        editor = app.query_one(Editor)
        editor.cursor_blink = False
        editor.focus()
        editor.go_to(lines // 2, 0)
        await pilot.pause(0.3)
        gc.collect()
        drawn = asyncio.Event()
        display = app._display

        def note(*args: object, **kwargs: object) -> None:
            display(*args, **kwargs)  # type: ignore[arg-type]
            drawn.set()

        app._display = note  # type: ignore[method-assign]
        for press in range(presses):
            key = KEYS[press % len(KEYS)]
            drawn.clear()
            start, worked = time.perf_counter(), time.thread_time()
            await _press(app, key)
            await asyncio.wait_for(drawn.wait(), 5)
            taken.append((time.perf_counter() - start) * 1000)
            spent.append((time.thread_time() - worked) * 1000)
            await pilot.pause(0.005)
    return taken, spent


async def _press(app: App[None], key: str) -> None:
    from textual import events

    names = {" ": "space", "=": "equals_sign", ".": "full_stop", "(": "left_parenthesis", "[": "left_square_bracket"}
    event = events.Key(names.get(key, key), key if len(key) == 1 else None)
    event._set_sender(app) if hasattr(event, "_set_sender") else None
    app.post_message(event)


def main() -> int:
    """Print the percentiles; exit code 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=400)
    presses = parser.parse_args().presses
    missed = False
    for lines, bar in BARS.items():
        taken, spent = (sorted(values) for values in asyncio.run(measure(lines, presses)))
        last = int(len(taken) * 0.99) - 1
        missed |= taken[last] > bar
        print(
            f"{lines:>6} lines: median {statistics.median(taken):.1f} ms, p99 {taken[last]:.1f} ms (bar {bar:.0f}); "
            f"processor median {statistics.median(spent):.1f} ms, p99 {spent[last]:.1f} ms"
        )
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
