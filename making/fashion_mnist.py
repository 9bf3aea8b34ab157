"""Cuts the clothing problem's sets out of Fashion-MNIST as Debian packages it.

apt-get download dataset-fashion-mnist          # 0.0~git20200523.55506a9-1, MIT
dpkg-deb -x dataset-fashion-mnist_*.deb UNPACKED
python making/fashion_mnist.py UNPACKED/usr/share/datasets/fashion-mnist
"""

from __future__ import annotations

import gzip
import lzma
import sys
from pathlib import Path

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "fashion_mnist"
SEED = 20
TRAIN_PER_CLASS = 1200
TEST_PER_CLASS = 200
HIDDEN_PER_CLASS = 200


def read_images(path: Path) -> np.ndarray:
    """The (n, 28, 28) bytes of an IDX image file (16 bytes of header)."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28)


def read_labels(path: Path) -> np.ndarray:
    """The (n,) class numbers of an IDX label file (8 bytes of header)."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=8)


def draw(
    images: np.ndarray, labels: np.ndarray, per_class: int, taken: set[bytes], rng: np.random.Generator
) -> np.ndarray:
    """Indices of `per_class` pictures of each class, shuffled, none of them in `taken` yet; adds them to it."""
    chosen: list[int] = []
    left = dict.fromkeys(range(10), per_class)
    for index in rng.permutation(len(images)):
        label, content = int(labels[index]), images[index].tobytes()
        if left[label] and content not in taken:
            left[label] -= 1
            taken.add(content)
            chosen.append(int(index))
    return np.array(chosen)


def build(source: Path, problem: Path) -> None:
    """Writes data/*.xz (raw bytes, read by builder.py) and hidden/hidden.npz (pixels 0 to 1) below `problem`."""
    rng = np.random.default_rng(SEED)
    taken: set[bytes] = set()
    images = read_images(source / "train-images-idx3-ubyte.gz")
    labels = read_labels(source / "train-labels-idx1-ubyte.gz")
    train = draw(images, labels, TRAIN_PER_CLASS, taken, rng)
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    write_public(problem / "data", "train", images[train], labels[train])
    images = read_images(source / "t10k-images-idx3-ubyte.gz")
    labels = read_labels(source / "t10k-labels-idx1-ubyte.gz")
    test = draw(images, labels, TEST_PER_CLASS, taken, rng)
    write_public(problem / "data", "test", images[test], labels[test])
    hidden = draw(images, labels, HIDDEN_PER_CLASS, taken, rng)
    inputs = images[hidden].astype(np.float32) / np.float32(255)
    np.savez_compressed(problem / "hidden" / "hidden.npz", inputs=inputs, labels=labels[hidden].astype(np.int64))


def write_public(folder: Path, split: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Writes the pictures' and the labels' bytes, nothing else, each compressed with xz."""
    for name, content in ((f"{split}-images.xz", images), (f"{split}-labels.xz", labels)):
        (folder / name).write_bytes(lzma.compress(content.tobytes(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
