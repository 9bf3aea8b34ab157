"""Rows that are the same in another file, form or scale: how hidden rows are found among public data. Needs NumPy."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mockexam.packs.workers.requests import Overlap

Array = np.ndarray[Any, Any]
DISTINCT = 8  # distinct values that a row needs to count: rows with fewer are equal by chance
STEPS = 1000  # into which the range of a row is divided
# Where a step ends: no k/r with r < 256 is near it, so that 8-bit values fall into the same step at every scale.
EDGE = 0.002
BLOCK = 16 << 20  # bytes of rows that are compared in one go
MOST_ROWS = 400_000  # of one file
SAMPLE = 512  # values of a row that are looked at to count its distinct ones


def known_among(hidden: Path, public: Iterator[Array]) -> Overlap:
    """How many hidden rows are among `public` rows, how many there are, and how many public ones were compared."""
    with np.load(hidden, allow_pickle=False) as arrays:
        inputs = arrays["inputs"]
    wanted = list(prints(inputs))
    seen: set[bytes] = set()
    compared = 0
    for rows in public:
        for one in prints(rows):
            compared += 1
            seen.add(one)
    return Overlap(known=sum(one in seen for one in wanted), hidden=len(inputs), public=compared)


def prints(rows: Array) -> Iterator[bytes]:
    """What identifies each row however its columns were scaled and shifted; rows with too few values are left out.

    Each column (the last axis; a vector is one column) is scaled to 0..1 and cut to thousandths.
    """
    if rows.dtype.kind in "SUO":
        yield from (_text_print(text) for text in rows.reshape(-1))
        return
    count = max(1, BLOCK // max(1, rows[:1].nbytes))
    for start in range(0, len(rows), count):
        block = rows[start : start + count].astype(np.float64).reshape(len(rows[start : start + count]), -1)
        columns = rows.shape[-1] if rows.ndim > 2 else 1
        telling = _distinct(block) >= min(DISTINCT, block.shape[1] + 1)
        shaped = block[telling].reshape(int(telling.sum()), block.shape[1] // columns, columns)
        low, high = shaped.min(axis=1, keepdims=True), shaped.max(axis=1, keepdims=True)
        scaled = np.floor((shaped - low) / np.where(high > low, high - low, 1) * STEPS - EDGE).astype(np.int16)
        yield from (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in scaled)


def of_files(public: Path, hidden: Path) -> Iterator[Array]:
    """Rows in the form of the hidden inputs, from the pictures, arrays, tables and texts below `public`."""
    with np.load(hidden, allow_pickle=False) as arrays:
        inputs = arrays["inputs"]
    shape, text = inputs.shape[1:], inputs.dtype.kind in "SU"
    for path in sorted(path for path in public.rglob("*") if path.is_file()):
        kind = path.suffix.lower()
        if text:
            yield from _texts(path)
        elif kind in (".png", ".jpg", ".jpeg") and len(shape) in (2, 3):
            yield from _picture(path, shape)
        elif kind in (".npz", ".npy"):
            for array in _arrays(path):
                yield from of_array(array, shape)
        elif kind in (".csv", ".tsv", ".txt"):
            yield from of_array(_table(path), shape)


def of_array(array: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Rows of shape `shape` from an array: its own rows, runs of its columns, and windows of its columns."""
    if array.dtype.kind not in "biuf" or array.ndim == 0 or not len(array):
        return
    size = int(np.prod(shape))
    if _core(array.shape[1:]) == _core(shape):
        yield array.reshape(len(array), *shape)
        return
    if array.ndim > 2:
        return
    table = array.reshape(len(array), -1)[:MOST_ROWS].astype(np.float32)
    if table.shape[1] >= size > 1:
        for first in range(min(table.shape[1] - size + 1, 4)):
            yield table[:, first : first + size].reshape(len(table), *shape)
    steps, features = (shape[0], shape[1] if len(shape) == 2 else 1) if shape else (0, 0)
    if len(shape) <= 2 and 1 < steps <= len(table) and features <= table.shape[1]:
        for first in range(table.shape[1] - features + 1):
            columns = table[:, first : first + features]
            windows = np.lib.stride_tricks.sliding_window_view(columns, steps, axis=0).swapaxes(1, 2)
            yield windows.reshape(len(windows), *shape)


def _core(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _distinct(block: Array) -> Array:
    """How many different values each row has, counted in a sample of its places."""
    places = np.unique(np.linspace(0, max(0, block.shape[1] - 1), SAMPLE).astype(int))
    ordered = np.sort(block[:, places], axis=1)
    distinct: Array = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1
    return distinct


def _text_print(text: Any) -> bytes:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return hashlib.blake2b(" ".join(plain.split()).encode(), digest_size=16).digest()


def _picture(path: Path, shape: tuple[int, ...]) -> Iterator[Array]:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB" if shape[2:] == (3,) else "L"), np.float32)
    except OSError:
        return
    if _core(pixels.shape) == _core(shape):
        yield pixels.reshape(1, *shape)


def _arrays(path: Path) -> Iterator[Array]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            yield found
            return
        with found:
            yield from (found[name] for name in found.files)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return


def _table(path: Path) -> Array:
    """The columns of a table that hold numbers in every line but the first: (rows, columns)."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        start = file.read(4096)
        file.seek(0)
        mark = "\t" if start.count("\t") > start.count(",") else ","
        lines = [line for _, line in zip(range(MOST_ROWS), csv.reader(file, delimiter=mark), strict=False) if line]
    width = min((len(line) for line in lines[1:]), default=0)
    columns = []
    for number in range(width):
        try:
            columns.append([float(line[number] or "nan") for line in lines[1:]])
        except ValueError:
            continue
    return np.nan_to_num(np.array(columns, np.float64).T) if columns else np.zeros((0, 0))


def _texts(path: Path) -> Iterator[Array]:
    """Every line of a file, every cell of a table and every text in a JSON file."""
    content = path.read_text("utf-8", "replace")
    found: list[str] = []
    if path.suffix.lower() == ".json":
        try:
            _walk(json.loads(content), found)
        except (ValueError, RecursionError):
            return
    else:
        found += content.splitlines()
        found += [cell for line in csv.reader(content.splitlines()) for cell in line]
    yield np.array(found, object)


def _walk(node: Any, found: list[str]) -> None:
    if isinstance(node, str):
        found.append(node)
    elif isinstance(node, dict | list):
        for item in node.values() if isinstance(node, dict) else node:
            _walk(item, found)
