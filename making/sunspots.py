"""Cuts the sunspot problems' series out of the monthly table that statsmodels ships.

pip download --no-deps statsmodels==0.15.0      # BSD-3-Clause; the data are marked "This data is public domain."
unzip statsmodels-*.whl 'statsmodels/datasets/sunspots/src/*' -d UNPACKED
python making/sunspots.py UNPACKED/statsmodels/datasets/sunspots/src/sunspots_monthly.dat
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

PACK = Path(__file__).parent.parent / "problems" / "tensorflow_developer"
PUBLIC_MONTHS = 2700  # 1749-01 to 1973-12; the hidden part follows, so that no window reaches across
WINDOW = 30
HORIZON = 12
LARGEST = 253.8


def read_months(table: Path) -> list[tuple[str, float]]:
    """Month and sunspot number; each line of the table is a year and up to twelve values."""
    months = []
    for line in table.read_text(encoding="ascii").splitlines():
        year, *values = line.split() or [""]
        if year.isdigit():
            months += [(f"{year}-{month:02d}", float(value)) for month, value in enumerate(values, 1)]
    return months


def windows(series: np.ndarray, window: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Every run of `window` values (n, window, 1), and the value `horizon` steps after its last one (n, 1)."""
    starts = range(len(series) - window - horizon + 1)
    inputs = np.stack([series[start : start + window] for start in starts])
    labels = series[window + horizon - 1 :]
    return inputs[..., np.newaxis].astype(np.float32), labels[:, np.newaxis].astype(np.float32)


def build(table: Path, problem: Path, divisor: float) -> None:
    """Writes data/sunspots.csv (public) and hidden/hidden.npz (windows of the later months, divided by `divisor`)."""
    months = read_months(table)
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    lines = ["month,sunspots", *(f"{month},{value}" for month, value in months[:PUBLIC_MONTHS])]
    (problem / "data" / "sunspots.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
    later = np.array([value for _, value in months[PUBLIC_MONTHS:]]) / divisor
    inputs, labels = windows(later, WINDOW, HORIZON)
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=labels)


if __name__ == "__main__":
    build(Path(sys.argv[1]), PACK / "sunspots", LARGEST)
    build(Path(sys.argv[1]), PACK / "sunspots_raw", 1.0)
