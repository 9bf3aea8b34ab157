"""The run window's engine: the console beside pyte, a flood's stalls, and training in a run beside a plain shell.

python -m benchmarks.console [--quick]      exit code 1 when a bar is missed; --quick leaves the training out
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyte
import pyte.modes

from mockexam.running.console import Console
from mockexam.running.environment import child_environment
from mockexam.running.epochs import EpochReader
from mockexam.running.process import NICENESS, Run

BATCH = 32 << 10
FASTER_THAN_PYTE = 10.0
MAX_GAP_P99 = 0.050
MAX_SLOWDOWN = 1.03
FLOOD_LINES = 300_000
ROUNDS = 3

# Times its own training, so that the start of TensorFlow, which takes as long, doesn't blur the difference.
TRAINING = """
import sys, time
import keras, numpy as np
draw = np.random.default_rng(0)
x, y = draw.random((6000, 28, 28), dtype="float32"), draw.integers(0, 10, 6000)
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(128, "relu"), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x, y, epochs=1, verbose=0)
for _ in range(int(sys.argv[2])):
    began, used = time.perf_counter(), time.process_time()
    model.fit(x, y, epochs=2, batch_size=16)
    with open(sys.argv[1], "a") as file:
        print(time.perf_counter() - began, time.process_time() - used, file=file)
"""


def keras_stream(epochs: int, steps: int = 400) -> str:
    """What fit() writes to a terminal, as Keras 3 spells it."""
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
    """What a program prints that prints a lot."""
    return "".join(f"line {number}: some ordinary words and a number {number * 7}\n" for number in range(lines))


def throughput(feed: Callable[[str], None], stream: str) -> float:
    """Megabytes a second of processor time, fed as a run delivers them."""
    gc.collect()
    began = time.process_time()
    for at in range(0, len(stream), BATCH):
        feed(stream[at : at + BATCH])
    return len(stream.encode()) / 1e6 / (time.process_time() - began)


def pyte_feed() -> Callable[[str], None]:
    """The reference: a whole terminal, as terminal widgets embed it."""
    screen = pyte.HistoryScreen(120, 30, history=10_000)
    screen.set_mode(pyte.modes.LNM)
    return pyte.Stream(screen).feed


def compare_with_pyte() -> bool:
    """Both read the same stream; pyte a shorter piece of it."""
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
    """Reads a run as the screen does, and notes how long the event loop was away."""

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
    """A program prints without end; the event loop must go on breathing."""
    code = f"for number in range({FLOOD_LINES}): print('line', number, 'of a flood')"
    watcher, seconds = asyncio.run(run_and_watch([sys.executable, "-c", code], folder, tick=0.005))
    gaps = sorted(watcher.gaps)
    worst, p99 = gaps[-1], gaps[int(len(gaps) * 0.99)]
    print(
        f"flood of {FLOOD_LINES:,} lines: {seconds:.1f} s, event loop away p99 {p99 * 1000:.1f} ms, "
        f"most {worst * 1000:.1f} ms (p99 at most {MAX_GAP_P99 * 1000:.0f})"
    )
    return p99 <= MAX_GAP_P99


def plain_shell(command: list[str], folder: Path) -> None:
    """The same program with its output thrown away: a shell whose terminal costs nothing."""
    nowhere = subprocess.DEVNULL
    nice = ["nice", "-n", str(NICENESS)]
    subprocess.run([*nice, *command], cwd=folder, env=child_environment(), stdout=nowhere, stderr=nowhere, check=True)


def training(folder: Path) -> bool:
    """The same training in a run and in a plain shell, in turns, each in a process of its own, equally nice.

    The best of each counts: what else the machine does only ever adds time. On a machine that is never quiet, look at
    the processor time of the training instead.
    """
    walls: dict[str, list[float]] = {"shell": [], "run": []}
    works: dict[str, list[float]] = {"shell": [], "run": []}
    shares = []
    for _ in range(ROUNDS):
        for kind in walls:
            report = folder / f"{kind}.txt"
            report.unlink(missing_ok=True)
            command = [sys.executable, "-c", TRAINING, str(report), "5"]
            if kind == "shell":
                plain_shell(command, folder)
            else:
                began = time.process_time()
                _, seconds = asyncio.run(run_and_watch(command, folder, tick=1.0))
                shares.append((time.process_time() - began) / seconds)
            for line in report.read_text().splitlines():
                wall, work = map(float, line.split())
                walls[kind].append(wall)
                works[kind].append(work)
    ratio = min(walls["run"]) / min(walls["shell"])
    print(
        f"training: plain shell {min(walls['shell']):.3f} s, in a run {min(walls['run']):.3f} s: {ratio:.3f} ×", end=" "
    )
    work = statistics.median(works["run"]) / statistics.median(works["shell"])
    print(f"(at most {MAX_SLOWDOWN}); processor time {work:.3f} ×;", end=" ")
    print(f"reading took {min(shares):.1%} of a core")
    return ratio <= MAX_SLOWDOWN


def main() -> int:
    """Run everything; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as name:
        results = [compare_with_pyte(), flood(Path(name))]
        if "--quick" not in sys.argv:
            results.append(training(Path(name)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
