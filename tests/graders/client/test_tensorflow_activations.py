"""Models with `activation=tf.nn.softmax`, as Keras 3 writes them, through the whole service: warm and cold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graders import Contract, Limits, Scoring, Service, Task, Threshold

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

# softmax.npz has what their writer, TensorFlow 2.21 with Keras 3.15, predicted.
MODELS = Path(__file__).with_name("models")


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_they_are_scored_by_what_their_writer_predicted(cold: bool, tmp_path: Path) -> None:
    with np.load(MODELS / "softmax.npz") as arrays:
        inputs, labels = arrays["inputs"], arrays["labels"]
    hidden = tmp_path / "hidden.npz"
    np.savez(hidden, inputs=inputs, labels=labels)
    task = Task(
        contract=Contract(input_shape=(4,), output_shape=(3,), activation="softmax"),
        scoring=Scoring(thresholds=(Threshold(metric="mae", at_most=1e-4),), draw_size=len(inputs)),
        hidden=str(hidden),
        limits=Limits(wall_seconds=60.0),
    )
    service = Service(cold=cold)
    try:
        waiting = {form: service.submit(MODELS / f"softmax.{form}", task, key="k") for form in ("h5", "keras")}
        verdicts = {form: future.result(200) for form, future in waiting.items()}
    finally:
        service.stop()

    assert {form: (one.outcome, one.passed) for form, one in verdicts.items()} == {
        "h5": ("scored", 5),
        "keras": ("scored", 5),
    }, verdicts
