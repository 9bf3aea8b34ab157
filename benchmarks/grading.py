"""How long one submission takes, compared with a plain script and with the least it could take.

    python benchmarks/grading.py [--repeat N] [--models dense,cnn,...]      exit code 1 when a target is missed

Five models are built and saved first. Then, for each:
  naive   a script that imports TensorFlow, loads the model, predicts the hidden set and scores it (a whole process)
  cold    `graders.grade` in a process that has imported nothing yet (a whole process, service started and stopped)
  warm    `Service.submit` to verdict, the service being ready; hidden set already read, as from the second one on
  at once the same when the previous one has only just ended, so that no child has rehearsed yet
  floor   load + one predict over the hidden set in a process that has TensorFlow imported: no copy, no lock, no score.
          "first" is the first time in a new process, "again" the median of repetitions in that same process
Each is the median of N runs. Then two submissions at once compared with the same two in turn, the service's memory and
processor time when idle, and how soon it is gone after the application has died. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROWS = {"dense": 10_000, "cnn": 2_000, "text": 1_000, "forecast": 2_000, "transfer": 200}
INPUTS = {"dense": (28, 28), "cnn": (28, 28, 1), "text": (120,), "forecast": (30, 1), "transfer": (128, 128, 3)}
CLASSES = {"dense": 10, "cnn": 10, "text": 6, "forecast": 1, "transfer": 3}

FASTER_THAN_NAIVE = 8.0
OF_FLOOR, AND_SECONDS = 1.3, 0.05
PAUSE = 2.0  # between two submissions: a child rehearses within a second
GONE_WITHIN = 5.0
NOISE = 1.1  # two at once take about no longer than one after the other

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

APPLICATION = """
import time, graders
service = graders.Service()
service.start()
while service.state != "ready":
    time.sleep(0.05)
