"""A small pack of one problem, right in every way, for tests to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

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


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small pack into a folder, with texts of the two TOML files replaced: write_pack(name, {old: new})."""

    def write(name: str = "small", replace: dict[str, str] | None = None) -> Path:
        pack, problem = PACK.replace('"small"', f'"{name}"'), PROBLEM
        for old, new in (replace or {}).items():
            assert old in pack + problem, f"the small pack doesn't say {old!r}"
            pack, problem = pack.replace(old, new), problem.replace(old, new)
        root = tmp_path / "packs" / name
        folder = root / "line"
        (folder / "data").mkdir(parents=True)
        (root / "pack.toml").write_text(pack, "utf-8")
        (folder / "problem.toml").write_text(problem, "utf-8")
        (folder / "statement.md").write_text("# {{title}}\n\nReach {{target}}.\n", "utf-8")
        (folder / "starter.py").write_text("model = None  # YOUR CODE HERE\n", "utf-8")
        (folder / "solution.py").write_text("model = 'trained'\n", "utf-8")
        (folder / "data" / "points.csv").write_text("0,0\n1,3\n", "utf-8")
        write_hidden(folder / "hidden" / "hidden.npz")
        return root

    return write


@pytest.fixture
def write_generator_pack(write_pack: Callable[..., Path]) -> Callable[..., Path]:
    """The small pack with its data drawn by the seed: write_generator_pack(generator_source)."""

    def write(source: str = GENERATOR, **replace: str) -> Path:
        root = write_pack("drawn", {'kind = "files"': 'kind = "generator"', **replace})
        (root / "line" / "generator.py").write_text(source, "utf-8")
        (root / "line" / "hidden" / "hidden.npz").unlink()
        return root

    return write
