"""Cuts the deeds-or-things problem's data: noun.act or noun.artifact. How to get the source: wordnet.py."""

from __future__ import annotations

import sys
from pathlib import Path

from wordnet import Selection, build

DEEDS = Selection(
    problem="deeds",
    seed=41,
    kinds={4: "deed", 6: "thing"},
    public_per_kind=3000,
    hidden_per_kind=900,
    file="definitions.json",
    field="kind",
)

if __name__ == "__main__":
    build(Path(sys.argv[1]), DEEDS)
