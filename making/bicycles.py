"""Cuts the bicycles problem's series out of the hourly table that ISLP ships.

pip download --no-deps ISLP==0.6.0          # BSD package; the data are the UCI Bike Sharing data of 2011, CC BY 4.0
unzip ISLP-*.whl ISLP/data/Bikeshare.csv -d UNPACKED
python making/bicycles.py UNPACKED/ISLP/data/Bikeshare.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "bicycles"
PUBLIC_HOURS = 6504  # 271 days of 2011; the hidden part follows, so that no window reaches across
WINDOW = 24
DIVISORS = {"temp": 1.0, "hum": 1.0, "windspeed": 1.0, "casual": 272.0, "registered": 567.0}
NAMES = ("temperature", "humidity", "wind", "casual", "registered")


def build(table: Path, problem: Path) -> None:
    """Writes data/hours.csv (public) and hidden/hidden.npz (pairs of later days, normalised)."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = {(int(row["day"]), int(row["hr"])): row for row in csv.DictReader(file)}
    hours, last = [], rows[1, 0]
    for day in range(1, 366):
        for hour in range(24):
            # 115 hours without any hire are not in the table: the hour before stands in for them.
            last = rows.get((day, hour), last)
            hours.append([float(last[name]) for name in DIVISORS])
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    lines = [",".join(f"{value:g}" for value in hour) for hour in hours[:PUBLIC_HOURS]]
    (problem / "data" / "hours.csv").write_text("\n".join([",".join(NAMES), *lines]) + "\n", encoding="ascii")
    later = np.array(hours[PUBLIC_HOURS:], np.float32) / np.float32(list(DIVISORS.values()))
    starts = range(len(later) - 2 * WINDOW + 1)
    inputs = np.stack([later[start : start + WINDOW] for start in starts])
    labels = np.stack([later[start + WINDOW : start + 2 * WINDOW] for start in starts])
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=labels)


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
