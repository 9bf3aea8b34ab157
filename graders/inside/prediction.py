"""One pass over the hidden inputs: the same batches every time, in bounded memory, and quick from the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from graders.contract import Contract
from graders.inside.checking import Outlet
from graders.inside.explanations import OURS, explain_call
from graders.inside.loaded import InputSpec, Loaded

# Rows of one batch: so many that all their input values together stay near this number, within the two bounds.
VALUES_IN_BATCH = 1 << 21
FEWEST_ROWS, MOST_ROWS = 8, 256


def predict(
    loaded: Loaded, spec: InputSpec, inputs: NDArray[Any], contract: Contract
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the predictions for all the inputs, (n, *contract.output_shape), and notes. Raises Refusal."""
    outlet = Outlet(contract)
    fixed = spec.shape[0] if spec.shape else None
    call = _call(loaded, spec)
    parts = []
    for batch, rows in _batches(inputs, fixed or _rows_in_batch(inputs)):
        try:
            if loaded.reset is not None:
                loaded.reset()
            outputs = call(_tensor(batch, spec))
        except OURS:
            raise
        except Exception as error:
            raise explain_call(error) from error
        parts.append(outlet.take(outputs, len(batch))[:rows])
    notes = list(outlet.notes)
    if fixed is not None and fixed != len(inputs):
        notes.append(f"The model takes batches of exactly {fixed}; the last one was filled up.")
    if loaded.reset is not None:
        notes.append("The model is stateful: its state was cleared before each batch.")
    return np.ascontiguousarray(np.concatenate(parts)), notes


def _call(loaded: Loaded, spec: InputSpec) -> Callable[[tf.Tensor], Any]:
    return loaded.call


def _rows_in_batch(inputs: NDArray[Any]) -> int:
    values = max(1, int(np.prod(inputs.shape[1:])))
    return int(np.clip(VALUES_IN_BATCH // values, FEWEST_ROWS, MOST_ROWS))


def _batches(inputs: NDArray[Any], size: int) -> Iterator[tuple[NDArray[Any], int]]:
    """Yield batches of exactly `size` rows and how many of them are real; the last is filled up with its last row.

    One size throughout means one traced graph, and sums that don't depend on where the last batch ends.
    """
    size = min(size, len(inputs)) if size <= 0 else size
    for start in range(0, len(inputs), size):
        batch = inputs[start : start + size]
        rows = len(batch)
        if rows < size:
            batch = np.concatenate([batch, np.repeat(batch[-1:], size - rows, axis=0)])
        yield batch, rows


def _tensor(batch: NDArray[Any], spec: InputSpec) -> tf.Tensor:
    if spec.dtype == "string":
        return tf.constant(batch)
    return tf.cast(tf.convert_to_tensor(batch), spec.dtype)
