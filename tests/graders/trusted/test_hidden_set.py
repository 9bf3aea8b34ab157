"""Hidden sets: what a child sees, and that its answers find back to their labels."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graders.trusted.hidden_set import MOST_OPEN, HiddenSet, HiddenSetError, read

ROWS = 200


def _seen(hidden: HiddenSet, key: str = "1:a") -> NDArray[np.float32]:
    descriptor = hidden.open_inputs(key)
    with os.fdopen(descriptor, "rb") as file:
        return np.frombuffer(file.read(), hidden.dtype).reshape(hidden.shape)


def _sorted_by_class(seed: int = 0) -> HiddenSet:
    labels = np.sort(np.random.default_rng(seed).integers(0, 4, ROWS))
    return HiddenSet(labels[:, None].astype(np.float32), labels)


def test_predictions_find_back_to_their_labels() -> None:
    hidden = _sorted_by_class()

    for key in ("1:a", "2:a", "1:a"):
        assert np.array_equal(hidden.in_order(_seen(hidden, key), key)[:, 0], hidden.labels)


def test_the_order_of_the_inputs_tells_nothing() -> None:
    hidden = _sorted_by_class()
    seen = _seen(hidden)[:, 0]

    neighbours = float((seen[1:] == seen[:-1]).mean())
    assert neighbours < 0.5  # of inputs in the order of their classes it would be 0.98
    assert not np.array_equal(_seen(hidden), _seen(_sorted_by_class(1)))


def test_the_order_is_the_same_every_time() -> None:
    assert np.array_equal(_seen(_sorted_by_class()), _seen(_sorted_by_class()))


def test_each_key_has_an_order_of_its_own_and_keeps_it() -> None:
    hidden = HiddenSet(np.arange(ROWS, dtype=np.float32)[:, None], np.zeros(ROWS))
    first, second = _seen(hidden), _seen(hidden, "2:a")

    assert float((first == second).mean()) < 0.05  # places that agree by chance: 1 / ROWS
    assert np.array_equal(np.sort(first, axis=0), np.sort(second, axis=0))
    assert np.array_equal(_seen(hidden), first)


def test_what_one_child_reads_stays_while_another_key_is_served() -> None:
    hidden = HiddenSet(np.arange(ROWS, dtype=np.float32)[:, None], np.zeros(ROWS))
    expected, descriptor = _seen(hidden), hidden.open_inputs("1:a")

    _seen(hidden, "2:a")

    with os.fdopen(descriptor, "rb") as file:
        assert np.array_equal(np.frombuffer(file.read(), np.float32)[:, None], expected)


def test_texts_and_empty_rows_are_reordered_too() -> None:
    texts = np.array([f"text {n}" for n in range(ROWS)])
    hidden = HiddenSet(texts, np.zeros(ROWS))
    for key in ("1:a", "2:a"):
        assert list(_seen(hidden, key)) == [f"text {n}" for n in hidden.shuffled(key)]
    assert _seen(HiddenSet(np.empty((ROWS, 0), np.float32), np.zeros(ROWS))).shape == (ROWS, 0)


def test_nobody_can_write_what_a_child_sees() -> None:
    hidden = _sorted_by_class()
    descriptor = hidden.open_inputs("1:a")
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("fault", ["missing", "no-labels", "lengths", "empty", "no-zip", "pickle"])
def test_faults_are_named(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "hidden.npz"
    if fault == "no-zip":
        path.write_bytes(b"x" * 100)
    elif fault != "missing":
        labels = np.array([{}] * 3) if fault == "pickle" else np.zeros({"lengths": 2, "empty": 0}.get(fault, 3))
        inputs = np.zeros((0 if fault == "empty" else 3, 1))
        arrays: dict[str, Any] = {"inputs": inputs} if fault == "no-labels" else {"inputs": inputs, "labels": labels}
        np.savez(path, **arrays)

    with pytest.raises(HiddenSetError) as caught:
        read(os.fsencode(path))
    assert caught.value.found


@pytest.mark.parametrize(
    ("labels", "output", "asked_for"),
    [
        ((30, 5, 1), (None, 1), (5, 1)),
        ((30, 5, 2), (None, None), (5, 2)),
        ((30,), (None,), (None,)),
        ((30, 1), (None,), (None,)),
        ((30, 5), (None, None), (5, None)),
        ((30, 7), (7,), (7,)),
    ],
)
def test_open_lengths_are_those_of_the_labels(
    labels: tuple[int, ...], output: tuple[int | None, ...], asked_for: tuple[int | None, ...]
) -> None:
    hidden = HiddenSet(np.zeros((30, 2), np.float32), np.zeros(labels, np.float32))

    assert hidden.asked_for(output) == asked_for


def test_predictions_may_be_as_long_as_the_labels_ask_for_and_no_longer() -> None:
    hidden = HiddenSet(np.zeros((30, 2), np.float32), np.full((30, 5, 1), 3.0, np.float32))
    classes = HiddenSet(np.zeros((3, 2), np.float32), np.array([0, 99_999, 1]))

    assert hidden.expected(30, (None, 1)).most_values == 5
    assert 100_000 <= classes.expected(3, (None,)).most_values <= 1 << 20
    assert HiddenSet(np.zeros((4, 2)), np.full(4, np.nan)).expected(4, (None,)).most_values == MOST_OPEN


def _array(header: str, values: bytes = bytes(24)) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values


@pytest.mark.parametrize(
    "labels",
    [
        b"no array",
        _array("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,), }"),
        _array("(" * 9000),
        _array("{'a':\n"),
        _array("{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }"),
    ],
    ids=["no-array", "huge", "nested", "open", "bool"],
)
def test_arrays_that_lie_about_themselves_are_refused(labels: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hidden.npz"
    np.savez(path, inputs=np.zeros((3, 1)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.npy", labels)

    with pytest.raises(HiddenSetError):
        read(os.fsencode(path))


def test_an_archive_in_an_unusual_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hidden.npz"
    np.savez(path, inputs=np.zeros((3, 1)), labels=np.zeros(3))
    content = path.read_bytes()
    at = content.index(b"PK\1\2") + 6  # the version that is needed to unpack it
    path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])

    with pytest.raises(HiddenSetError, match="version"):
        read(os.fsencode(path))
