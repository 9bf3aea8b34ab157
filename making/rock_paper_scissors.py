"""Renders the pictures of the rock-paper-scissors problem: three disjoint sets, each picture seeded by its own name.

python making/rock_paper_scissors.py [PROBLEM_FOLDER]      about six minutes on one core
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from capsules import View
from hands import Pose, hand, render
from PIL import Image

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "rock_paper_scissors"
SIZE = 96
QUALITY = 88
CLASSES: tuple[Pose, ...] = ("paper", "rock", "scissors")
# folder inside the problem → (seed, pictures per class)
SETS = {"data/train": (11, 600), "data/validation": (12, 120), "hidden": (13, 200)}


def picture(seed: int, pose: Pose, index: int) -> Image.Image:
    """Picture number `index` of a set: any turn of the hand, palm or back, left or right."""
    rng = np.random.default_rng([seed, CLASSES.index(pose), index])
    upright = rng.random() >= 0.35
    view = View(
        turn=rng.normal(0, 0.5) if upright else rng.uniform(-math.pi, math.pi),
        tilt=rng.normal(0, 0.35),
        roll=rng.normal(0, 0.4) + (math.pi if rng.random() < 0.4 else 0.0),
        half_width=rng.uniform(1.25, 1.6),
        offset=(rng.uniform(-0.15, 0.15), rng.uniform(-0.15, 0.15)),
        left=bool(rng.random() < 0.5),
    )
    return render(hand(pose, rng), view, rng, SIZE)


def build(problem: Path) -> None:
    """Writes every picture of every set as JPEG below `problem`."""
    for folder, (seed, count) in SETS.items():
        for pose in CLASSES:
            target = problem / folder / pose
            target.mkdir(parents=True, exist_ok=True)
            for index in range(count):
                picture(seed, pose, index).save(target / f"{pose}{index:04d}.jpg", quality=QUALITY)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else PROBLEM)
