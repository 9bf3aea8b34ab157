"""Cuts the dictionary problem's data: animal, food, person, place or plant. How to get the source: wordnet.py."""

from __future__ import annotations

import sys
from pathlib import Path

from wordnet import Selection, build

GLOSSES = Selection(
    problem="glosses",
    seed=40,
    kinds={5: "animal", 13: "food", 18: "person", 15: "place", 20: "plant"},
    public_per_kind=1500,
    hidden_per_kind=400,
    file="glosses.json",
    field="category",
)

if __name__ == "__main__":
    build(Path(sys.argv[1]), GLOSSES)
