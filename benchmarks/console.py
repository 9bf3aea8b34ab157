"""The Run window's engine without a screen: the console compared with pyte, and the stalls in a flood.

python -m benchmarks.console      exit code 1 when a target is missed
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyte
import pyte.modes

from mockexam.running.console import Console
from mockexam.running.output.epochs import EpochReader
from mockexam.running.process import Run

BATCH = 32 << 10
FASTER_THAN_PYTE = 10.0
MAX_GAP_P99 = 0.050
FLOOD_LINES = 300_000


def keras_stream(epochs: int, steps: int = 400) -> str:
    """What fit() of Keras 3 writes to a terminal."""
    draw, parts = random.Random(1), []
    for epoch in range(epochs):
        parts.append(f"Epoch {epoch + 1}/{epochs}\n")
        width = 0
        for step in range(1, steps + 1):
            full = 20 * step // steps
            bar = f"\x1b[1m{step:3}/{steps}\x1b[0m \x1b[32m{'━' * full}\x1b[0m\x1b[37m{'━' * (20 - full)}\x1b[0m"
            info = f" \x1b[1m{step // 100}s\x1b[0m 2ms/step - accuracy: {draw.random():.4f} - loss: {draw.random():.4f}"
            parts.append("\b" * width + "\r" + bar + info)
            width = len(bar) + len(info) - 35
        parts.append("\n")
    return "".join(parts)


def plain_stream(lines: int) -> str:
    """The output of a program that prints a lot."""
    return "".join(f"line {number}: some ordinary words and a number {number * 7}\n" for number in range(lines))


def throughput(feed: Callable[[str], None], stream: str) -> float:
    """Megabytes per second of processor time, fed in as a run delivers them."""
    gc.collect()
    began = time.process_time()
    for at in range(0, len(stream), BATCH):
        feed(stream[at : at + BATCH])
    return len(stream.encode()) / 1e6 / (time.process_time() - began)


def pyte_feed() -> Callable[[str], None]:
    """The reference: a whole terminal emulator, as terminal widgets embed it."""
    screen = pyte.HistoryScreen(120, 30, history=10_000)
    screen.set_mode(pyte.modes.LNM)
    return pyte.Stream(screen).feed


def compare_with_pyte() -> bool:
    """Have both read the same stream, pyte a shorter piece of it."""
    good = True
    for name, ours, theirs in (
        ("Keras", keras_stream(20), keras_stream(1, 200)),
        ("plain", plain_stream(200_000), plain_stream(3_000)),
    ):
        mine = max(throughput(Console().feed, ours) for _ in range(3))
        reference = max(throughput(pyte_feed(), theirs) for _ in range(3))
        ratio = mine / reference
        good &= ratio >= FASTER_THAN_PYTE
        print(f"console, {name} stream: {mine:.2f} MB/s, pyte {reference:.2f}: {ratio:.0f} × ({FASTER_THAN_PYTE:.0f})")
    return good


class Watcher:
    """Reads a run as the screen does, and records how long the event loop was blocked."""

    def __init__(self) -> None:
        self.console = Console()
        self.reader = EpochReader()
        self.gaps: list[float] = []

    def take(self, text: str) -> None:
        self.console.feed(text)
        self.reader.feed_all(self.console.take_finished())
        self.reader.glance(self.console.text(self.console.row))

    async def watch(self, run: Run, tick: float) -> None:
        before = time.perf_counter()
        while run.exit is None:
            await asyncio.sleep(tick)
            now = time.perf_counter()
            self.gaps.append(now - before - tick)
            before = now
            run.usage()


async def run_and_watch(command: list[str], folder: Path, tick: float) -> tuple[Watcher, float]:
    """Run to the end. Returns the watcher and the seconds it took."""
    watcher = Watcher()
    run = Run(command, folder, folder / "run.log", on_output=watcher.take)
    await run.start()
    await asyncio.gather(watcher.watch(run, tick), run.wait())
    assert run.exit is not None
    assert run.exit.code == 0, watcher.console.lines[-5:]
    return watcher, run.exit.seconds


def flood(folder: Path) -> bool:
    """A program prints without end; the event loop must stay responsive."""
    code = f"for number in range({FLOOD_LINES}): print('line', number, 'of a flood')"
    watcher, seconds = asyncio.run(run_and_watch([sys.executable, "-c", code], folder, tick=0.005))
    gaps = sorted(watcher.gaps)
    worst, p99 = gaps[-1], gaps[int(len(gaps) * 0.99)]
    print(
        f"flood of {FLOOD_LINES:,} lines: {seconds:.1f} s, event loop away p99 {p99 * 1000:.1f} ms, "
        f"most {worst * 1000:.1f} ms (p99 at most {MAX_GAP_P99 * 1000:.0f})"
    )
    return p99 <= MAX_GAP_P99


def main() -> int:
    """Run everything; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        results = [compare_with_pyte(), flood(Path(name))]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
