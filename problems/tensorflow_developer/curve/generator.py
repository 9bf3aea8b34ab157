"""Draws the curve of one attempt: two waves on a slope, measured with noise; hidden points lie on the curve itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np

NOISE = 0.05
PUBLIC_ROWS = 240
HIDDEN_ROWS = 500


def generate(seed: int, public: Path, hidden: Path) -> dict[str, str]:
    """Write points.csv into `public` and the hidden set to `hidden`; there are no values to fill in."""
    rng = np.random.default_rng([2, seed])
    slope = rng.uniform(0.2, 0.5) * rng.choice((-1, 1))
    heights, phases = rng.uniform(0.8, 1.2) * np.array((1.0, 0.4)), rng.uniform(0, 2 * np.pi, 2)
    speeds = (rng.uniform(1.3, 1.7), rng.uniform(2.6, 3.2))

    def curve(x: np.ndarray) -> np.ndarray:
        waves = (h * np.sin(s * x + p) for h, s, p in zip(heights, speeds, phases, strict=True))
        return slope * x + sum(waves)

    # Measured at even thousandths, tested at odd ones: no x is in both.
    measured = np.sort(rng.choice(np.arange(-3000, 3001, 2), PUBLIC_ROWS, replace=False)) / 1000
    tested = rng.choice(np.arange(-2999, 3000, 2), HIDDEN_ROWS, replace=False) / 1000
    noisy = curve(measured) + rng.normal(0, NOISE, PUBLIC_ROWS)
    lines = ["x,y", *(f"{x:.3f},{y:.4f}" for x, y in zip(measured, noisy, strict=True))]
    (public / "points.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.savez(
        hidden,
        inputs=tested.astype(np.float32).reshape(-1, 1),
        labels=curve(tested).astype(np.float32).reshape(-1, 1),
    )
    return {}
