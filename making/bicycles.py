"""Cuts the bicycles problem's series out of the hourly table that ISLP ships.

pip download --no-deps ISLP==0.6.0          # BSD package; the data are the UCI Bike Sharing data of 2011, CC BY 4.0
unzip islp-*.whl ISLP/data/Bikeshare.csv -d UNPACKED
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
DIVISORS = {"casual": 272.0, "registered": 567.0, "temp": 1.0, "hum": 1.0, "windspeed": 1.0}
NAMES = ("casual", "registered", "temperature", "humidity", "wind", "work_tomorrow")
FORECAST = 2  # casual and registered
DAYS = 365


def build(table: Path, problem: Path) -> None:
    """Writes data/hours.csv (public) and hidden/hidden.npz (pairs of later days, normalised)."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = {(int(row["day"]), int(row["hr"])): row for row in csv.DictReader(file)}
    works = {day: float(row["workingday"]) for (day, _), row in rows.items()}
    works[DAYS + 1] = 0.0  # the first of January 2012 was a Sunday
    hours, last = [], rows[1, 0]
    for day in range(1, DAYS + 1):
        for hour in range(24):
            # 115 hours without any hire are missing from the table: the hour before stands in for each.
            last = rows.get((day, hour), last)
            hours.append([*(float(last[name]) for name in DIVISORS), works[day + 1]])
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    lines = [",".join(f"{value:g}" for value in hour) for hour in hours[:PUBLIC_HOURS]]
    (problem / "data" / "hours.csv").write_text("\n".join([",".join(NAMES), *lines]) + "\n", encoding="ascii")
    later = np.array(hours[PUBLIC_HOURS:], np.float32) / np.float32([*DIVISORS.values(), 1.0])
    starts = range(len(later) - 2 * WINDOW + 1)
    inputs = np.stack([later[start : start + WINDOW] for start in starts])
    labels = np.stack([later[start + WINDOW : start + 2 * WINDOW, :FORECAST] for start in starts])
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=labels)


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
