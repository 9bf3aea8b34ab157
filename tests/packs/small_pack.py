"""The texts of a small pack of one problem, right in every way, for tests to break."""

from __future__ import annotations

from pathlib import Path

import numpy as np

PACK = """\
format = 1
id = "small"
title = "Small"
version = "1.0.0"
license = "Apache-2.0"
authors = ["A teacher"]

[form]
minutes = 60
weights = { 1 = 100 }
"""

PROBLEM = """\
format = 1
id = "line"
uuid = "6f0c1a52-6f3c-4c0e-9a55-0d6a3d1c7b11"
category = 1
title = "A line"
skills = ["Train a model"]
difficulty = 1
minutes = 10
target = "a mean absolute error of at most 0.5"

[contract]
input_shape = [1]
output_shape = [1]

[scoring]
draw_size = 20

[[scoring.bars]]
metric = "mae"
at_most = 0.6

[data]
kind = "files"
source = "drawn for the tests"
license = "CC0-1.0"
"""

GENERATOR = """\
import numpy as np

def generate(seed, public, hidden):
    rng = np.random.default_rng(seed)
    slope = int(rng.integers(2, 9))
    x = rng.normal(size=(40, 1)).astype("float32")
    np.savetxt(public / "points.csv", np.hstack([x[:20], slope * x[:20]]), delimiter=",")
    np.savez(hidden, inputs=x[20:], labels=slope * x[20:])
    return {"slope": str(slope)}
"""


def write_hidden(path: Path, rows: int = 40) -> None:
    inputs = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, inputs=inputs, labels=3 * inputs)
