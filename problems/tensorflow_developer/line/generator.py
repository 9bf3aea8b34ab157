"""Draws the line of one attempt: six public points on whole numbers, and a hidden set around and beyond them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

# Slopes of 1 and 0 are left out: a model that repeats its input, or one constant, must not come close.
SLOPES = (-4.0, -3.5, -3.0, -2.5, -2.0, 2.0, 2.5, 3.0, 3.5, 4.0)
INTERCEPTS = (-6.0, -5.0, -4.0, -3.0, 3.0, 4.0, 5.0, 6.0)
PUBLIC_X = (-1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
HIDDEN_ROWS = 400


def generate(seed: int, public: Path, hidden: Path) -> dict[str, str]:
    """Write points.csv into `public` and the hidden set to `hidden`; return the points as a Markdown table's rows."""
    rng = np.random.default_rng([1, seed])
    slope, intercept = float(rng.choice(SLOPES)), float(rng.choice(INTERCEPTS))
    points = [(x, slope * x + intercept) for x in PUBLIC_X]
    lines = ["x,y", *(f"{x:g},{y:g}" for x, y in points)]
    (public / "points.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    # Halves and quarters of a tenth never meet a whole number.
    steps = rng.permutation(np.arange(-200, 200))[:HIDDEN_ROWS]
    x = (steps.astype(np.float64) + 0.5) / 20
    np.savez(
        hidden,
        inputs=x.astype(np.float32).reshape(-1, 1),
        labels=(slope * x + intercept).astype(np.float32).reshape(-1, 1),
    )
    return {"points": "\n".join(f"| {x:g} | {y:g} |" for x, y in points)}
