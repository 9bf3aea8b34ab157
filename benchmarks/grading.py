"""How long one press of Submit and Test takes, beside a plain script and beside the least it could take.

    python benchmarks/grading.py [--repeat N] [--models dense,cnn,...]

Five models are built and saved first. Then, for each:
  naive   a script that imports TensorFlow, loads the model, predicts the hidden set and scores it (a whole process)
  cold    `graders.grade` in a process that has imported nothing yet (a whole process, service started and stopped)
  warm    `Service.submit` to verdict, the service being ready; hidden set read before, as from the second press on
  floor   load + one predict over the hidden set in a process that has TensorFlow imported: no copy, no lock, no score.
          "first" is the first time in a new process, "again" the median of repetitions in that same process
Each is the median of N runs. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS = {"dense": 10_000, "cnn": 2_000, "text": 1_000, "forecast": 2_000, "transfer": 200}
INPUTS = {"dense": (28, 28), "cnn": (28, 28, 1), "text": (120,), "forecast": (30, 1), "transfer": (128, 128, 3)}
CLASSES = {"dense": 10, "cnn": 10, "text": 6, "forecast": 1, "transfer": 3}

BUILD = """
import sys, keras, numpy as np
from keras import layers
name, path, hidden, rows, shape, classes = sys.argv[1], sys.argv[2], sys.argv[3], *map(eval, sys.argv[4:7])
keras.utils.set_random_seed(1)
x = keras.Input(shape)
if name == "dense":
    y = layers.Flatten()(x); y = layers.Dense(256, activation="relu")(y); y = layers.Dropout(.2)(y)
elif name == "cnn":
    y = layers.Conv2D(32, 3, activation="relu")(x); y = layers.MaxPool2D()(y)
    y = layers.Conv2D(64, 3, activation="relu")(y); y = layers.MaxPool2D()(y)
    y = layers.Flatten()(y); y = layers.Dense(128, activation="relu")(y)
elif name == "text":
    y = layers.Embedding(5000, 32)(x); y = layers.Bidirectional(layers.LSTM(32))(y)
    y = layers.Dense(24, activation="relu")(y)
elif name == "forecast":
    y = layers.Conv1D(32, 5, padding="causal", activation="relu")(x)
    y = layers.LSTM(32, return_sequences=True)(y); y = layers.LSTM(32)(y)
else:
    base = keras.applications.MobileNetV2(shape, include_top=False, weights=None, alpha=1.0)
    y = layers.GlobalAveragePooling2D()(base(x)); y = layers.Dense(1024, activation="relu")(y)
    y = layers.Dense(1024, activation="relu")(y)
y = layers.Dense(classes, activation="softmax" if classes > 1 else "linear")(y)
keras.Model(x, y).save(path)
r = np.random.default_rng(1)
inputs = r.integers(1, 5000, (rows, *shape)) if name == "text" else r.random((rows, *shape))
labels = r.integers(0, classes, rows) if classes > 1 else r.random((rows, 1))
np.savez(hidden, inputs=inputs.astype("float32"), labels=labels.astype("int64" if classes > 1 else "float32"))
"""

NAIVE = """
import sys
import numpy as np
import tensorflow as tf
data = np.load(sys.argv[2])
model = tf.keras.models.load_model(sys.argv[1])
predictions = model.predict(data["inputs"], verbose=0)
labels = data["labels"]
if predictions.shape[-1] > 1:
    print(float((predictions.argmax(-1) == labels).mean()))
else:
    print(float(np.abs(predictions - labels).mean()))
"""

FLOOR = """
import json, sys, time
import numpy as np
import tensorflow as tf
inputs = np.load(sys.argv[2])["inputs"]
open(sys.argv[1], "rb").read()
times = []
for _ in range(int(sys.argv[3])):
    began = time.perf_counter()
    model = tf.keras.models.load_model(sys.argv[1], compile=False)
    model.predict(inputs, batch_size=256, verbose=0)
    times.append(time.perf_counter() - began)
    tf.keras.backend.clear_session()
