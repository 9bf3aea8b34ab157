"""Single commands of a shell, with a grader of their own: the model is there before the grader is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

# As TensorFlow 2.13 saves a SavedModel: with the notes of Keras 2 and an optimizer. The weights are the line itself.
KERAS_2_LINE = """
import sys
import numpy as np
import tf_keras
points = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1)
slope, height = np.polyfit(points[:, 0], points[:, 1], 1)
model = tf_keras.Sequential([tf_keras.layers.Dense(1, input_shape=(1,))])
model.compile(optimizer="sgd", loss="mse")
model.fit(points[:, :1], points[:, 1:], verbose=0)
model.set_weights([np.array([[slope]]), np.array([height])])
model.save(sys.argv[2], save_format="tf")
"""


def run(*command: str, home: Path) -> str:
    environment = {**os.environ, "MOCKEXAM_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, *command], check=False, capture_output=True, text=True, timeout=300, env=environment, cwd=home
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_saved_model_of_keras_2_is_scored_by_a_grader_that_has_just_started(tmp_path: Path) -> None:
    folder, model = tmp_path / "line", tmp_path / "mymodel"
    run("-m", "mockexam", "practice", "line", "--into", str(folder), home=tmp_path)
    run("-c", KERAS_2_LINE, str(folder / "data" / "points.csv"), str(model), home=tmp_path)
    assert (model / "keras_metadata.pb").is_file()

    verdict = json.loads(run("-m", "mockexam", "practice", "line", str(model), "--json", home=tmp_path))

    assert verdict["outcome"] == "scored", verdict["reason"]
    assert [test["passed"] for test in verdict["tests"]] == [True] * 5
    assert verdict["receipt"]["loader"] == "savedmodel"
