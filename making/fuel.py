"""Splits the fuel economy problem's cars from the table that bokeh_sampledata ships.

pip download --no-deps bokeh_sampledata==2026.1      # its licenses/datasets.json records CC0-1.0 for this file
unzip bokeh_sampledata-*.whl 'bokeh_sampledata/_data/*' -d UNPACKED
python making/fuel.py UNPACKED/bokeh_sampledata/_data/auto-mpg.csv
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "fuel"
SEED = 50
HIDDEN_CARS = 120
# Name in the source → name in the problem.
FEATURES = {
    "cyl": "cylinders",
    "displ": "displacement",
    "hp": "horsepower",
    "weight": "weight",
    "accel": "acceleration",
    "yr": "year",
}
ORIGINS = {"1": "usa", "2": "europe", "3": "japan"}


def build(table: Path, problem: Path) -> None:
    """Writes data/cars.csv, data/normalisation.json (means and deviations of the public cars) and hidden/hidden.npz."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [rows[index] for index in np.random.default_rng(SEED).permutation(len(rows))]
    hidden, public = rows[:HIDDEN_CARS], rows[HIDDEN_CARS:]
    scale = {}
    for source, name in FEATURES.items():
        values = np.array([float(row[source]) for row in public])
        scale[name] = {"mean": round(float(values.mean()), 4), "deviation": round(float(values.std()), 4)}
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    header = ",".join([*FEATURES.values(), "origin", "mpg"])
    lines = [",".join([*(row[source] for source in FEATURES), ORIGINS[row["origin"]], row["mpg"]]) for row in public]
    (problem / "data" / "cars.csv").write_text("\n".join([header, *lines]) + "\n", encoding="ascii")
    (problem / "data" / "normalisation.json").write_text(json.dumps(scale, indent=2) + "\n", encoding="ascii")
    inputs = [encode(row, scale) for row in hidden]
    labels = [[float(row["mpg"])] for row in hidden]
    np.savez_compressed(
        problem / "hidden" / "hidden.npz", inputs=np.array(inputs, np.float32), labels=np.array(labels, np.float32)
    )


def encode(row: dict[str, str], scale: dict[str, dict[str, float]]) -> list[float]:
    """Six normalised numbers, then 1 for the car's origin and 0 for the other two."""
    numbers = [(float(row[s]) - scale[n]["mean"]) / scale[n]["deviation"] for s, n in FEATURES.items()]
    return numbers + [float(row["origin"] == origin) for origin in ORIGINS]


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
