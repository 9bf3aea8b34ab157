"""What the candidate gets, brought into the form of the hidden inputs: problem id → rows of its public data."""

from __future__ import annotations

import csv
import json
import lzma
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

Rows = Iterator[np.ndarray]


def points(data: Path) -> Rows:
    """The line's x values."""
    yield from np.loadtxt(data / "points.csv", delimiter=",", skiprows=1, dtype=np.float32)[:, :1]


def clothing(data: Path) -> Rows:
    """The pictures of both splits, 0 to 1. `data` is the problem's own: what builder.py reads is what it hands out."""
    for split in ("train", "test"):
        pixels = np.frombuffer(lzma.decompress((data / f"{split}-images.xz").read_bytes()), np.uint8)
        yield from pixels.reshape(-1, 28, 28).astype(np.float32) / np.float32(255)


def pictures(data: Path) -> Rows:
    """Every picture below data/, 0 to 1, as the preparation decodes the hidden ones."""
    scale = np.float32(0.00392156862745098)
    for path in sorted(data.rglob("*.jpg")):
        with Image.open(path) as picture:
            yield np.asarray(picture.convert("RGB"), np.float32) * scale


def stretched(data: Path) -> Rows:
    """Every picture below data/, brought to 64 × 64 as the hidden ones were, 0 to 1."""
    scale = np.float32(0.00392156862745098)
    for path in sorted(data.rglob("*.jpg")):
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((64, 64), Image.Resampling.BILINEAR)
            yield np.asarray(small, np.float32) * scale


def encoded(data: Path, name: str, length: int = 32) -> Rows:
    """The texts of a JSON list as word numbers, `length` of them."""
    listed = json.loads((data / "vocabulary.json").read_text("utf-8"))
    numbers = {word: number for number, word in enumerate(listed)}
    for row in json.loads((data / name).read_text("utf-8")):
        found = [numbers.get(word, 1) for word in re.findall("[a-z]+", row["text"].lower())][:length]
        yield np.array(found + [0] * (length - len(found)), np.int32)


def definitions(data: Path) -> Rows:
    """The encoded definitions of five categories."""
    yield from encoded(data, "glosses.json")


def deeds(data: Path) -> Rows:
    """The encoded definitions of deeds and things."""
    yield from encoded(data, "definitions.json")


def passages(data: Path) -> Rows:
    """The encoded passages of speeches."""
    yield from encoded(data, "passages.json", 60)


def months(data: Path) -> Rows:
    """Every window of thirty months."""
    with (data / "sunspots.csv").open(newline="") as file:
        series = np.array([float(row["sunspots"]) for row in csv.DictReader(file)]) / 253.8
    for start in range(len(series) - 29):
        yield series[start : start + 30, np.newaxis].astype(np.float32)


def cars(data: Path) -> Rows:
    """The cars, encoded."""
    scale = json.loads((data / "normalisation.json").read_text("utf-8"))
    with (data / "cars.csv").open(newline="") as file:
        for car in csv.DictReader(file):
            numbers = [(float(car[name]) - s["mean"]) / s["deviation"] for name, s in scale.items()]
            yield np.array(numbers + [float(car["origin"] == o) for o in ("usa", "europe", "japan")], np.float32)


def birds(data: Path) -> Rows:
    """The four measures, normalised."""
    with (data / "penguins_size.csv").open(newline="") as file:
        for bird in csv.DictReader(file):
            names = ("culmen_length_mm", "culmen_depth_mm", "flipper_length_mm", "body_mass_g")
            measures = np.array([bird[name] for name in names], np.float32)
            yield (measures - np.array([44, 17, 200, 4200], np.float32)) / np.array([5.5, 2, 14, 800], np.float32)


def written_digits(data: Path) -> Rows:
    """The pictures of 8 × 8 pixels, 0 to 1."""
    table = np.loadtxt(data / "digits.csv", delimiter=",", skiprows=1, dtype=np.float32)
    yield from table[:, :64].reshape(-1, 8, 8) / np.float32(16)


def counted_months(data: Path) -> Rows:
    """Every window of thirty months, as counted."""
    with (data / "sunspots.csv").open(newline="") as file:
        series = np.array([float(row["sunspots"]) for row in csv.DictReader(file)])
    for start in range(len(series) - 29):
        yield series[start : start + 30, np.newaxis].astype(np.float32)


def days(data: Path) -> Rows:
    """Every window of 28 days."""
    with (data / "births.csv").open(newline="") as file:
        series = (np.array([float(row["births"]) for row in csv.DictReader(file)]) - 10000) / 10000
    for start in range(len(series) - 27):
        yield series[start : start + 28, np.newaxis].astype(np.float32)


def hours(data: Path) -> Rows:
    """Every window of 24 hours."""
    series: np.ndarray = np.loadtxt(data / "hours.csv", delimiter=",", skiprows=1, dtype=np.float32)
    series = series / np.array([272, 567, 1, 1, 1, 1], np.float32)
    for start in range(len(series) - 23):
        yield series[start : start + 24]


READERS: dict[str, Callable[[Path], Rows]] = {
    "line": points,
    "curve": points,
    "fuel": cars,
    "penguins": birds,
    "digits": written_digits,
    "fashion_mnist": clothing,
    "rock_paper_scissors": pictures,
    "horses_people": pictures,
    "pictures": stretched,
    "glosses": definitions,
    "deeds": deeds,
    "eras": passages,
    "sunspots": months,
    "sunspots_raw": counted_months,
    "births": days,
    "bicycles": hours,
}
