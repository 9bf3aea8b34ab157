"""Hidden rows among public ones are found in whatever file and scale they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mockexam.packs.workers.requests import Overlap
from mockexam.packs.workers.rows import known_among, of_files

RNG = np.random.default_rng(4)
SERIES = RNG.normal(50, 20, 120)
PICTURES = RNG.integers(0, 256, (6, 12, 12)).astype(np.uint8)


def table(path: Path, rows: np.ndarray, header: str) -> None:
    np.savetxt(path, rows, "%.6f", ",", header=header, comments="")


def pictures(folder: Path) -> None:
    for number, picture in enumerate(PICTURES):
        Image.fromarray(picture).save(folder / f"{number}.png")


def windows(series: np.ndarray, start: int = 0) -> np.ndarray:
    return np.stack([series[n : n + 10] for n in range(start, len(series) - 9)])[..., None].astype(np.float32)


WRITERS: dict[str, tuple[Callable[[Path], object], np.ndarray]] = {
    "pictures": (pictures, PICTURES[2:4] / np.float32(255)),
    "array with a channel": (lambda p: np.save(p / "x.npy", PICTURES[..., None]), PICTURES[2:4] / np.float32(255)),
    "npz": (lambda p: np.savez_compressed(p / "x.npz", other=PICTURES), PICTURES[:2].astype(np.float32)),
    "flat table": (
        lambda p: table(p / "x.csv", np.hstack([PICTURES.reshape(6, -1), np.zeros((6, 1))]), ",".join(["p"] * 145)),
        PICTURES[4:] / np.float32(16),
    ),
    "windows of a column": (
        lambda p: table(p / "x.csv", np.column_stack([np.arange(120), SERIES]), "day,count"),
        (windows(SERIES, 109) - 50) / 20,
    ),
    "texts": (
        lambda p: (p / "x.json").write_text(json.dumps([{"text": "one two  three"}, {"text": "four"}])),
        np.array(["one two three", "four"]),
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_hidden_row_is_known_again(tmp_path: Path, name: str) -> None:
    write, inputs = WRITERS[name]
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    np.savez(tmp_path / "hidden.npz", inputs=inputs)
    found = known_among(tmp_path / "hidden.npz", of_files(tmp_path / "data", tmp_path / "hidden.npz"))
    assert (found.known, found.hidden) == (2, 2)


@pytest.mark.parametrize("name", WRITERS)
def test_another_row_is_not(tmp_path: Path, name: str) -> None:
    write, inputs = WRITERS[name]
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    other = np.char.add(inputs, "!") if inputs.dtype.kind == "U" else inputs + RNG.random(inputs.shape, np.float32)
    np.savez(tmp_path / "hidden.npz", inputs=other)
    found = known_among(tmp_path / "hidden.npz", of_files(tmp_path / "data", tmp_path / "hidden.npz"))
    assert found.known == 0
    assert found.public > 0


def test_rows_that_many_share_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table(tmp_path / "data" / "x.csv", np.zeros((40, 1)), "months")
    np.savez(tmp_path / "hidden.npz", inputs=np.zeros((3, 10, 1), np.float32))
    found = known_among(tmp_path / "hidden.npz", of_files(tmp_path / "data", tmp_path / "hidden.npz"))
    assert found == Overlap(known=0, hidden=3, public=0)


def test_damaged_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("x.npz", "x.npy", "x.png", "x.csv", "x.json"):
        (tmp_path / "data" / name).write_bytes(b"\x89PNG\x00\xff")
    np.savez(tmp_path / "hidden.npz", inputs=PICTURES[:2])
    assert known_among(tmp_path / "hidden.npz", of_files(tmp_path / "data", tmp_path / "hidden.npz")).public == 0
