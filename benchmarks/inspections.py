"""How long an inspection takes, in the process that does it: programs of 100 to 10,000 lines, whole and half typed.

The programs are written as the courses write them, with something to tell in one line of ten. `first` is the first
inspection of a process, `again` the median of those after a key: each time another text, as while typing. Times are
processor time of that process, which is nicer than the screen.
`python benchmarks/inspections.py [--repeat 9]`; exit code 1 when 1,000 lines take longer than 150 ms.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

BAR = 150.0
LINES = (100, 1_000, 5_000)
HEAD = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow.keras.optimizers import RMSprop\n"
BLOCK = '''
class Stop{n}(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={{}}):
        if logs.get("accuracy") > 0.95:
            self.model.stop_training = True

def build_{n}(units=64, rate=0.2):
    """A model of course {n}."""
    model = tf.keras.models.Sequential([
        tf.keras.layers.Conv2D(16, (3, 3), activation="relu", input_shape=(150, 150, 3)),
        tf.keras.layers.MaxPooling2D(2, 2),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(units, activation="relu"),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(loss="binary_crossentropy", optimizer=RMSprop(lr=0.001), metrics=["accuracy"])
    return model

def windows_{n}(series, size, batch):
    rows = tf.data.Dataset.from_tensor_slices(series)
    rows = rows.window(size + 1, shift=1, drop_remainder=True)
    rows = rows.flat_map(lambda one: one.batch(size + 1))
    return rows.map(lambda one: (one[:-1], one[-1])).batch(batch).prefetch(1)

model_{n} = build_{n}()
for epoch in range(3):
    history_{n} = model_{n}.fit_generator(windows_{n}(np.arange(100.0), 20, 32), epochs=epoch, workers=4)
    if history_{n}.history["loss"][-1] < 0.1 and epoch > 1:
        print("epoch {{}} is enough: {{}}".format(epoch, history_{n}.history["lr"]))
total = sum(value ** 2 for value in [1.0, 2.0, 3.0] if value > {n})
'''

ONE = """
import sys, time
from mockexam.inspections.inspection import inspect
source = sys.stdin.read()
start = time.process_time()
found = inspect(source, keras=3, modules=frozenset(("numpy", "tensorflow")), project=None)
print((time.process_time() - start) * 1000, len(found))
"""


def program(lines: int) -> str:
    """A program of so many lines."""
    text = HEAD + "".join(BLOCK.format(n=n) for n in range(lines // BLOCK.count("\n") + 1))
    return "\n".join(text.split("\n")[:lines]) + "\n"


def again(source: str, repeat: int) -> tuple[float, int]:
    """Milliseconds for a text that is new each time, in a process that has inspected before; and what is found."""
    from mockexam.inspections.inspection import inspect

    times: list[float] = []
    found = 0
    for number in range(repeat + 1):
        text = f"{source}# {number}\n"
        start = time.process_time()
        found = len(inspect(text, keras=3, modules=frozenset(("numpy", "tensorflow")), project=None))
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times[1:]), found


def main() -> int:
    """Print a table; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=9)
    repeat = parser.parse_args().repeat
    missed = False
    print("| lines | findings | first ms | again ms | half typed ms |")
    print("|---|---|---|---|---|")
    for lines in LINES:
        source = program(lines)
        half = source.replace("    return model\n", "    return model.compile(\n", 1)
        first = subprocess.run([sys.executable, "-c", ONE], input=source, capture_output=True, text=True, check=True)
        whole, found = again(source, repeat)
        typed, _ = again(half, repeat)
        print(f"| {lines:,} | {found} | {float(first.stdout.split()[0]):.0f} | {whole:.0f} | {typed:.0f} |")
        missed |= lines == 1_000 and max(whole, typed) > BAR
    print(f"1,000 lines within {BAR:.0f} ms: {'NO' if missed else 'yes'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
