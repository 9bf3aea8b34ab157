"""Splits the handwritten digits problem's pictures from the data set that scikit-learn ships.

pip install scikit-learn          # 1.7 was used; sklearn/datasets/data/digits.csv.gz has not changed for ten years
python making/digits.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "digits"
SEED = 61
HIDDEN_PER_CLASS = 60
LARGEST = np.float32(16)


def build(problem: Path) -> None:
    """Writes data/digits.csv (64 whole numbers and the digit on a line) and hidden/hidden.npz below `problem`."""
    bunch = load_digits()
    pixels, digits = bunch.data.astype(np.uint8), bunch.target
    order = np.random.default_rng(SEED).permutation(len(digits))
    hidden = np.concatenate([order[digits[order] == digit][:HIDDEN_PER_CLASS] for digit in range(10)])
    public = [index for index in order if index not in set(hidden.tolist())]
    if {pixels[i].tobytes() for i in public} & {pixels[i].tobytes() for i in hidden}:
        raise SystemExit("two pictures are the same: choose another seed")
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    header = ",".join([*(f"p{row}{column}" for row in range(8) for column in range(8)), "digit"])
    lines = [",".join(map(str, [*pixels[index], digits[index]])) for index in public]
    (problem / "data" / "digits.csv").write_text("\n".join([header, *lines]) + "\n", encoding="ascii")
    inputs = pixels[hidden].reshape(-1, 8, 8).astype(np.float32) / LARGEST
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=digits[hidden].astype(np.int64))


if __name__ == "__main__":
    build(PROBLEM)