print(json.dumps(times))
"""

COLD = """
import sys
import graders, msgspec
from pathlib import Path
task = msgspec.json.decode(sys.argv[2], type=graders.Task)
print(graders.grade(Path(sys.argv[1]), task, key="benchmark").outcome)
"""


def python(code: str, *arguments: str) -> tuple[float, str]:
    """Run code in a new interpreter; seconds of the whole process, and what it printed."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return seconds, done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def build(folder: Path, name: str) -> tuple[Path, Any]:
    """Save a model and its hidden set; returns the model's path and the task."""
    from graders import Bar, Contract, Scoring, Task

    model, hidden = folder / f"{name}.h5", folder / f"{name}.npz"
    classes, shape = CLASSES[name], INPUTS[name]
    python(BUILD, name, str(model), str(hidden), str(ROWS[name]), str(shape), str(classes))
    bar = Bar(metric="accuracy", at_least=0.01) if classes > 1 else Bar(metric="mae", at_most=10.0)
    contract = Contract(input_shape=shape, output_shape=(classes,))
    return model, Task(contract=contract, scoring=Scoring(bars=(bar,)), hidden=str(hidden))


def measure(model: Path, task: Any, service: Any, repeat: int) -> dict[str, float]:
    """Medians in seconds."""
    import msgspec

    def median(run: Any, times: int = repeat) -> float:
        return statistics.median(run() for _ in range(times))

    def warm() -> float:
        began = time.perf_counter()
        verdict = service.submit(model, task, key="benchmark").result()
        seconds = time.perf_counter() - began
        assert verdict.outcome == "scored", verdict
        return seconds

    def cold() -> float:
        seconds, outcome = python(COLD, str(model), msgspec.json.encode(task).decode())
        assert outcome == "scored", outcome
        return seconds

    warm()  # reads the hidden set
    floors = [json.loads(python(FLOOR, str(model), task.hidden, str(repeat + 1))[1]) for _ in range(3)]
    return {
        "naive": median(lambda: python(NAIVE, str(model), task.hidden)[0], 3),
        "cold": median(cold, 3),
        "warm": median(warm),
        "first": statistics.median(times[0] for times in floors),
        "again": statistics.median(seconds for times in floors for seconds in times[1:]),
    }


def service_memory() -> dict[str, float]:
    """MiB (PSS) of the processes below this one, and seconds of processor time in 3 idle ones."""
    import psutil

    below = psutil.Process().children(recursive=True)
    before = sum(sum(process.cpu_times()[:2]) for process in below)
    time.sleep(3.0)
    after = sum(sum(process.cpu_times()[:2]) for process in below)
    memory = {}
    for process in below:
        name = "supervisor" if "supervisor" in " ".join(process.cmdline()) else "warm process"
        memory[name] = process.memory_full_info().pss / (1 << 20)
    return {**memory, "processor seconds in 3 s idle": after - before}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--models", default=",".join(ROWS))
    chosen = parser.parse_args()
    from graders import Service

    with tempfile.TemporaryDirectory() as temporary:
        service = Service(isolation="required")
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
        print("| model | file | rows | naive s | cold s | warm s | floor first s | floor again s |", end="")
        print(" naive/warm | cold/naive | warm ≤ 1.3 × floor + 50 ms |")
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        try:
            for name in chosen.models.split(","):
                model, task = build(Path(temporary), name)
                service.start()
                times = measure(model, task, service, chosen.repeat)
                bars = [1.3 * times[floor] + 0.05 for floor in ("first", "again")]
                met = " / ".join("yes" if times["warm"] <= bar else "no" for bar in bars)
                columns = " | ".join(f"{times[column]:.3f}" for column in ("naive", "cold", "warm", "first", "again"))
                size = model.stat().st_size / 1e6
                print(
                    f"| {name} | {size:.1f} MB | {ROWS[name]} | {columns} | {times['naive'] / times['warm']:.1f} × |"
                    f" {times['cold'] / times['naive']:.2f} | {met} (first {bars[0]:.3f}, again {bars[1]:.3f}) |",
                    flush=True,
                )
            print("\n" + ", ".join(f"{name}: {value:.2f}" for name, value in service_memory().items()))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
