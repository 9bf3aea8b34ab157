"""Renders the pictures of the horses-and-people problem: three disjoint sets, each picture seeded by its own name.

python making/horses_people.py [PROBLEM_FOLDER]      about four minutes on one core
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from beings import Being, render
from PIL import Image

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "horses_people"
SIZE = 80
QUALITY = 86
CLASSES: tuple[Being, ...] = ("horse", "person")
# folder inside the problem → (seed, pictures per class)
SETS = {"data/train": (81, 600), "data/validation": (82, 120), "hidden": (83, 250)}


def picture(seed: int, being: Being, index: int) -> Image.Image:
    """Picture number `index` of a set."""
    return render(being, np.random.default_rng([seed, CLASSES.index(being), index]), SIZE)


def build(problem: Path) -> None:
    """Writes every picture of every set as JPEG below `problem`."""
    for folder, (seed, count) in SETS.items():
        for being in CLASSES:
            target = problem / folder / being
            target.mkdir(parents=True, exist_ok=True)
            for index in range(count):
                picture(seed, being, index).save(target / f"{being}{index:04d}.jpg", quality=QUALITY)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else PROBLEM)
