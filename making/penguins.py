"""Splits the penguins problem's birds from the table that bokeh_sampledata ships.

pip download --no-deps bokeh_sampledata==2026.1      # its licenses/datasets.json records CC0-1.0 for this file
unzip bokeh_sampledata-*.whl 'bokeh_sampledata/_data/*' -d UNPACKED
python making/penguins.py UNPACKED/bokeh_sampledata/_data/penguins.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "penguins"
SEED = 60
HIDDEN_PER_SPECIES = 34
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
# Name in the source, name in the stock data set, mean and deviation that the problem normalises with.
MEASURES = (
    ("bill_length_mm", "culmen_length_mm", 44.0, 5.5),
    ("bill_depth_mm", "culmen_depth_mm", 17.0, 2.0),
    ("flipper_length_mm", "flipper_length_mm", 200.0, 14.0),
    ("body_mass_g", "body_mass_g", 4200.0, 800.0),
)
STOCK_COLUMNS = ("species", "island", *(stock for _, stock, _, _ in MEASURES), "sex")


def measured(row: dict[str, str]) -> tuple[str, ...]:
    """The four measures as written in the table."""
    return tuple(row[source] for source, *_ in MEASURES)


def build(table: Path, problem: Path) -> None:
    """Writes data/penguins_size.csv (public, the stock builder's columns) and hidden/hidden.npz below `problem`."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(value not in ("", "NaN") for value in measured(row))]
    rows = [rows[index] for index in np.random.default_rng(SEED).permutation(len(rows))]
    public, hidden = [], []
    left = dict.fromkeys(SPECIES, HIDDEN_PER_SPECIES)
    for row in rows:
        chosen = left[row["species"]] > 0
        left[row["species"]] -= chosen
        (hidden if chosen else public).append(row)
    if {measured(row) for row in public} & {measured(row) for row in hidden}:
        raise SystemExit("two birds have the same measures: choose another seed")
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    lines = [",".join([r["species"], r["island"], *measured(r), r["sex"] or "NA"]) for r in public]
    text = "\n".join([",".join(STOCK_COLUMNS), *lines]) + "\n"
    (problem / "data" / "penguins_size.csv").write_text(text, encoding="ascii")
    # Normalised in 32 bits, as the candidate's preprocess does.
    inputs = np.array([measured(row) for row in hidden], np.float32)
    inputs = (inputs - np.float32([m for *_, m, _ in MEASURES])) / np.float32([d for *_, d in MEASURES])
    labels = np.array([SPECIES.index(row["species"]) for row in hidden], np.int64)
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=labels)


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
