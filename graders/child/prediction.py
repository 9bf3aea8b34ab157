"""One pass over the hidden inputs: the same batches every time, in bounded memory, and quick from the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from graders.child.checking.interface import Outlet
from graders.child.loading.explanations import OURS, explain_call
from graders.child.loading.loaded import InputSpec, Loaded
from graders.contract import Contract
from graders.sentences import Words, sentence

# A batch has as many rows as keep its input values near this number, within the two bounds.
VALUES_IN_BATCH = 1 << 20
FEWEST_ROWS, MOST_ROWS = 8, 256


def predict(
    loaded: Loaded, spec: InputSpec, inputs: NDArray[Any], contract: Contract
) -> tuple[NDArray[np.float32], list[Words]]:
    """Return the predictions for all the inputs, (n, *contract.output_shape), and notes. Raises Refusal."""
    outlet = Outlet(contract)
    fixed = spec.shape[0] if spec.shape else None
    call = _call(loaded, spec)
    parts = []
    for batch, rows in _batches(inputs, fixed):
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
        notes.append(sentence("The model takes batches of exactly {number}; the last one was filled up.", number=fixed))
    if loaded.reset is not None:
        notes.append(sentence("The model is stateful: its state was cleared before each batch."))
    return np.ascontiguousarray(np.concatenate(parts)), notes


def _call(loaded: Loaded, spec: InputSpec) -> Callable[[tf.Tensor], Any]:
    """Return the model as one graph for batches of any length, or as it is where it can't be traced.

    Tracing costs less than what it saves from the second batch on, and recurrent layers run step by step without it.
    """
    if loaded.compiled or spec.shape is None:
        return loaded.call
    signature = [tf.TensorSpec(spec.shape, spec.dtype)]
    traced: Callable[[tf.Tensor], Any] = tf.function(loaded.call, input_signature=signature, autograph=False)
    try:
        traced.get_concrete_function()  # type: ignore[attr-defined]
    except OURS:
        raise
    except Exception:
        return loaded.call
    return traced


def _rows_in_batch(inputs: NDArray[Any]) -> int:
    values = max(1, int(np.prod(inputs.shape[1:])))
    return int(np.clip(VALUES_IN_BATCH // values, FEWEST_ROWS, MOST_ROWS))


def _batches(inputs: NDArray[Any], fixed: int | None) -> Iterator[tuple[NDArray[Any], int]]:
    """Yield batches and how many of their rows are real: where the model fixes the size, the last is filled up."""
    size = fixed or _rows_in_batch(inputs)
    for start in range(0, len(inputs), size):
        batch = inputs[start : start + size]
        rows = len(batch)
        if fixed and rows < fixed:
            batch = np.concatenate([batch, np.repeat(batch[-1:], fixed - rows, axis=0)])
        yield batch, rows


def _tensor(batch: NDArray[Any], spec: InputSpec) -> tf.Tensor:
    if spec.dtype == "string":
        return tf.constant(batch)
    return tf.cast(tf.convert_to_tensor(batch), spec.dtype)
