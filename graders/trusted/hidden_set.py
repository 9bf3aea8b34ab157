"""Hidden sets: inputs for the child, labels that stay here.

Read once and kept, because a candidate submits to the same problem again and again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import math
import mmap
import os
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.lib.format as npy
from numpy.typing import NDArray

from graders.frames import VALUE_BYTES, Expected
from graders.scoring.draws import Indices, Stream
from graders.sentences import Words, sentence
from graders.trusted.independence.order import order_of

KEPT_BYTES = 512 << 20
MOST_OPEN = 1 << 16  # values on an axis whose length neither the contract nor the labels give
MOST_OPEN_BYTES = 64 << 20
SEAL_ALL = 0b1111  # no further seals, no shrinking, growing or writing


class HiddenSetError(Exception):
    """The hidden set can't be read; `found` says why."""

    def __init__(self, found: Words) -> None:
        super().__init__(str(found))
        self.found = found


class HiddenSet:
    """Inputs (in anonymous memory that nobody can write) and labels of `rows` examples.

    A child sees the inputs in an order of the submission's key, not in that of the labels. That order would give
    answers away: in hidden sets sorted by class, and in forecasts, where the next window holds this one's answer. Nor
    can what is learned of a place in it be used under another key. Nobody can work it out without key and labels.
    """

    def __init__(self, inputs: NDArray[Any], labels: NDArray[Any], time: NDArray[Any] | None = None) -> None:
        self.rows = len(inputs)
        self.shape = inputs.shape
        self.dtype = inputs.dtype.str
        self.bytes_of_inputs = inputs.nbytes
        self.bytes = inputs.nbytes + labels.nbytes
        self.labels = labels
        self.order = order_of(inputs, time)
        self._digest = hashlib.sha256(labels.tobytes()).hexdigest()
        self._key: str | None = None  # of the order in which the inputs are kept, None: that of the labels
        self._memory = _sealed(inputs)
        self._lock = threading.Lock()

    def shuffled(self, key: str) -> Indices:
        """Which row comes at each place of the order that children see, (n,); the same for the same key and labels."""
        # untranslated: it seeds a stream
        words = Stream(f"order of inputs {self.shape} {self._digest}\0{key}").words(self.rows)
        return np.argsort(words, kind="stable")

    def in_order(self, predictions: NDArray[np.float32], key: str) -> NDArray[np.float32]:
        """Predictions for the inputs in the order of `key`, (n, ...), put in the order of the labels."""
        ordered = np.empty_like(predictions)
        ordered[self.shuffled(key)] = predictions
        return ordered

    def open_inputs(self, key: str) -> int:
        """A new descriptor for reading the inputs in the order of `key`, from their start; the caller closes it."""
        with self._lock:
            if key != self._key and self.bytes_of_inputs:
                self._reorder(key)
            # Re-opened, not duplicated: two children must not share a position, and none may write.
            with contextlib.suppress(OSError):
                return os.open(f"/proc/self/fd/{self._memory}", os.O_RDONLY | os.O_CLOEXEC)
            return os.dup(self._memory)

    def _reorder(self, key: str) -> None:
        """Keep the inputs in another order; children that have them open keep the memory they were given."""
        order = self.shuffled(key) if self._key is None else np.argsort(self.shuffled(self._key))[self.shuffled(key)]
        memory = self._sealed_rows(order)
        os.close(self._memory)
        self._memory, self._key = memory, key

    def inputs_of(self, rows: Sequence[int]) -> int:
        """A new descriptor of the inputs of some rows, by their place among the labels; the caller closes it."""
        chosen = np.asarray(rows)
        with self._lock:
            places = chosen if self._key is None else np.argsort(self.shuffled(self._key))[chosen]
            return self._sealed_rows(places)

    def _sealed_rows(self, places: Indices) -> int:
        """A new descriptor of the inputs that are kept at these places."""
        if not self.bytes_of_inputs:
            return os.dup(self._memory)
        with mmap.mmap(self._memory, self.bytes_of_inputs, prot=mmap.PROT_READ) as kept:
            inputs: NDArray[Any] = np.frombuffer(kept, self.dtype).reshape(self.shape)
            chosen = inputs[places]
            del inputs  # a mapping that is in use can't be closed
        return _sealed(chosen)

    def asked_for(self, output_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of an example's output, open lengths as long as its label's; the classes may stay open."""
        sizes = self.labels.shape[1:]
        found: list[int | None] = []
        for axis, size in enumerate(output_shape):
            # Of the last axis a label may give the class in place of a value for each.
            classes = axis == len(output_shape) - 1 and (axis >= len(sizes) or sizes[axis] == 1)
            found.append(size if size is not None or axis >= len(sizes) or classes else sizes[axis])
        return tuple(found)

    def expected(self, rows: int, output_shape: tuple[int | None, ...]) -> Expected:
        """What `rows` predictions must be; where their length stays open, long enough for any class there is."""
        shape = self.asked_for(output_shape)
        known = math.prod(size for size in shape if size is not None)
        if None not in shape:
            return Expected((rows, *shape), known)
        highest = int(np.nan_to_num(self.labels, posinf=0.0).max()) + 1 if self.labels.dtype.kind in "iuf" else 1
        open_values = max(highest, MOST_OPEN_BYTES // (VALUE_BYTES * rows * max(known, 1)))
        return Expected((rows, *shape), known * min(open_values, max(highest, MOST_OPEN)))

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.close(self._memory)


def _sealed(array: NDArray[Any]) -> int:
    """The raw values in a file without a name, sealed where the system can."""
    if hasattr(os, "memfd_create"):  # only Linux has it, and seals
        descriptor = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    left = memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    while left:
        left = left[os.write(descriptor, left) :]
    if hasattr(fcntl, "F_ADD_SEALS"):
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEAL_ALL)
    return descriptor


def read(path: bytes) -> HiddenSet:
    """Read `inputs` and `labels` from an .npz; raises HiddenSetError."""
    try:
        with Path(os.fsdecode(path)).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for name in {"inputs", "labels", "time"}.intersection(arrays.files):
                _require_as_long_as_it_says(arrays.zip, f"{name}.npy")
            inputs, labels = arrays["inputs"], arrays["labels"]
            time = arrays.get("time")
    except KeyError as error:
        raise HiddenSetError(sentence("the hidden set has no array named {error}", error=error)) from error
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # NumPy, zipfile and tokenize raise whatever a file leads them to
        raise HiddenSetError(sentence("the hidden set can't be read: {error}", error=error)) from error
    if not (isinstance(inputs, np.ndarray) and isinstance(labels, np.ndarray)):
        raise HiddenSetError(sentence("the hidden set has a file that is no array"))
    if inputs.ndim < 1 or labels.ndim < 1 or len(inputs) != len(labels) or not len(inputs):
        raise HiddenSetError(
            sentence(
                "the hidden set has inputs of shape {inputs} and labels of shape {labels}",
                inputs=inputs.shape,
                labels=labels.shape,
            )
        )
    if time is not None and (
        time.shape != labels.shape[:1] or time.dtype.kind not in "fiu" or not np.isfinite(time).all()
    ):
        raise HiddenSetError(sentence("the hidden set's array time must have one number for each row"))
    return HiddenSet(inputs, labels, time)


def _require_as_long_as_it_says(archive: zipfile.ZipFile, member: str) -> None:
    """Raise ValueError for an array whose shape asks for more than there are bytes; for others what NumPy raises.

    So whoever has too little memory for an array knows that it isn't the file's fault.
    """
    if member not in archive.namelist():
        return  # a file that is no array
    with archive.open(member) as file:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
        if math.prod(shape) * dtype.itemsize > archive.getinfo(member).file_size:
            raise ValueError(f"{member} has fewer values than its shape {shape} says")


class _Key(NamedTuple):
    path: bytes
    changed: int
    size: int


class HiddenSets:
    """The sets read so far, the oldest dropped when they take more than `kept_bytes`."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._kept: dict[_Key, HiddenSet] = {}
        self._lock = threading.Lock()

    def get(self, path: bytes) -> HiddenSet:
        """The set at `path` as it is now; raises HiddenSetError."""
        try:
            state = Path(os.fsdecode(path)).stat()
        except OSError as error:
            raise HiddenSetError(sentence("the hidden set can't be read: {error}", error=error.strerror)) from error
        key = _Key(path, state.st_mtime_ns, state.st_size)
        with self._lock:
            found = self._kept.pop(key, None) or read(path)
            self._kept[key] = found
            while len(self._kept) > 1 and sum(kept.bytes for kept in self._kept.values()) > self._kept_bytes:
                self._kept.pop(next(iter(self._kept)))
            return found