print("ready", flush=True)
time.sleep(600)
"""

COLD = """
import sys
import graders, msgspec
from pathlib import Path
task = msgspec.json.decode(sys.argv[2], type=graders.Task)
print(graders.grade(Path(sys.argv[1]), task, key="benchmark").outcome)
"""


def python(code: str, *arguments: str) -> tuple[float, str]:
    """Run code in a new interpreter; returns the seconds of the whole process, and what it printed."""
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
    from graders import Contract, Scoring, Task, Threshold

    model, hidden = folder / f"{name}.h5", folder / f"{name}.npz"
    classes, shape = CLASSES[name], INPUTS[name]
    python(BUILD, name, str(model), str(hidden), str(ROWS[name]), str(shape), str(classes))
    threshold = Threshold(metric="accuracy", at_least=0.01) if classes > 1 else Threshold(metric="mae", at_most=10.0)
    contract = Contract(input_shape=shape, output_shape=(classes,))
    return model, Task(contract=contract, scoring=Scoring(thresholds=(threshold,)), hidden=str(hidden))


def measure(model: Path, task: Any, service: Any, repeat: int) -> dict[str, float]:
    """Medians in seconds."""
    import msgspec

    def median(run: Any, times: int = repeat) -> float:
        return statistics.median(run() for _ in range(times))

    def at_once() -> float:
        began = time.perf_counter()
        verdict = service.submit(model, task, key="benchmark").result()
        seconds = time.perf_counter() - began
        assert verdict.outcome == "scored", verdict
        return seconds

    def warm() -> float:
        time.sleep(PAUSE)
        return at_once()

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
        "at once": median(at_once),
        "first": statistics.median(times[0] for times in floors),
        "again": statistics.median(seconds for times in floors for seconds in times[1:]),
    }


def row(name: str, size: float, times: dict[str, float]) -> tuple[str, bool]:
    """A line of the table with every target beside its figure, and whether all were met."""
    columns = ("naive", "cold", "warm", "at once", "first", "again")
    faster, cold = times["naive"] / times["warm"], times["cold"] / times["naive"]
    thresholds = {floor: OF_FLOOR * times[floor] + AND_SECONDS for floor in ("first", "again")}
    met = [faster >= FASTER_THAN_NAIVE, cold <= 1.0, *(times["warm"] <= threshold for threshold in thresholds.values())]
    said = ["yes" if each else "NO" for each in met]
    cells = [
        name,
        f"{size / 1e6:.1f} MB",
        str(ROWS[name]),
        *(f"{times[column]:.3f}" for column in columns),
        f"{faster:.1f} × ({said[0]})",
        f"{cold:.2f} ({said[1]})",
        f"{thresholds['first']:.3f} ({said[2]}), {thresholds['again']:.3f} ({said[3]})",
    ]
    return f"| {' | '.join(cells)} |", all(met)


def scoring_milliseconds() -> float:
    """The least processor time of five draws, two metrics and 10,000 resamples on 4,000 rows of ten classes."""
    import numpy as np

    from graders import Scoring, Threshold
    from graders.scoring.scores import score

    labels = np.random.default_rng(1).integers(0, 10, 4000)
    predictions = np.random.default_rng(2).dirichlet([1] * 10, 4000).astype(np.float32)
    thresholds = tuple(
        Threshold(metric=metric, at_least=0.1) for metric in ("sparse_categorical_crossentropy", "accuracy")
    )
    taken = []
    for _ in range(5):
        began = time.process_time()
        score(predictions, labels, Scoring(thresholds=thresholds), "key")
        taken.append(time.process_time() - began)
    return 1000 * min(taken)


def two_at_once(model: Path, task: Any, service: Any, repeat: int) -> tuple[float, float]:
    """Median seconds for two submissions one after the other, and for both at once."""

    def one_after_the_other() -> None:
        for key in "ab":
            service.submit(model, task, key=key).result()

    def together() -> None:
        for verdict in [service.submit(model, task, key=key) for key in "ab"]:
            verdict.result()

    def seconds(run: Any) -> float:
        time.sleep(PAUSE)
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    pairs = [(seconds(one_after_the_other), seconds(together)) for _ in range(repeat)]
    after, at_once = (statistics.median(values) for values in zip(*pairs, strict=True))
    return after, at_once


def idle(seconds: float = 5.0) -> Iterator[str]:
    """What each process below this one takes when there is nothing to do: MiB (PSS) and processor time."""
    import psutil

    time.sleep(PAUSE)
    below = psutil.Process().children(recursive=True)
    before = {process: sum(process.cpu_times()[:2]) for process in below}
    time.sleep(seconds)
    names = iter(("supervisor", "warm process", "waiting child"))
    for process in below:
        used = sum(process.cpu_times()[:2]) - before[process]
        memory = process.memory_full_info().pss / (1 << 20)
        yield f"{next(names, 'another')} {memory:.0f} MiB (PSS), {used:.2f} s of processor time in {seconds:g} s"


def gone_after(how: signal.Signals) -> float:
    """Seconds from the application's death until all of its service is gone."""
    import psutil

    with subprocess.Popen([sys.executable, "-c", APPLICATION], stdout=subprocess.PIPE) as application:
        assert application.stdout is not None
        application.stdout.readline()
        time.sleep(PAUSE)
        below = psutil.Process(application.pid).children(recursive=True)
        began = time.perf_counter()
        application.send_signal(how)
        psutil.wait_procs(below, timeout=60)
    return time.perf_counter() - began


HEAD = (
    "model | file | rows | naive s | cold s | warm s | at once s | floor first s | floor again s"
    f" | naive/warm ≥ {FASTER_THAN_NAIVE:g} | cold/naive ≤ 1 | warm ≤ {OF_FLOOR} × floor + {AND_SECONDS * 1000:g} ms"
)


def compare(chosen: list[str], repeat: int) -> bool:
    """Print the table and what goes with it; returns whether all targets were met."""
    from graders import Service

    good = True
    with tempfile.TemporaryDirectory() as temporary:
        service = Service(isolation="required")
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n\n| {HEAD} |")
        print("|" + "---|" * len(HEAD.split(" | ")))
        try:
            for name in chosen:
                model, task = build(Path(temporary), name)
                service.start()
                line, met = row(name, model.stat().st_size, measure(model, task, service, repeat))
                good &= met
                print(line, flush=True)
            after, at_once = two_at_once(model, task, service, repeat)
            good &= at_once <= NOISE * after
            print(f"\nTwo of {name}: one after the other {after:.3f} s, at once {at_once:.3f} s (at most {NOISE} ×).")
            print(f"Scoring 4,000 rows and their odds: {scoring_milliseconds():.0f} ms of processor time.")
            print("Idle: " + "; ".join(idle()) + ".")
        finally:
            service.stop()
    return good


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--models", default=",".join(ROWS))
    chosen = parser.parse_args()
    good = compare(chosen.models.split(","), chosen.repeat)
    for how in (signal.SIGTERM, signal.SIGKILL):
        seconds = gone_after(how)
        good &= seconds <= GONE_WITHIN
        print(f"After the application's {how.name} all is gone in {seconds:.2f} s (at most {GONE_WITHIN:g}).")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
